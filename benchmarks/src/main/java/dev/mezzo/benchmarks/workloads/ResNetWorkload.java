package dev.mezzo.benchmarks.workloads;

import dev.mezzo.Tensor;
import dev.mezzo.Training;
import dev.mezzo.examples.MixedResNetClassifier;
import dev.mezzo.examples.ResNet18;
import dev.mezzo.examples.ResNetClassifier;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.Sgd;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.Random;

/** W5: ResNet-18 on one random batch of 64 images of 32 by 32 pixels in three colours. */
public final class ResNetWorkload implements Workload {

  private static final int BATCH = 64;
  private static final int SIDE = 32;
  private static final int COLOURS = 3;
  private static final int CLASSES = 10;

  /** Counted layer by layer. */
  private static final long MACS = 555_422_720;

  private static final long FIRST = 1024 * 27 * 64;

  /** The workload. */
  public ResNetWorkload() {}

  @Override
  public int batch() {
    return BATCH;
  }

  @Override
  public long flop() {
    return 2 * BATCH * (3 * MACS - FIRST);
  }

  @Override
  public String optimizer() {
    return "sgd";
  }

  @Override
  public Session open(TrainingForm form) {
    Random random = new Random(1);
    ResNetClassifier model = new ResNetClassifier(ResNet18.create(COLOURS, random));
    Sgd sgd = Sgd.of(0.02f).withMomentum(0.9f);
    MixedResNetClassifier training =
        new Recipe(form, sgd).open(MixedResNetClassifier.training(model));
    float[] pixels = new float[BATCH * SIDE * SIDE * COLOURS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    int[] classes = random.ints(BATCH, 0, CLASSES).toArray();
    Tensor images = Tensor.of(Shape.of(BATCH, SIDE, SIDE, COLOURS), pixels);
    Tensor labels = Tensor.allocate(Shape.of(BATCH), DType.INT32).copyFrom(classes);
    return new Session() {
      @Override
      public Training training() {
        return training;
      }

      @Override
      public Step next() {
        return () -> training.step(images, labels);
      }

      @Override
      public void close() {
        training.close();
        images.close();
        labels.close();
      }
    };
  }
}
