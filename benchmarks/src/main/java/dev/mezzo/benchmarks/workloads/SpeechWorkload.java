package dev.mezzo.benchmarks.workloads;

import dev.mezzo.Tensor;
import dev.mezzo.Training;
import dev.mezzo.examples.MixedSpeechRecognizer;
import dev.mezzo.examples.Speech;
import dev.mezzo.examples.SpeechRecognizer;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.Sgd;
import dev.mezzo.types.Shape;
import java.util.Random;

/** W6: speech on one fixed batch of random spectrograms and labels. */
public final class SpeechWorkload implements Workload {

  private static final int BATCH = 8;
  private static final int TIME = 128;
  private static final int FREQUENCIES = 64;
  private static final int HIDDEN = 256;
  private static final int CLASSES = 29;
  private static final int LABELS = 20;
  private static final long FIRST = 32L * 64 * 451 * 32;
  private static final long MACS =
      FIRST + 16L * 64 * 32 * 231 * 32 + 64L * 3 * 2 * 3 * 256 * (512 + 256) + 64L * 512 * 29;

  @Override
  public int batch() {
    return BATCH;
  }

  @Override
  public long flop() {
    return 2L * BATCH * (3 * MACS - FIRST);
  }

  @Override
  public String optimizer() {
    return "sgd";
  }

  @Override
  public Session open(TrainingForm form) {
    Speech net = Speech.create(FREQUENCIES, HIDDEN, CLASSES, new Random(1));
    MixedSpeechRecognizer training =
        new Recipe(form, Sgd.of(1e-3f).withMomentum(0.9f))
            .open(MixedSpeechRecognizer.training(new SpeechRecognizer(net)));
    Random random = new Random(2);
    float[] values = new float[BATCH * TIME * FREQUENCIES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    int[] labels = random.ints(BATCH * LABELS, 1, CLASSES).toArray();
    return new Fixed(
        training,
        Tensor.of(Shape.of(BATCH, TIME, FREQUENCIES, 1), values),
        Tensor.ofInts(Shape.of(BATCH, LABELS), labels));
  }

  private record Fixed(MixedSpeechRecognizer model, Tensor spectrograms, Tensor labels)
      implements Session {

    @Override
    public Training training() {
      return model;
    }

    @Override
    public Step next() {
      return () -> model.step(spectrograms, labels);
    }
  }
}
