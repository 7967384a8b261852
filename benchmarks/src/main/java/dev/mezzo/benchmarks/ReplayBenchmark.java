package dev.mezzo.benchmarks;

import dev.mezzo.HalfFormat;
import dev.mezzo.Tensor;
import dev.mezzo.examples.Classifier;
import dev.mezzo.examples.MixedClassifier;
import dev.mezzo.examples.Mlp;
import dev.mezzo.layers.Linear;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.Shape;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Times steps that do not overflow with and without the means to run one again, by turns in one
 * JVM. The network is small (784-64-64-10, 8 images), so that a fixed cost would show.
 */
public final class ReplayBenchmark {

  /** Of the thread, so that other work on the machine does not count; kernels run on it alone. */
  private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

  private static final int IMAGES = 8;
  private static final int PIXELS = 784;
  private static final int UNITS = 64;
  private static final int CLASSES = 10;

  private ReplayBenchmark() {}

  /**
   * The medians of all rounds.
   *
   * @param with microseconds of CPU of a step that could be run again
   * @param without of one that could not
   * @param ratio the median of the rounds' ratios: each is of two neighbours in time
   */
  public record Result(double with, double without, double ratio) {}

  /**
   * Measures, on the default device, which must have one thread.
   *
   * @param rounds of both kinds, the order changing from round to round
   * @param steps of one kind in a round
   */
  public static Result measure(int rounds, int steps) {
    Random random = new Random(1);
    float[] pixels = new float[IMAGES * PIXELS];
    int[] labels = new int[IMAGES];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = random.nextInt(CLASSES);
    }
    try (Tensor x = Tensor.of(Shape.of(IMAGES, PIXELS), pixels);
        Tensor y = Tensor.ofInts(Shape.of(IMAGES), labels);
        MixedClassifier with = open(true);
        MixedClassifier without = open(false)) {
      List<Double> ons = new ArrayList<>();
      List<Double> offs = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int round = -Math.max(2, rounds / 4); round < rounds; round++) {
        boolean first = round % 2 == 0;
        double one = microseconds(first ? with : without, x, y, steps);
        double other = microseconds(first ? without : with, x, y, steps);
        if (round >= 0) {
          ons.add(first ? one : other);
          offs.add(first ? other : one);
          ratios.add(ons.getLast() / offs.getLast());
        }
      }
      return new Result(median(ons), median(offs), median(ratios));
    }
  }

  private static MixedClassifier open(boolean replays) {
    Random random = new Random(7);
    Mlp net =
        new Mlp(
            new Linear(PIXELS, UNITS, random),
            new Linear(UNITS, UNITS, random),
            new Linear(UNITS, CLASSES, random));
    return MixedClassifier.training(new Classifier(net))
        .optimizer(Sgd.of(1e-4f))
        .half(HalfFormat.FP16)
        .lossScale(LossScale.fixed(1024))
        .traceOverflows(replays)
        .build();
  }

  private static double microseconds(MixedClassifier training, Tensor x, Tensor y, int steps) {
    long skipped = training.skippedSteps();
    long start = CLOCK.getCurrentThreadCpuTime();
    for (int i = 0; i < steps; i++) {
      training.step(x, y);
    }
    double micros = (CLOCK.getCurrentThreadCpuTime() - start) / 1e3 / steps;
    if (training.skippedSteps() != skipped) {
      throw new IllegalStateException("a step was skipped, which is not what is measured");
    }
    return micros;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
