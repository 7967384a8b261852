package dev.mezzo.backend.conformance;

import dev.mezzo.backend.StepControl;
import dev.mezzo.types.DType;

/** The values that steer an update, in the middle of a training. */
final class Control {

  static final float SCALE = 1024;
  static final float FACTOR = 0.5f / SCALE;
  static final float RATE = 0.125f;
  static final int APPLIED = 5;

  final Buffer flags;
  final Buffer squares;
  final Buffer overflow;
  final Buffer factor;
  final Buffer applied;
  final Buffer rates;
  final Buffer rate;
  final Buffer scale;
  final Buffer scaleCounters;

  Control(Bench bench) {
    flags = bench.result(DType.INT32, 3).setInts(0, 0, 0);
    squares = bench.result(DType.FP32, 1).set(0.5);
    overflow = bench.result(DType.INT32, 1).setInts(0);
    factor = bench.result(DType.FP32, 1).set(FACTOR);
    applied = bench.result(DType.INT32, 1).setInts(APPLIED);
    rates = bench.result(DType.FP32, 4).set(0.1, 0.2, 0.3, 0.4);
    rate = bench.result(DType.FP32, 1).set(RATE);
    scale = bench.result(DType.FP32, 1).set(SCALE);
    scaleCounters = bench.result(DType.INT32, 2).setInts(0, 0);
  }

  StepControl step() {
    return new StepControl(
        flags.operand(),
        squares.operand(),
        overflow.operand(),
        factor.operand(),
        applied.operand(),
        rates.operand(),
        rate.operand(),
        scale.operand(),
        scaleCounters.operand());
  }
}
