package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.optim.Sgd;
import dev.mezzo.programs.CompiledPrograms;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.Shape;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One parameter that a model reaches through an array, a list, a map and layers in these. */
class TiedTest {
  private static final int SIZE = 4;
  private static final int PLACES = 7;

  private static final String SOURCE =
      """
      package random;

      import static dev.mezzo.Ops.*;
      import dev.mezzo.*;
      import dev.mezzo.annotations.*;
      import java.util.*;

      @Half
      @LossScaled
      public record Shared(
          @MasterFp32 Parameter[] array,
          @MasterFp32 List<Parameter> list,
          @MasterFp32 Map<String, Parameter> map,
          List<Block> blocks,
          Map<String, Block> more) {
        public Tensor loss(Tensor x) {
          Tensor h = x;
          for (Parameter gain : array) {
            h = multiply(h, gain);
          }
          h = tanh(add(h, list.getFirst()));
          h = multiply(h, map.get("a"));
          for (Block block : blocks) {
            h = block.forward(h);
          }
          return mean(more.get("b").forward(h));
        }

        @Half
        public record Block(@MasterFp32 Parameter gain) {
          public Tensor forward(Tensor x) {
            return tanh(multiply(x, gain));
          }
        }
      }
      """;

  private static final Device BEFORE = Device.current();

  @TempDir static Path directory;

  private static @Nullable ClassLoader classes;

  @BeforeAll
  static void compile() {
    Device.setDefault(Device.of(new ScalarBackend()));
    CompiledPrograms compiled = CompiledPrograms.compile(Map.of("Shared", SOURCE), directory);
    assertEquals(List.of(), compiled.errors());
    classes = compiled.classes();
  }

  @AfterAll
  static void restore() {
    Device.setDefault(BEFORE);
  }

  /** The same numbers in seven parameters have seven gradients, whose sum is that of the one. */
  @Test
  void itsGradientIsTheSumOfItsPlaces() throws ReflectiveOperationException {
    float[] sum = new float[SIZE];
    try (Training apart = training(model(false), HalfFormat.NONE)) {
      step(apart);
      assertEquals(PLACES, apart.weights().size());
      for (WeightView weight : apart.weights()) {
        float[] gradient = requireNonNull(weight.gradient());
        for (int i = 0; i < SIZE; i++) {
          sum[i] += gradient[i];
        }
      }
    }
    try (Training tied = training(model(true), HalfFormat.NONE)) {
      step(tied);
      float[] gradient = requireNonNull(tied.weights().getFirst().gradient());
      assertArrayEquals(sum, gradient, PLACES * 0x1p-23f);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FP16", "BF16"})
  void itHasOneMasterOneShadowAndOneUpdate(HalfFormat half) throws ReflectiveOperationException {
    try (Training training = training(model(true), half)) {
      assertEquals(List.of("array.0"), training.weights().stream().map(WeightView::path).toList());
      WeightView weight = training.weights().getFirst();
      float[] before = weight.values();
      step(training);
      float[] gradient = requireNonNull(weight.gradient());
      for (int i = 0; i < SIZE; i++) {
        float expected = before[i] - 0.5f * gradient[i];
        assertEquals(expected, weight.values()[i], 2 * Math.ulp(expected), "updated once");
      }
      MemoryUse use = training.memoryUse();
      assertEquals(4L * SIZE, use.weights());
      assertEquals(2L * SIZE, use.shadows());
      assertEquals(2L * SIZE, use.gradients());
      assertEquals(4L * SIZE, use.optimizerState());
    }
  }

  private static void step(Training training) {
    float[] numbers = new float[3 * SIZE];
    Random random = new Random(2);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat(-1, 1);
    }
    FormBench.call(training, "step", Tensor.of(Shape.of(3, SIZE), numbers));
  }

  private static Training training(Object model, HalfFormat half) {
    Class<?> form = FormBench.formOf(model.getClass());
    TrainingBuilder<?> builder =
        (TrainingBuilder<?>) requireNonNull(FormBench.callStatic(form, "training", model));
    return (Training)
        builder
            .half(half)
            .optimizer(Sgd.of(0.5f).withMomentum(0.9f))
            .lossScale(LossScale.fixed(16))
            .build();
  }

  /** Two objects of Block share the parameter, and one object of it stands in two places. */
  private static Object model(boolean tied) throws ReflectiveOperationException {
    Parameter one = parameter();
    Object block = block(one);
    Object again = tied ? block : block(parameter());
    return make(
        "random.Shared",
        new Parameter[] {one, tied ? one : parameter()},
        List.of(tied ? one : parameter()),
        Map.of("a", tied ? one : parameter()),
        List.of(tied ? block : block(parameter()), block(tied ? one : parameter())),
        Map.of("b", again));
  }

  private static Parameter parameter() {
    return Parameter.uniform(Shape.of(SIZE), 0.8f, new Random(3));
  }

  private static Object block(Parameter gain) throws ReflectiveOperationException {
    return make("random.Shared$Block", gain);
  }

  private static Object make(String name, Object... arguments) throws ReflectiveOperationException {
    Constructor<?> constructor =
        Class.forName(name, true, requireNonNull(classes)).getDeclaredConstructors()[0];
    return constructor.newInstance(arguments);
  }
}
