package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.ParameterModel;

/** How a parameter is kept. */
public record WeightPlan(ParameterModel parameter, Kind kind) {

  /** As {@code dev.mezzo.Weight.Kind}. */
  public enum Kind {
    /** FP32 master, 16-bit shadow. */
    MASTER,
    /** In 16 bits only. */
    HALF_ONLY,
    /** In FP32 only. */
    FULL
  }
}
