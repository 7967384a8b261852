package dev.mezzo;

import dev.mezzo.models.MixedSmallCnn;
import dev.mezzo.models.MixedSmallGpt;
import dev.mezzo.models.MixedSmallLstm;
import dev.mezzo.models.MixedSmallMlp;
import dev.mezzo.models.SmallCnn;
import dev.mezzo.models.SmallGpt;
import dev.mezzo.models.SmallLstm;
import dev.mezzo.models.SmallMlp;
import dev.mezzo.types.Shape;
import java.util.Random;

/**
 * A small model on a device, whose training javac wrote, and a batch for each step. The same seed
 * gives the same weights and batches on every device.
 *
 * @param training what javac wrote
 * @param step its step
 * @param evaluate its evaluation
 * @param batches of the steps: inputs and labels
 */
record SmallTraining(Training training, Step step, Evaluate evaluate, Tensor[][] batches)
    implements AutoCloseable {

  private static final int BATCHES = 5;

  /** The models. */
  enum Kind {
    MLP,
    CNN,
    GPT,
    LSTM
  }

  /** The training class's method. */
  interface Step {
    StepResult of(Tensor x, Tensor labels);
  }

  /** The training class's method. */
  interface Evaluate {
    float of(Tensor x, Tensor labels);
  }

  /** Settings of a training, whichever its class. */
  interface Settings {
    <T extends Training> TrainingBuilder<T> on(TrainingBuilder<T> builder);
  }

  static SmallTraining open(Kind kind, Device device, Settings settings) {
    Device before = Device.current();
    Device.setDefault(device);
    try {
      Random random = new Random(11);
      return switch (kind) {
        case MLP -> {
          var t = settings.on(MixedSmallMlp.training(SmallMlp.create(random))).build();
          yield new SmallTraining(t, t::step, t::evaluate, images(random, Shape.of(40, 19)));
        }
        case CNN -> {
          var t = settings.on(MixedSmallCnn.training(SmallCnn.create(random))).build();
          yield new SmallTraining(t, t::step, t::evaluate, images(random, Shape.of(6, 8, 8, 1)));
        }
        case GPT -> {
          var t = settings.on(MixedSmallGpt.training(SmallGpt.create(random))).build();
          yield new SmallTraining(t, t::step, t::evaluate, texts(random, Shape.of(4, 9)));
        }
        case LSTM -> {
          var t = settings.on(MixedSmallLstm.training(SmallLstm.create(random))).build();
          yield new SmallTraining(t, t::step, t::evaluate, texts(random, Shape.of(9, 5)));
        }
      };
    } finally {
      Device.setDefault(before);
    }
  }

  /** The {@code i}th step. */
  StepResult next(int i) {
    Tensor[] batch = batches[i % BATCHES];
    return step.of(batch[0], batch[1]);
  }

  /** The loss of the first batch, in inference. */
  float firstLoss() {
    return evaluate.of(batches[0][0], batches[0][1]);
  }

  @Override
  public void close() {
    training.close();
    for (Tensor[] batch : batches) {
      for (Tensor each : batch) {
        each.close();
      }
    }
  }

  private static Tensor[][] images(Random random, Shape shape) {
    Tensor[][] batches = new Tensor[BATCHES][];
    for (int i = 0; i < BATCHES; i++) {
      float[] values = new float[(int) shape.size()];
      for (int k = 0; k < values.length; k++) {
        values[k] = (float) random.nextGaussian();
      }
      int[] labels = random.ints(shape.dim(0), 0, 5).toArray();
      batches[i] =
          new Tensor[] {Tensor.of(shape, values), Tensor.ofInts(Shape.of(labels.length), labels)};
    }
    return batches;
  }

  private static Tensor[][] texts(Random random, Shape shape) {
    Tensor[][] batches = new Tensor[BATCHES][];
    for (int i = 0; i < BATCHES; i++) {
      int[] ids = random.ints(shape.size(), 0, 11).toArray();
      int[] next = random.ints(shape.size(), 0, 11).toArray();
      batches[i] = new Tensor[] {Tensor.ofInts(shape, ids), Tensor.ofInts(shape, next)};
    }
    return batches;
  }
}
