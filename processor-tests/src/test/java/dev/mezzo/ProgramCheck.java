package dev.mezzo;

import dev.mezzo.annotations.MixedForm;
import dev.mezzo.programs.Masks;
import dev.mezzo.programs.Matrix;
import dev.mezzo.programs.ModelObjects;
import dev.mezzo.programs.Oracle;
import dev.mezzo.programs.Oracle.Direction;
import dev.mezzo.programs.Oracle.Estimate;
import dev.mezzo.programs.Program;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Compares what was generated of a program with its own class, and with FP64.
 *
 * <p>Tolerances come from {@link Oracle}: the root mean square of what random errors of one
 * rounding at each operation do to the number compared, times {@link #SPREADS}. A number is off by
 * more only if the roundings that happened are far less likely than those that were drawn; a
 * gradient without one of its terms is off by much more.
 */
final class ProgramCheck {
  /** Times the root mean square of 8 samples; the errors are near to normally distributed. */
  private static final double SPREADS = 16;

  /** FP32 kernels round within, too, and their functions are good to a few units. */
  private static final double FP32_UNIT = 4 * 0x1p-24;

  /**
   * Where tanh, sigmoid or softmax is flat, its slope is computed from its rounded result, 1 - y²,
   * and is off by two units of the gradient that comes in, however small it is itself.
   */
  private static final double FLAT = 2;

  /**
   * Gradients are computed scaled, as in training, so that few vanish; scaled down where they pass
   * what multiplies them beyond FP16's largest number, as several norms of equal rows do.
   */
  private static final float[] SCALES = {256, 16, 1, 0x1p-10f, 0x1p-20f};

  /** What vanishes below FP16's least magnitude, times how much is behind it. */
  private static final double UNDERFLOW = 0x1p-25 * 64;

  /** FP16's. */
  private static final double LARGEST = 65504;

  private final Program program;
  private final Oracle inference;
  private final Oracle training;
  private final ModelObjects objects;
  private final Object model;
  private final MixedForm form;
  private final List<Tensor> inputs;
  private final Matrix dy;
  private final List<Direction> directions;
  private final Map<Direction, Estimate> slopes = new HashMap<>();

  ProgramCheck(Program program, Masks masks, ClassLoader classes) {
    this.program = program;
    this.inference = new Oracle(program, null);
    this.training = new Oracle(program, masks);
    this.objects = new ModelObjects(program, classes);
    this.model = objects.model();
    this.form =
        Objects.requireNonNull(FormBench.formOf(model.getClass()).getAnnotation(MixedForm.class));
    this.inputs = objects.inputs();
    Random random = new Random(program.seed());
    this.dy = new Matrix(3, 4, random.doubles(12, -1, 1).map(v -> (float) v).toArray());
    this.directions = training.directions(random);
  }

  /** What is wrong; empty if nothing is. */
  Optional<String> failure() {
    objects.resetStates();
    float[] eager = FormBench.eager(model, objects.arguments(inputs).toArray()).toFloats();
    Optional<String> failure =
        far("forward, eager", eager, inference.output(), inference.spread(FP32_UNIT));
    if (failure.isPresent()) {
      return failure;
    }
    try (FormBench bench = new FormBench(model, DType.FP32)) {
      if (!Arrays.equals(eager, bench.infer(arguments(inputs)).toFloats())) {
        return Optional.of("inference in FP32 is not the eager forward");
      }
      boolean same = !training.differsFromInference();
      if (same && !Arrays.equals(eager, bench.forward(arguments(inputs)).toFloats())) {
        return Optional.of("forward in FP32 is not the eager forward");
      }
    }
    return failure(DType.FP32, FP32_UNIT)
        .or(() -> failure(DType.FP16, 0x1p-11))
        .or(() -> failure(DType.BF16, 0x1p-8));
  }

  private Optional<String> failure(DType half, double unit) {
    Run run = null;
    for (float scale : half == DType.FP16 ? SCALES : new float[] {1}) {
      run = run(half, scale);
      if (run.isFinite()) {
        break;
      }
    }
    Run found = Objects.requireNonNull(run);
    return far("forward in " + half, found.output(), training.output(), training.spread(unit))
        .or(
            () ->
                far(
                    "states in " + half,
                    found.states(),
                    training.states(),
                    training.statesSpread(unit)))
        .or(() -> Optional.ofNullable(wrongGradient(found, half, unit)));
  }

  private @Nullable String wrongGradient(Run run, DType half, double unit) {
    for (Direction direction : directions) {
      Estimate slope = slopes.computeIfAbsent(direction, d -> training.slope(d, dy));
      float[] gradient = run.of(direction);
      if (gradient == null) {
        if (slope.value() != 0) {
          return "gradient in %s of %s is missing: %s".formatted(half, direction, slope);
        }
        continue;
      }
      double along = 0;
      for (int i = 0; i < gradient.length; i++) {
        along += gradient[i] * direction.along().values()[i];
      }
      double tolerance =
          SPREADS * slope.spread(unit)
              + FLAT * unit * size()
              + (half == DType.FP16 ? UNDERFLOW / run.scale() : 0);
      if (!run.isFinite() && tolerance > LARGEST) {
        continue; // it may overflow without the scale, too
      }
      if (!(Math.abs(along / run.scale() - slope.value()) <= tolerance)) {
        return "gradient in %s of %s is %s, not %s within %s"
            .formatted(half, direction, along / run.scale(), slope.value(), tolerance);
      }
    }
    return null;
  }

  private double size() {
    return Arrays.stream(dy.values()).map(Math::abs).sum();
  }

  private static Optional<String> far(String what, float[] found, Matrix exact, double spread) {
    double squares = 0;
    for (int i = 0; i < found.length; i++) {
      squares += Math.pow(found[i] - exact.values()[i], 2);
    }
    double tolerance = SPREADS * spread + 0x1p-24;
    return Math.sqrt(squares) <= tolerance
        ? Optional.empty()
        : Optional.of(what + " is off by " + Math.sqrt(squares) + ", not " + tolerance);
  }

  /**
   * What a step gave.
   *
   * @param states behind forward
   * @param inputs gradients; null of those that have none
   * @param weights gradients by number
   */
  private record Run(
      float scale,
      float[] output,
      float[] states,
      List<float @Nullable []> inputs,
      Map<Integer, float[]> weights) {
    float @Nullable [] of(Direction direction) {
      return direction.weight() ? weights.get(direction.index()) : inputs.get(direction.index());
    }

    boolean isFinite() {
      return weights.values().stream().allMatch(Run::isFinite)
          && inputs.stream().allMatch(g -> g == null || isFinite(g));
    }

    private static boolean isFinite(float[] values) {
      for (float value : values) {
        if (!Float.isFinite(value)) {
          return false;
        }
      }
      return true;
    }
  }

  private Run run(DType half, float scale) {
    Device device = Device.current();
    long open = device.memory().liveTensors();
    Run run;
    try (FormBench bench = new FormBench(model, half)) {
      List<Tensor> given = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        given.add(bench.given(inputs.get(i), form.inputs()[i]));
      }
      objects.resetStates();
      Tensor y = bench.forward(arguments(given));
      float[] output = y.toFloats();
      List<float @Nullable []> gradients = backward(bench, y, scale);
      Map<Integer, float[]> weights = new HashMap<>();
      Map<String, Parameter> parameters = bench.parameters();
      bench
          .gradients()
          .forEach(
              (path, gradient) ->
                  weights.put(objects.numbers().get(parameters.get(path)), gradient));
      if (bench.tape().size() != 0) {
        throw new AssertionError("left on the tape: " + bench.tape().size());
      }
      given.forEach(Tensor::close);
      run = new Run(scale, output, objects.states(), gradients, weights);
    }
    FormBench.assertNoneLeft(device, open);
    return run;
  }

  /** The gradients of the inputs; closes the result. */
  private List<float @Nullable []> backward(FormBench bench, Tensor y, float scale) {
    int wanted = 0;
    for (boolean differentiable : form.differentiable()) {
      wanted += differentiable ? 1 : 0;
    }
    List<float @Nullable []> gradients = new ArrayList<>();
    try (Tensor full = Tensor.of(y.shape(), scaled(scale));
        Tensor gradient = Ops.cast(full, y.dtype())) {
      y.close();
      boolean[] flags = new boolean[wanted];
      Arrays.fill(flags, true);
      @Nullable Tensor[] results =
          wanted == 0 && !form.parameters()
              ? new @Nullable Tensor[0]
              : bench.backward(gradient, flags);
      int next = 0;
      for (boolean differentiable : form.differentiable()) {
        Tensor dx = differentiable ? results[next++] : null;
        gradients.add(dx == null ? null : dx.toFloats());
        if (dx != null) {
          dx.close();
        }
      }
    }
    return gradients;
  }

  private float[] scaled(float scale) {
    float[] values = new float[dy.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (dy.values()[i] * scale);
    }
    return values;
  }

  private Object[] arguments(List<Tensor> tensors) {
    List<Object> arguments = new ArrayList<>(tensors);
    arguments.addAll(program.plain());
    return arguments.toArray();
  }
}
