package dev.mezzo.examples.training;

import dev.mezzo.HalfFormat;
import dev.mezzo.scaling.LossScale;
import java.util.List;

/**
 * One of the forms in which the same generated class trains.
 *
 * @param name a word for tables and JSON
 * @param description a line for a reader
 * @param half the 16-bit format, or none
 * @param masterWeights whether weights have an FP32 master copy
 * @param lossScale the rule of the loss scale
 */
public record TrainingForm(
    String name, String description, HalfFormat half, boolean masterWeights, LossScale lossScale) {

  /** Everything in FP32. */
  public static final TrainingForm FP32 =
      new TrainingForm(
          "FP32", "FP32 throughout, the baseline", HalfFormat.NONE, true, LossScale.none());

  /** The paper's method. */
  public static final TrainingForm MIXED =
      new TrainingForm(
          "mixed",
          "FP16, FP32 master weights, dynamic loss scaling",
          HalfFormat.FP16,
          true,
          LossScale.dynamic());

  /** The paper's method without master weights. */
  public static final TrainingForm NO_MASTER =
      new TrainingForm(
          "no master",
          "FP16, no master weights, dynamic loss scaling",
          HalfFormat.FP16,
          false,
          LossScale.dynamic());

  /** The paper's method without loss scaling. */
  public static final TrainingForm NO_SCALING =
      new TrainingForm(
          "no scaling",
          "FP16, FP32 master weights, no loss scaling",
          HalfFormat.FP16,
          true,
          LossScale.none());

  /** The four that the demo sets side by side. */
  public static final List<TrainingForm> ALL = List.of(FP32, MIXED, NO_MASTER, NO_SCALING);
}
