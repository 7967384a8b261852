package dev.mezzo.examples.report;

import dev.mezzo.ExponentHistogram;
import dev.mezzo.HalfFormat;
import dev.mezzo.LayerStatistics;
import dev.mezzo.MemoryUse;
import dev.mezzo.StepStatistics;
import dev.mezzo.Tensor;
import dev.mezzo.WeightStatistics;
import dev.mezzo.examples.training.GradientStatistics;
import dev.mezzo.examples.training.RunResult;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.types.Shape;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A report with numbers made up so that each can be told from the others. */
final class SampleReport {

  private SampleReport() {}

  /** Four forms, of which the third stopped with NaN; predictions of so many test images. */
  static Report of(int tests) {
    Setup setup =
        new Setup(
            "1.2.3", "25", "a <device>", "some/folder", 512, tests, "784-10", "SGD", 256, 2, 7, 5);
    return new Report(
        setup,
        List.of(
            run(TrainingForm.FP32, 1f, tests, 0, null),
            run(TrainingForm.MIXED, 65536f, tests, 1, null),
            run(TrainingForm.NO_MASTER, 65536f, tests, 2, "too many skips"),
            run(TrainingForm.NO_SCALING, 1f, tests, 3, null)));
  }

  private static RunResult run(
      TrainingForm form, float scale, int tests, int index, @Nullable String stopped) {
    boolean failed = stopped != null;
    List<Float> losses = failed ? List.of(2f, Float.NaN) : List.of(2f, 1f, 0.5f, 0.25f);
    return new RunResult(
        form,
        losses,
        Collections.nCopies(losses.size(), scale),
        failed ? List.of(0.1) : List.of(0.5, 0.875),
        IntStream.range(0, tests).map(i -> (i + (i == 1 ? index : 0)) % 10).boxed().toList(),
        List.of(0.010, 0.012, 0.5),
        new MemoryUse(4_000_000, 2_000_000, 2_500_000, 3_000_000, 1_500_000),
        failed ? 2 : 0,
        statistics(scale),
        layers(scale),
        stopped);
  }

  /** A layer whose gradients are a quarter in FP16's range, a quarter subnormal, and half zero. */
  private static StepStatistics layers(float scale) {
    float[] gradients = {0.25f, 0x1p-20f, 0f, 0f};
    try (Tensor tensor = Tensor.of(Shape.of(4), gradients)) {
      ExponentHistogram values = ExponentHistogram.of(tensor, 1f);
      return new StepStatistics(
          1,
          scale,
          HalfFormat.FP16,
          List.of(
              new LayerStatistics("net.first", "Linear", List.of("Mlp.java:24"), values, values)),
          List.of(new WeightStatistics("net.first.weight", "Linear.java:51 linear", values, 4, 1)));
    }
  }

  /** Of two gradients below 2⁻²⁴, a scale of 2¹⁶ keeps one. */
  private static GradientStatistics statistics(float scale) {
    float[] gradients = {0.25f, 0x1p-30f, 0f, 0x1p-60f};
    try (Tensor tensor = Tensor.of(Shape.of(4), gradients)) {
      return new GradientStatistics(
          ExponentHistogram.of(tensor, 1f), ExponentHistogram.of(tensor, scale), 3, 200, 50);
    }
  }
}
