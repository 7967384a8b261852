package dev.mezzo.examples.gan;

import dev.mezzo.Ops;
import dev.mezzo.Tensor;
import dev.mezzo.optim.AdamW;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.Random;

/**
 * A generative adversarial network: two trainings that share a discriminator, each with its own
 * optimizer and loss scale.
 *
 * @see <a href="https://arxiv.org/abs/1406.2661">Goodfellow et al., Generative Adversarial Nets</a>
 */
public final class Gan {

  private static final int BATCH = 64;
  private static final int NOISE = 4;
  private static final int HIDDEN = 32;

  private final Random random;
  private final Generator generator;
  private final Discriminator discriminator;

  /** With random weights. */
  Gan(long seed) {
    random = new Random(seed);
    generator = Generator.create(NOISE, HIDDEN, 2, random);
    discriminator = Discriminator.create(2, HIDDEN, random);
  }

  /** Trains, and shows a few points, which should lie around (2, −1). */
  public static void main(String[] args) {
    Gan gan = new Gan(1);
    gan.train(1000);
    System.out.println(gan.sample(8));
  }

  /** Trains both, in turns. */
  void train(int rounds) {
    AdamW adam = AdamW.of(1e-3f).withBetas(0.5f, 0.99f);
    try (var judge =
            MixedDiscriminatorLoss.training(new DiscriminatorLoss(discriminator))
                .optimizer(adam)
                .build();
        var maker =
            MixedGeneratorLoss.training(new GeneratorLoss(generator, discriminator))
                .optimizer(adam)
                .frozen(weight -> weight.path().startsWith("discriminator."))
                .build();
        Tensor yes = constant(1f);
        Tensor no = constant(0f);
        Tensor both = Ops.concat(yes, no, 0)) {
      for (int round = 0; round < rounds; round++) {
        try (Tensor noise = noise(BATCH);
            Tensor made = generator.forward(noise);
            Tensor real = real();
            Tensor points = Ops.concat(real, made, 0)) {
          judge.step(points, both);
          maker.step(noise, yes); // reads the discriminator as it is now
        }
      }
    }
  }

  /** Points that the generator makes. */
  Tensor sample(int count) {
    try (Tensor noise = noise(count)) {
      return generator.forward(noise);
    }
  }

  /** Points around (2, −1). */
  private Tensor real() {
    float[] values = new float[2 * BATCH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 2 == 0 ? 2f : -1f) + 0.5f * (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(BATCH, 2), values);
  }

  private Tensor noise(int count) {
    float[] values = new float[NOISE * count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(count, NOISE), values);
  }

  private static Tensor constant(float value) {
    return Tensor.allocate(Shape.of(BATCH, 1), DType.FP32).fill(value);
  }
}
