package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.programs.CompiledPrograms;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training is the same with {@code -Amezzo.fusion=off}: what kernels finish, and what is one
 * pass, is but another way to the same numbers.
 */
class FusionOffTest {

  /** Each producer with an activation or a residual behind it; gains that are read twice. */
  private static final String MODEL =
      """
      package random;
      import static dev.mezzo.Ops.*;
      import dev.mezzo.*;
      import dev.mezzo.annotations.*;
      import dev.mezzo.types.*;
      import java.util.Random;
      @Half
      @LossScaled
      public final class Finishing {
        @MasterFp32 final Parameter taps;
        @MasterFp32 final Parameter tapsBias;
        @MasterFp32 final Parameter spread;
        @MasterFp32 final Parameter gain;
        @MasterFp32 final Parameter shift;
        @MasterFp32 final Parameter groupGain;
        @MasterFp32 final Parameter groupShift;
        @MasterFp32 final Parameter out;
        @MasterFp32 final Parameter outBias;
        final State mean = State.filled(Shape.of(8), 0);
        final State variance = State.filled(Shape.of(8), 1);

        public Finishing(Random random) {
          taps = Parameter.normal(Shape.of(8, 3, 8), 0.3f, random);
          tapsBias = Parameter.normal(Shape.of(8), 0.3f, random);
          spread = Parameter.normal(Shape.of(8, 2, 2, 8), 0.3f, random);
          gain = Parameter.normal(Shape.of(8), 0.5f, random);
          shift = Parameter.normal(Shape.of(8), 0.5f, random);
          groupGain = Parameter.normal(Shape.of(8), 0.5f, random);
          groupShift = Parameter.normal(Shape.of(8), 0.5f, random);
          out = Parameter.normal(Shape.of(8, 8), 0.5f, random);
          outBias = Parameter.normal(Shape.of(8), 0.5f, random);
        }

        public Tensor loss(Tensor x, Tensor target) {
          Convolution same = Convolution.of().withPadding(0, 1);
          Tensor row = relu(add(conv1d(x, taps, tapsBias, same), tapsBias));
          Tensor image = reshape(row, -1, 2, 3, 8);
          Tensor large = tanh(convTranspose2d(image, spread, Convolution.of().withStride(2)));
          Tensor normed = relu(batchNorm(large, gain, shift, mean, variance, 0.1f, 1e-5f));
          Tensor grouped =
              sigmoid(add(groupNorm(normed, groupGain, groupShift, 2, 1e-5f), large));
          Tensor flat = reshape(normed, -1, 8);
          Tensor left = add(dropout(flat, 0.25f), mean(flat, new int[] {1}, true));
          Tensor mixed = matmul(left, dropout(slice(flat, 0, 0, 8), 0.25f));
          Tensor dropped = relu(add(dropout(grouped, 0.25f), multiply(normed, gain)));
          Tensor y = tanh(scale(linear(dropped, out, outBias), 0.5f));
          Tensor gated = multiply(silu(multiply(y, gain)), sigmoid(add(y, shift)));
          Tensor all = add(reshape(gated, -1, 8), scale(mixed, 0.0625f));
          return meanSquaredError(all, target);
        }
      }
      """;

  /** Trains for some steps: the losses, and then all weights. */
  private static final String DRIVER =
      """
      package random;
      import dev.mezzo.*;
      import dev.mezzo.optim.Sgd;
      import dev.mezzo.types.Shape;
      import java.util.*;
      public final class Driver {
        public static List<float[]> train(HalfFormat half) {
          Random random = new Random(9);
          Finishing model = new Finishing(random);
          List<float[]> numbers = new ArrayList<>();
          Tensor x = drawn(Shape.of(5, 6, 8), random);
          Tensor target = drawn(Shape.of(5 * 4 * 6, 8), random);
          try (var training =
              MixedFinishing.training(model).half(half).seed(3).optimizer(Sgd.of(0.25f)).build()) {
            for (int step = 0; step < 6; step++) {
              training.accumulate(x, target);
              StepResult result = training.step(x, target);
              numbers.add(new float[] {((Applied) result).loss()});
            }
          }
          for (Parameter weight :
              List.of(model.taps, model.tapsBias, model.spread, model.gain, model.shift,
                  model.groupGain, model.groupShift, model.out, model.outBias)) {
            numbers.add(weight.toFloats());
          }
          return numbers;
        }

        private static Tensor drawn(Shape shape, Random random) {
          float[] values = new float[(int) shape.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
          }
          return Tensor.of(shape, values);
        }
      }
      """;

  @TempDir static Path directory;

  private static @Nullable Method fused;
  private static @Nullable Method apart;

  @BeforeAll
  static void compile() throws IOException {
    Map<String, String> sources = Map.of("Finishing", MODEL, "Driver", DRIVER);
    fused = load(CompiledPrograms.compile(sources, directory.resolve("on"), "-s", made("on")));
    apart =
        load(
            CompiledPrograms.compile(
                sources, directory.resolve("off"), "-s", made("off"), "-Amezzo.fusion=off"));
  }

  private static String made(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name + "-generated")).toString();
  }

  private static Method load(CompiledPrograms compiled) {
    assertEquals(List.of(), compiled.errors());
    try {
      return compiled.classes().loadClass("random.Driver").getMethod("train", HalfFormat.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void oneIsFinishedByKernelsAndTheOtherIsNot() throws IOException {
    String on = text("on");
    String off = text("off");
    for (String producer :
        List.of("conv1d", "convTranspose2d", "batchNorm", "groupNorm", "dropout", "linear")) {
      assertTrue(on.contains("Finish " + producer), producer);
    }
    assertFalse(off.contains("Fused"));
    assertFalse(off.contains("Finish "));
  }

  private static String text(String name) throws IOException {
    return Files.readString(
        directory.resolve(name + "-generated").resolve("random/MixedFinishing.java"));
  }

  /** Without 16 bits there is no rounding that the one has and the other has not. */
  @Test
  void inFp32TheBitsAreTheSame() {
    for (Device device : devices()) {
      List<float[]> on = train(fused, HalfFormat.NONE, device);
      List<float[]> off = train(apart, HalfFormat.NONE, device);
      for (int i = 0; i < on.size(); i++) {
        assertArrayEquals(off.get(i), on.get(i), device.backend().getClass() + " " + i);
      }
    }
  }

  /**
   * In 16 bits values between are rounded or not: each within half a unit of its type, which over
   * the some thirty operations of a step may come to a few units of the greatest weight.
   */
  @Test
  void in16BitsTheyAreWithinTheirRoundings() {
    for (HalfFormat half : List.of(HalfFormat.FP16, HalfFormat.BF16)) {
      float u = half == HalfFormat.FP16 ? 0x1p-11f : 0x1p-8f;
      for (Device device : devices()) {
        List<float[]> on = train(fused, half, device);
        List<float[]> off = train(apart, half, device);
        boolean equal = true;
        for (int i = 0; i < on.size(); i++) {
          assertArrayEquals(off.get(i), on.get(i), 16 * u, half + " " + i);
          equal &= Arrays.equals(off.get(i), on.get(i));
        }
        assertFalse(equal, "they are two ways");
      }
    }
  }

  private static List<Device> devices() {
    return List.of(Device.of(new ScalarBackend()), Device.of(new VectorBackend(2)));
  }

  @SuppressWarnings("unchecked")
  private static List<float[]> train(@Nullable Method driver, HalfFormat half, Device device) {
    Device before = Device.current();
    Device.setDefault(device);
    try {
      return (List<float[]>) requireNonNull(driver).invoke(null, half);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    } finally {
      Device.setDefault(before);
    }
  }
}
