package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.backend.cuda.ffi.Nvrtc;
import dev.mezzo.types.DType;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real NVRTC, where it is, compiles every function, and all kernels; no GPU is needed. A JVM
 * without fakes.
 */
class NvrtcTest {

  @TempDir Path cache;

  @Test
  void everythingCompiles() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-D" + KernelSource.CACHE + "=" + cache,
                "-cp",
                System.getProperty("java.class.path"),
                NvrtcTest.class.getName())
            .redirectErrorStream(true)
            .start();
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      Assumptions.assumeFalse(text.startsWith("NVRTC was not found"), text);
      assertEquals(0, process.waitFor(), text);
      assertTrue(text.contains("identifier \"missing\" is undefined"), text);
    }
  }

  /** Prints the log of a program that does not compile, after those that do. */
  public static void main(String[] arguments) {
    if (!Nvrtc.library().available()) {
      System.out.println(Nvrtc.library().problem());
      return;
    }
    for (FusedProgram program : programs()) {
      for (FusedForm.Reading reading : FusedForm.Reading.values()) {
        FusedForm form =
            new FusedForm(
                program,
                List.of(DType.FP16, DType.BF16, DType.FP32),
                List.of(DType.FP16),
                List.of(FusedForm.Reading.PLAIN, reading, reading));
        for (int capability : List.of(75, 90)) {
          KernelSource.expression(FusedSource.of(form), capability);
        }
      }
    }
    byte[] all = KernelSource.library(90);
    if (!Arrays.equals(all, KernelSource.library(90))) {
      throw new AssertionError("another image from the cache");
    }
    try {
      KernelSource.expression("__device__ int x = missing;", 90);
    } catch (DeviceException e) {
      System.out.println(e.getMessage());
    }
  }

  /** All functions, some to a program. */
  private static List<FusedProgram> programs() {
    List<FusedProgram.Operation> operations = new ArrayList<>();
    for (Unary.Function function : Unary.Function.values()) {
      operations.add(new FusedProgram.OfOne(Unary.of(function, 2), 0));
      operations.add(new FusedProgram.GradientOfOne(Unary.of(function, 2), 1, 0));
    }
    for (Binary function : Binary.values()) {
      operations.add(new FusedProgram.OfTwo(function, 0, 1));
    }
    for (Ternary function : Ternary.values()) {
      operations.add(new FusedProgram.OfThree(function, 0, 1, 2));
    }
    operations.add(new FusedProgram.Scaled(3, 0));
    operations.add(new FusedProgram.Constant(Float.NaN));
    List<FusedProgram> programs = new ArrayList<>();
    for (int first = 0; first < operations.size(); first += 16) {
      List<FusedProgram.Operation> some =
          new ArrayList<>(operations.subList(first, Math.min(first + 16, operations.size())));
      int made = some.size();
      for (int i = 1; i < made; i++) { // their sum needs all of them
        some.add(new FusedProgram.OfTwo(Binary.ADD, i == 1 ? 3 : 1 + made + i, 3 + i));
      }
      programs.add(new FusedProgram("functions", 3, some, List.of(2 + some.size())));
    }
    return programs;
  }
}
