package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.goldens.GoodSources;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The generated code, run on the real runtime: values, gradients, memory. */
class GeneratedCodeTest {
  /**
   * Rounding errors, in units of FP32's last place of the largest value, that a forward here may
   * gather.
   */
  private static final double ROUNDINGS = 32;

  /**
   * Roundings to 16 bits on the longest way through a layer here, forward and backward, times how
   * much the operations behind one may enlarge its relative error.
   */
  private static final double HALF_ROUNDINGS = 48;

  private static final Device DEVICE = Device.of(new ScalarBackend());
  private static final Device BEFORE = Device.current();

  @TempDir static Path directory;

  private static FormCase.@Nullable Maker maker;

  @BeforeAll
  static void compile() {
    maker = new FormCase.Maker(GoodSources.compile(directory).classes());
    Device.setDefault(DEVICE);
  }

  @AfterAll
  static void restore() {
    Device.setDefault(BEFORE);
  }

  static Stream<FormCase> cases() {
    return FormCase.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void forwardWithoutHalfIsTheEagerForward(FormCase layer) {
    Object model = model(layer);
    List<Tensor> inputs = inputs(layer);
    float[] eager = FormBench.eager(model, arguments(layer, inputs)).toFloats();
    try (FormBench bench = new FormBench(model, DType.FP32)) {
      assertArrayEquals(eager, bench.infer(arguments(layer, inputs)).toFloats());
      if (!layer.random()) {
        assertArrayEquals(eager, bench.forward(arguments(layer, inputs)).toFloats());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void backwardIsTheSlopeOfForward(FormCase layer) {
    Object model = model(layer);
    List<Tensor> inputs = inputs(layer);
    float[] dy = weights(layer, output(layer, model, inputs).length);
    Gradients found = gradients(layer, model, inputs, dy, DType.FP32, all(layer));
    Random random = new Random(3);
    boolean wrongIsCaught = false;
    for (Direction direction : directions(layer, found, random)) {
      Slope slope = slope(layer, model, inputs, dy, direction);
      double gradient = direction.dot(found);
      assertTrue(slope.admits(gradient), direction.what() + ": " + gradient + " is not " + slope);
      wrongIsCaught |= !slope.admits(gradient * 1.03);
    }
    assertTrue(wrongIsCaught, "a gradient that is wrong by 3 % would pass");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void halfIsFullButForItsRoundings(FormCase layer) {
    Object model = model(layer);
    List<Tensor> inputs = inputs(layer);
    int size = output(layer, model, inputs).length;
    float[] dy = weights(layer, size);
    Gradients full = gradients(layer, model, inputs, dy, DType.FP32, all(layer));
    for (DType half : List.of(DType.FP16, DType.BF16)) {
      double rounding = half == DType.FP16 ? 0x1p-11 : 0x1p-8;
      Gradients found = gradients(layer, model, inputs, dy, half, all(layer));
      assertClose(full.output(), found.output(), HALF_ROUNDINGS * rounding, "output");
      for (int i = 0; i < inputs.size(); i++) {
        assertClose(full.input(i), found.input(i), HALF_ROUNDINGS * rounding, "input " + i);
      }
      assertEquals(full.weights().keySet(), found.weights().keySet());
      full.weights()
          .forEach(
              (path, gradient) ->
                  assertClose(
                      gradient,
                      found.weights().getOrDefault(path, new float[0]),
                      HALF_ROUNDINGS * rounding,
                      path));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void leavesNoTensorOpenWhateverIsWanted(FormCase layer) {
    Object model = model(layer);
    List<Tensor> inputs = inputs(layer);
    float[] dy = weights(layer, output(layer, model, inputs).length);
    Gradients reference = gradients(layer, model, inputs, dy, DType.FP16, all(layer));
    for (int wanted = 0; wanted < 1 << inputs.size(); wanted++) {
      boolean[] flags = new boolean[inputs.size()];
      for (int i = 0; i < flags.length; i++) {
        flags[i] = (wanted >> i & 1) == 1;
      }
      long before = DEVICE.memory().liveTensors();
      Gradients found = gradients(layer, model, inputs, dy, DType.FP16, flags);
      FormBench.assertNoneLeft(DEVICE, before);
      for (int i = 0; i < flags.length; i++) {
        if (flags[i]) {
          assertArrayEquals(reference.input(i), found.input(i));
        } else {
          assertNull(found.inputs().get(i));
        }
      }
      assertEquals(reference.weights().keySet(), found.weights().keySet());
      reference.weights().forEach((path, g) -> assertArrayEquals(g, found.weights().get(path)));
    }
  }

  /** What a run has given. */
  private record Gradients(
      float[] output, List<float @Nullable []> inputs, Map<String, float[]> weights) {
    float[] input(int index) {
      float[] gradient = inputs.get(index);
      assertNotNull(gradient);
      return gradient;
    }
  }

  private static Gradients gradients(
      FormCase layer, Object model, List<Tensor> inputs, float[] dy, DType half, boolean[] wanted) {
    long open = DEVICE.memory().liveTensors();
    List<float @Nullable []> found = new ArrayList<>();
    float[] output;
    Map<String, float[]> weights;
    try (FormBench bench = new FormBench(model, half)) {
      List<Tensor> given = inputs.stream().map(x -> bench.given(x, layer.input())).toList();
      Tensor y = bench.forward(arguments(layer, given));
      output = y.toFloats();
      try (Tensor full = Tensor.of(y.shape(), dy);
          Tensor gradient = Ops.cast(full, y.dtype())) {
        y.close();
        @Nullable Tensor[] results = bench.backward(gradient, wanted);
        for (int i = 0; i < results.length; i++) {
          Tensor dx = results[i];
          found.add(dx == null ? null : dx.toFloats());
          if (dx != null) {
            assertEquals(given.get(i).dtype(), dx.dtype(), "type of the gradient of input " + i);
            assertEquals(given.get(i).shape(), dx.shape(), "shape of the gradient of input " + i);
            dx.close();
          }
        }
      }
      assertEquals(0, bench.tape().size(), "left on the tape");
      given.forEach(Tensor::close);
      weights = bench.gradients();
    }
    FormBench.assertNoneLeft(DEVICE, open);
    return new Gradients(output, found, weights);
  }

  /** A way to move in: an input or a parameter, along {@code values}. */
  private record Direction(int input, String path, float[] values) {
    String what() {
      return input >= 0 ? "input " + input : path;
    }

    double dot(Gradients gradients) {
      float[] gradient =
          input >= 0 ? gradients.input(input) : gradients.weights().getOrDefault(path, values);
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += (double) gradient[i] * values[i];
      }
      return sum;
    }
  }

  private static List<Direction> directions(FormCase layer, Gradients found, Random random) {
    List<Direction> directions = new ArrayList<>();
    for (int repeat = 0; repeat < 3; repeat++) {
      for (int i = 0; i < layer.shapes().size(); i++) {
        directions.add(new Direction(i, "", signs(found.input(i).length, random)));
      }
      found
          .weights()
          .forEach((path, g) -> directions.add(new Direction(-1, path, signs(g.length, random))));
    }
    return directions;
  }

  private static float[] signs(int size, Random random) {
    float[] signs = new float[size];
    for (int i = 0; i < size; i++) {
      signs[i] = random.nextBoolean() ? 1 : -1;
    }
    return signs;
  }

  private static Slope slope(
      FormCase layer, Object model, List<Tensor> inputs, float[] dy, Direction direction) {
    float[] y = output(layer, model, inputs);
    double size = 0;
    for (int i = 0; i < y.length; i++) {
      size += Math.abs(dy[i]) * Math.max(1, Math.abs(y[i]));
    }
    return Slope.of(
        h -> weighed(moved(layer, model, inputs, direction, h), dy), ROUNDINGS * 0x1p-24 * size);
  }

  private static double weighed(float[] y, float[] dy) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += (double) y[i] * dy[i];
    }
    return sum;
  }

  private static float[] moved(
      FormCase layer, Object model, List<Tensor> inputs, Direction direction, double h) {
    if (direction.input() >= 0) {
      List<Tensor> moved = new ArrayList<>(inputs);
      Tensor x = inputs.get(direction.input());
      moved.set(direction.input(), Tensor.of(x.shape(), moved(x.toFloats(), direction, h)));
      return output(layer, model, moved);
    }
    Parameter parameter;
    try (FormBench bench = new FormBench(model, DType.FP32)) {
      parameter = bench.parameters().get(direction.path());
    }
    assertNotNull(parameter);
    float[] before = parameter.toFloats();
    parameter.copyFrom(moved(before, direction, h));
    float[] y = output(layer, model, inputs);
    parameter.copyFrom(before);
    return y;
  }

  private static float[] moved(float[] values, Direction direction, double h) {
    float[] moved = values.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (h * direction.values()[i]);
    }
    return moved;
  }

  /**
   * Of the user's own class; where training draws random numbers, of the generated one with the
   * same seed.
   */
  private static float[] output(FormCase layer, Object model, List<Tensor> inputs) {
    if (!layer.random()) {
      return FormBench.eager(model, arguments(layer, inputs)).toFloats();
    }
    try (FormBench bench = new FormBench(model, DType.FP32)) {
      return bench.forward(arguments(layer, inputs)).toFloats();
    }
  }

  private static Object model(FormCase layer) {
    return layer.model().apply(requireNonNull(maker), new Random(5));
  }

  private static List<Tensor> inputs(FormCase layer) {
    Random random = new Random(9);
    List<Tensor> inputs = new ArrayList<>();
    for (Shape shape : layer.shapes()) {
      inputs.add(Tensor.of(shape, values((int) shape.size(), random)));
    }
    return inputs;
  }

  private static float[] weights(FormCase layer, int size) {
    return values(size, new Random(layer.name().hashCode()));
  }

  private static float[] values(int size, Random random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return values;
  }

  private static Object[] arguments(FormCase layer, List<Tensor> inputs) {
    List<Object> arguments = new ArrayList<>(inputs);
    arguments.addAll(layer.plain());
    return arguments.toArray();
  }

  private static boolean[] all(FormCase layer) {
    boolean[] all = new boolean[layer.shapes().size()];
    Arrays.fill(all, true);
    return all;
  }

  /** In the Euclidean norm. */
  private static void assertClose(float[] expected, float[] found, double tolerance, String what) {
    assertEquals(expected.length, found.length, what);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) found[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    assertFalse(Double.isNaN(difference), what);
    assertTrue(
        Math.sqrt(difference) <= tolerance * Math.sqrt(norm),
        what + ": off by " + Math.sqrt(difference / norm) + ", but at most " + tolerance);
  }
}
