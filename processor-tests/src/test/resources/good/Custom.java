package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.cast;
import static dev.mezzo.Ops.stopGradient;
import static dev.mezzo.Ops.subtract;
import static dev.mezzo.annotations.PrecisionClass.DENY;
import static dev.mezzo.annotations.PrecisionClass.FOLLOW;

import dev.mezzo.Parameter;
import dev.mezzo.Tape;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Gradient;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.annotations.Op;

/** Operations of one's own, and two straight-through estimators. */
@Half
record Custom(@MasterFp32 Parameter shift, float step) {
  Tensor forward(Tensor x, Tensor rows) {
    Tensor h = add(x, shift);
    Tensor byConstant = add(h, stopGradient(subtract(round(h, step), h)));
    Tensor byRule = roundThrough(stopGradient(x), step);
    Tensor frozen = add(byRule, stopGradient(shift));
    return hinge(add(roundThrough(byConstant, step), frozen), rows);
  }

  /** To the nearest multiple of {@code step}. Without gradient. */
  @Op(FOLLOW)
  static Tensor round(Tensor x, float step) {
    float[] values = x.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.rint(values[i] / step) * step;
    }
    try (Tensor rounded = Tensor.of(x.shape(), values)) {
      return cast(rounded, x.dtype());
    }
  }

  /** The same; backward passes the gradient through as if it were {@code x} itself. */
  @Op(FOLLOW)
  static Tensor roundThrough(Tensor x, float step) {
    return round(x, step);
  }

  @Gradient(of = "roundThrough", wrt = "x")
  static Tensor roundThroughGradient(Tensor dy) {
    return dy.retain();
  }

  /** {@code max(x, 0)} of the rows that {@code rows}, of integers, does not exclude by a zero. */
  @Op(DENY)
  static Tensor hinge(Tensor x, Tensor rows) {
    return hinge(Tape.inference(), x, rows);
  }

  /** Generated code calls this one: what it saves, its gradient restores. */
  static Tensor hinge(Tape tape, Tensor x, Tensor rows) {
    float[] values = x.toFloats();
    int[] kept = rows.toInts();
    int width = values.length / kept.length;
    float[] mask = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      mask[i] = values[i] > 0 && kept[i / width] != 0 ? 1 : 0;
      values[i] *= mask[i];
    }
    tape.save((Object) mask);
    return Tensor.of(x.shape(), values);
  }

  @Gradient(of = "hinge", wrt = "x")
  static Tensor hingeGradient(Tape tape, Tensor dy, dev.mezzo.types.Layout x) {
    float[] mask = tape.restore(float[].class);
    float[] values = dy.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= mask[i];
    }
    try (Tensor dx = Tensor.of(dy.shape(), values)) {
      return cast(dx, x.dtype());
    }
  }
}
