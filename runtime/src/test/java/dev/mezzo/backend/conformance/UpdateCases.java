package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The optimizers' passes. */
final class UpdateCases {

  /** Gradient, master, shadow. */
  private static final List<List<DType>> TYPES =
      List.of(
          List.of(DType.FP16, DType.FP32, DType.FP16),
          List.of(DType.BF16, DType.FP32, DType.BF16),
          List.of(DType.FP32, DType.FP32, DType.FP32),
          List.of(DType.FP16, DType.FP16, DType.FP16));

  private UpdateCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase("checkFinite", same(1), AWKWARD, UpdateCases::checkFinite),
        new KernelCase("beginUpdate", same(1), new int[] {3}, UpdateCases::begin),
        new KernelCase("endUpdate", same(1), new int[] {3}, UpdateCases::end),
        new KernelCase("sgd", TYPES, AWKWARD, (b, n, t) -> sgd(b, n, t, 0, false)),
        new KernelCase("sgd with momentum", TYPES, AWKWARD, (b, n, t) -> sgd(b, n, t, 0.9f, false)),
        new KernelCase(
            "sgd with Nesterov momentum", TYPES, AWKWARD, (b, n, t) -> sgd(b, n, t, 0.9f, true)),
        new KernelCase("adamW", TYPES, AWKWARD, UpdateCases::adamW),
        new KernelCase("an overflow writes nothing", TYPES, AWKWARD, UpdateCases::overflow));
  }

  private static void checkFinite(Bench bench, int size, List<DType> types) {
    Buffer x = bench.operand(types.get(0), size);
    Control control = new Control(bench);
    bench.backend().checkFinite(x.operand(), control.step(), 1);
    double sum = 0;
    for (double value : x.get()) {
      sum += value / Control.SCALE * (value / Control.SCALE);
    }
    bench.checkExact(control.flags, new double[] {0, 0, 0});
    bench.check(
        control.squares,
        new double[] {0.5 + sum},
        new double[] {(size + 4) * U * sum + U * (0.5 + sum)});
    for (double bad :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      for (int at : new int[] {0, size / 2, size - 1}) {
        if (size > 0) {
          Control other = new Control(bench);
          double[] values = x.get();
          values[at] = bad;
          bench
              .backend()
              .checkFinite(bench.values(types.get(0), values).operand(), other.step(), 2);
          bench.checkExact(other.flags, new double[] {0, 0, 1});
        }
      }
    }
  }

  private static void begin(Bench bench, int size, List<DType> types) {
    for (float maxNorm : new float[] {Float.POSITIVE_INFINITY, 100, 0.25f}) {
      Control control = new Control(bench);
      bench.backend().beginUpdate(control.step(), maxNorm);
      double expected = Math.min(1, maxNorm / Math.sqrt(0.5)) / Control.SCALE;
      bench.checkExact(control.overflow, new double[] {0});
      bench.check(control.factor, new double[] {expected}, new double[] {4 * U * expected});
      bench.checkExact(control.applied, new double[] {Control.APPLIED + 1});
      // The sixth step takes rate 5 mod 4.
      bench.checkExact(control.rate, new double[] {control.rates.get()[1]});
    }
    for (int flag = 0; flag < size; flag++) {
      Control control = new Control(bench);
      int[] flags = new int[size];
      flags[flag] = 1;
      control.flags.setInts(flags);
      bench.backend().beginUpdate(control.step(), Float.POSITIVE_INFINITY);
      bench.checkExact(control.overflow, new double[] {1});
      bench.checkExact(control.applied, new double[] {Control.APPLIED});
    }
  }

  /**
   * A walk through growth, overflow, floor, ceiling and hysteresis, as the rule itself takes it.
   */
  private static void end(Bench bench, int size, List<DType> types) {
    LossScale rule = new LossScale(Control.SCALE, 2, 0.5f, 3, 256, 4096, 2, 0, 0);
    LossScale expected = rule;
    Control control = new Control(bench);
    for (int step = 0; step < 60; step++) {
      boolean overflow = (step > 20 && step < 28) || step % 7 == 3;
      control.overflow.setInts(overflow ? 1 : 0);
      bench.backend().endUpdate(control.step(), rule);
      expected = expected.next(!overflow);
      bench.checkExact(control.scale, new double[] {expected.scale()});
      bench.checkExact(
          control.scaleCounters, new double[] {expected.goodSteps(), expected.overflows()});
    }
  }

  private static void sgd(
      Bench bench, int size, List<DType> types, float momentum, boolean nesterov) {
    float decay = 0.01f;
    Control control = new Control(bench);
    Buffer gradient =
        bench.values(types.get(0), bench.random().doubles(size, -3000, 3000).toArray());
    Buffer velocity =
        bench.result(DType.FP32, size).set(bench.random().doubles(size, -1, 1).toArray());
    Buffer master =
        bench.result(types.get(1), size).set(bench.random().doubles(size, -1, 1).toArray());
    Buffer shadow = types.get(1) == DType.FP32 ? bench.result(types.get(2), size) : null;
    double[] v = velocity.get();
    double[] w = master.get();
    bench
        .backend()
        .sgd(
            new SgdStep(
                control.step(),
                gradient.operand(),
                momentum == 0 ? null : velocity.operand(),
                master.operand(),
                shadow == null ? null : shadow.operand(),
                momentum,
                nesterov,
                decay));
    double[] g = gradient.get();
    double[] vError = new double[size];
    double[] wError = new double[size];
    for (int i = 0; i < size; i++) {
      double unscaled = g[i] * Control.FACTOR + decay * w[i];
      double before = momentum == 0 ? 0 : v[i];
      double magnitude =
          Math.abs(g[i] * Control.FACTOR) + Math.abs(decay * w[i]) + Math.abs(momentum * before);
      double after = momentum * before + unscaled;
      double step = nesterov ? unscaled + momentum * after : after;
      v[i] = momentum == 0 ? v[i] : after;
      vError[i] = momentum == 0 ? 0 : 5 * U * magnitude + TINY;
      wError[i] = Control.RATE * 12 * U * 2 * magnitude + U * Math.abs(w[i]) + TINY;
      w[i] -= Control.RATE * step;
      wError[i] += U * Math.abs(w[i]);
    }
    bench.check(velocity, v, vError);
    bench.check(master, w, wError);
    checkShadow(bench, master, shadow);
  }

  private static void adamW(Bench bench, int size, List<DType> types) {
    Control control = new Control(bench);
    Buffer gradient =
        bench.values(types.get(0), bench.random().doubles(size, -3000, 3000).toArray());
    Buffer mean = bench.result(DType.FP32, size).set(bench.random().doubles(size, -1, 1).toArray());
    Buffer variance =
        bench.result(DType.FP32, size).set(bench.random().doubles(size, 0, 1).toArray());
    Buffer master =
        bench.result(types.get(1), size).set(bench.random().doubles(size, -1, 1).toArray());
    Buffer shadow = types.get(1) == DType.FP32 ? bench.result(types.get(2), size) : null;
    double[] m = mean.get();
    double[] v = variance.get();
    double[] w = master.get();
    AdamWStep step =
        new AdamWStep(
            control.step(),
            gradient.operand(),
            mean.operand(),
            variance.operand(),
            master.operand(),
            shadow == null ? null : shadow.operand(),
            0.9f,
            0.999f,
            1e-8f,
            0.01f);
    bench.backend().adamW(step);
    double[] g = gradient.get();
    double[] mError = new double[size];
    double[] vError = new double[size];
    double[] wError = new double[size];
    double mCorrection = 1 - Math.pow(step.beta1(), Control.APPLIED);
    double vCorrection = 1 - Math.pow(step.beta2(), Control.APPLIED);
    // 1 − β₂ᵗ is small: its relative error is that of β₂ᵗ, t·u at most, over it.
    double relative = (12 + (Control.APPLIED + 2) / vCorrection) * U;
    for (int i = 0; i < size; i++) {
      double unscaled = g[i] * Control.FACTOR;
      double fresh = (1 - step.beta1()) * unscaled;
      mError[i] = 4 * U * (Math.abs(step.beta1() * m[i]) + Math.abs(fresh)) + TINY;
      m[i] = step.beta1() * m[i] + fresh;
      v[i] = step.beta2() * v[i] + (1 - step.beta2()) * unscaled * unscaled;
      vError[i] = 6 * U * v[i] + TINY;
      double root = Math.sqrt(v[i] / vCorrection) + step.epsilon();
      double change = m[i] / mCorrection / root;
      double decayed = step.weightDecay() * w[i];
      wError[i] =
          Control.RATE
                  * (mError[i] / mCorrection / root
                      + relative * (Math.abs(change) + Math.abs(decayed)))
              + U * Math.abs(w[i]);
      w[i] -= Control.RATE * (change + decayed);
      wError[i] += U * Math.abs(w[i]);
    }
    bench.check(mean, m, mError);
    bench.check(variance, v, vError);
    bench.check(master, w, wError);
    checkShadow(bench, master, shadow);
  }

  private static void checkShadow(Bench bench, Buffer master, @Nullable Buffer shadow) {
    if (shadow != null) {
      bench.checkExact(
          shadow,
          Arrays.stream(master.get()).map(w -> Rounding.nearest(w, shadow.dtype())).toArray());
    }
  }

  /** Every byte of weight, shadow and state is as before. */
  private static void overflow(Bench bench, int size, List<DType> types) {
    Control control = new Control(bench);
    control.overflow.setInts(1);
    Buffer gradient = bench.special(types.get(0), size);
    Buffer first = bench.operand(DType.FP32, size);
    Buffer second = bench.operand(DType.FP32, size);
    Buffer master = bench.operand(types.get(1), size);
    Buffer shadow = bench.operand(types.get(2), size);
    bench
        .backend()
        .sgd(
            new SgdStep(
                control.step(),
                gradient.operand(),
                first.operand(),
                master.operand(),
                shadow.operand(),
                0.9f,
                false,
                0));
    bench
        .backend()
        .adamW(
            new AdamWStep(
                control.step(),
                gradient.operand(),
                first.operand(),
                second.operand(),
                master.operand(),
                shadow.operand(),
                0.9f,
                0.999f,
                1e-8f,
                0.01f));
  }
}
