package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Writes;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What watches a step sees every kernel, and what it wrote. */
class WatchedKernelsTest {

  /** Those that move memory, and those of the update, whose gradients are checked by themselves. */
  private static final Set<String> UNWATCHED =
      Set.of("upload", "download", "checkFinite", "beginUpdate", "sgd", "adamW", "endUpdate");

  @Test
  void everyKernelSaysWhatItWrites() {
    List<String> silent = new ArrayList<>();
    collectSilent(Backend.class, silent);
    assertEquals(List.of(), silent, "kernels without a parameter marked @Writes");
  }

  private static void collectSilent(Class<?> family, List<String> silent) {
    for (Method kernel : family.getMethods()) {
      Class<?> result = kernel.getReturnType();
      if (result.isInterface() && result.getPackage() == Backend.class.getPackage()) {
        collectSilent(result, silent);
      } else if (result == void.class
          && kernel.getParameterCount() > 0
          && !UNWATCHED.contains(kernel.getName())
          && Arrays.stream(kernel.getParameters())
              .noneMatch(parameter -> parameter.isAnnotationPresent(Writes.class))) {
        silent.add(family.getSimpleName() + "." + kernel.getName());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void resultsAreSeenAfterTheKernelAndOperandsBefore(Device device) {
    List<String> seen = new ArrayList<>();
    KernelListener listener =
        new KernelListener() {
          @Override
          public void before(List<Operand> operands) {
            operands.forEach(operand -> seen.add("reads " + operand.size()));
          }

          @Override
          public void after(List<Operand> results) {
            for (Operand result : results) {
              ExponentHistogram values = ExponentHistogram.of(device, result, 1f);
              seen.add("wrote " + result.size() + ", zeros " + values.zeros());
            }
          }
        };
    try (Tensor x = GivenGradients.tensor(device, DType.FP16, -1f, 2f, -3f);
        Tensor w = Tensor.zeros(device, Shape.of(2, 3), DType.FP16);
        Tensor b = GivenGradients.tensor(device, DType.FP16, 1f, 0f)) {
      device.watch(
          listener,
          () -> {
            Ops.relu(x).close();
            Ops.linear(x, w, b).close();
          });
      Ops.relu(x).close();
    }
    assertEquals(
        List.of("reads 3", "wrote 3, zeros 2", "reads 3", "reads 6", "reads 2", "wrote 2, zeros 1"),
        seen);
  }

  @Test
  void otherThreadsPassUnseen() throws InterruptedException {
    Device device = TestDevices.scalar();
    List<Integer> seen = new ArrayList<>();
    try (Tensor x = GivenGradients.tensor(device, DType.FP32, 1f)) {
      Thread other = Thread.ofPlatform().unstarted(() -> Ops.relu(x).close());
      device.watch(
          results -> seen.add(results.size()),
          () -> {
            other.start();
            try {
              other.join();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
    }
    assertTrue(seen.isEmpty(), "seen: " + seen);
  }
}
