package dev.mezzo.backend;

/**
 * What steers an update, in the backend's memory, so that no step waits for the host.
 *
 * @param flags INT32, one per weight: its gradient was not finite; cleared by the host's {@code
 *     fill} before backward
 * @param squares FP32 scalar: Σ of squares of the unscaled gradients; cleared likewise
 * @param overflow INT32 scalar: any flag was set
 * @param factor FP32 scalar: what a scaled gradient is multiplied by (unscale and clip)
 * @param applied INT32 scalar: steps applied so far, this one included once {@code beginUpdate} has
 *     run
 * @param rates FP32: learning rates by applied steps, used modulo its size; filled ahead by the
 *     host
 * @param rate FP32 scalar: this step's learning rate
 * @param scale FP32 scalar: the loss scale
 * @param scaleCounters INT32 of 2: good steps in a row, overflows tolerated so far (see LossScale)
 */
public record StepControl(
    Operand flags,
    Operand squares,
    Operand overflow,
    Operand factor,
    Operand applied,
    Operand rates,
    Operand rate,
    Operand scale,
    Operand scaleCounters) {}
