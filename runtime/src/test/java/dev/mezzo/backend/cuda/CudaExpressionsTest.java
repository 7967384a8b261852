package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.FusedProgram.Operation;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model's own expressions as kernels that NVRTC compiles, or a fake of it by g++. */
class CudaExpressionsTest {

  private static final String NVRTC = "mezzo.cuda.nvrtc";
  private static final int ROWS = 5;
  private static final int COLS = 13;

  @BeforeEach
  void compile() {
    String missing = FakeCuda.install();
    Assumptions.assumeTrue(missing.isEmpty(), missing);
    System.setProperty(NVRTC, "true");
  }

  @AfterEach
  void interpret() {
    System.setProperty(NVRTC, "false");
  }

  /** Every function, of operands of every type and way to be read, with the interpreter's bits. */
  @Test
  void everyFunctionIsAsInterpreted() {
    List<Operation> operations = new ArrayList<>();
    for (Unary.Function function : Unary.Function.values()) {
      operations.add(new FusedProgram.OfOne(new Unary(function, 0.25f, 1.5f), 0));
      operations.add(new FusedProgram.GradientOfOne(new Unary(function, 0.25f, 1.5f), 1, 0));
    }
    for (Binary function : Binary.values()) {
      operations.add(new FusedProgram.OfTwo(function, 0, 2));
    }
    for (Ternary function : Ternary.values()) {
      operations.add(new FusedProgram.OfThree(function, 0, 1, 2));
    }
    operations.add(new FusedProgram.Scaled(-0.3f, 0));
    operations.add(new FusedProgram.Constant(Float.NEGATIVE_INFINITY));
    for (int first = 0; first < operations.size(); first += 8) {
      List<Operation> some = operations.subList(first, Math.min(first + 8, operations.size()));
      List<Integer> results = new ArrayList<>();
      for (int i = 0; i < some.size(); i++) {
        results.add(3 + i);
      }
      assertSameAsInterpreted(new FusedProgram("some functions", 3, some, results));
    }
  }

  /** An operation reads what others made; the second run compiles nothing. */
  @Test
  void theSameSourceIsCompiledOnce() {
    FusedProgram program =
        new FusedProgram(
            "a·(b + c) − a",
            3,
            List.of(
                new FusedProgram.OfTwo(Binary.ADD, 1, 2),
                new FusedProgram.OfTwo(Binary.MULTIPLY, 0, 3),
                new FusedProgram.OfTwo(Binary.SUBTRACT, 4, 0)),
            List.of(5, 3));
    try (CudaBackend backend = new CudaBackend(0)) {
      run(backend, program);
      long loaded = FakeCuda.real() ? 0 : FakeDriver.calls("cuModuleLoadDataEx");
      run(backend, program);
      run(backend, new FusedProgram("of another name", 3, program.operations(), program.results()));
      Assumptions.assumeFalse(FakeCuda.real(), "the real driver counts no calls");
      assertEquals(loaded, FakeDriver.calls("cuModuleLoadDataEx"));
    }
    assertSameAsInterpreted(program);
  }

  /** A warning shows the expression and what the compiler says; the expression is interpreted. */
  @Test
  void whatDoesNotCompileIsSaidAndInterpreted() {
    Assumptions.assumeFalse(FakeCuda.real(), "the real NVRTC compiles all that is generated");
    List<String> warnings = new ArrayList<>();
    Handler handler = collecting(warnings);
    Logger logger = Logger.getLogger("dev.mezzo");
    logger.addHandler(handler);
    FakeDriver.failNextCompilation();
    try {
      assertSameAsInterpreted(
          new FusedProgram(
              "a/b", 3, List.of(new FusedProgram.OfTwo(Binary.DIVIDE, 0, 1)), List.of(3)));
    } finally {
      logger.removeHandler(handler);
    }
    assertEquals(1, warnings.size(), warnings::toString);
    String said = warnings.getFirst();
    assertTrue(said.contains("a/b"), said);
    assertTrue(said.contains("binaryValue(Binary::DIVIDE"), said);
    assertTrue(said.contains("error:"), said);
  }

  /**
   * A driver older than the fatbin: NVRTC compiles the kernels once, then they are in the cache.
   */
  @Test
  @Tag("long")
  void kernelsThatTheDriverDoesNotTakeAreCompiled(@TempDir Path cache) throws IOException {
    Assumptions.assumeFalse(FakeCuda.real(), "a real driver takes them or not");
    System.setProperty(KernelSource.CACHE, cache.toString());
    try {
      for (int time = 0; time < 2; time++) {
        FakeDriver.fail("cuModuleLoadDataEx", 1, 222);
        try (CudaBackend backend = new CudaBackend(0)) {
          Operand x = operand(backend, DType.FP32, COLS, 1);
          Operand y = allocated(backend, DType.FP32, COLS);
          backend.scale(x, -1, y);
          float[] negated = floats(backend, x);
          for (int i = 0; i < COLS; i++) {
            negated[i] = -negated[i];
          }
          assertArrayEquals(negated, floats(backend, y));
        }
        FakeDriver.failNextCompilation(); // which the second time needs none
      }
      try (Stream<Path> kept = Files.list(cache)) {
        assertEquals(1, kept.count());
      }
    } finally {
      System.clearProperty(KernelSource.CACHE);
      FakeDriver.compileAgain();
    }
  }

  private static void assertSameAsInterpreted(FusedProgram program) {
    List<float[]> compiled;
    try (CudaBackend backend = new CudaBackend(0)) {
      compiled = run(backend, program);
    }
    System.setProperty(NVRTC, "false");
    try (CudaBackend backend = new CudaBackend(0)) {
      List<float[]> interpreted = run(backend, program);
      for (int k = 0; k < compiled.size(); k++) {
        assertArrayEquals(interpreted.get(k), compiled.get(k), "result " + k + " of " + program);
      }
    } finally {
      System.setProperty(NVRTC, "true");
    }
  }

  /** On a matrix, FP16, with its ends apart, a row, BF16, and a number; results of all types. */
  private static List<float[]> run(Backend backend, FusedProgram program) {
    List<Operand> operands =
        List.of(
            operand(backend, DType.FP16, ROWS * COLS, 1),
            operand(backend, DType.BF16, COLS, 2),
            operand(backend, DType.FP32, 1, 3));
    DType[] types = {DType.FP32, DType.FP16, DType.BF16};
    List<Operand> results = new ArrayList<>();
    for (int k = 0; k < program.results().size(); k++) {
      results.add(operand(backend, types[k % types.length], ROWS * COLS, 0));
    }
    long[][] strides = {{COLS, 1}, {0, 1}, {0, 0}};
    backend.fused().run(program, operands, results, new Broadcast(new int[] {ROWS, COLS}, strides));
    return results.stream().map(result -> floats(backend, result)).toList();
  }

  private static Operand operand(Backend backend, DType type, int size, int seed) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = ((i * 7 + seed * 5) % 23 - 9) / 4f;
    }
    Operand wide = allocated(backend, DType.FP32, size);
    backend.upload(MemorySegment.ofArray(values), wide.data());
    Operand operand = allocated(backend, type, size);
    backend.cast(wide, operand);
    return operand;
  }

  private static float[] floats(Backend backend, Operand x) {
    Operand wide = allocated(backend, DType.FP32, (int) x.size());
    backend.cast(x, wide);
    float[] values = new float[(int) x.size()];
    backend.download(wide.data(), MemorySegment.ofArray(values));
    return values;
  }

  private static Operand allocated(Backend backend, DType type, int size) {
    long bytes = (long) size * type.bytes();
    return new Operand(backend.allocate(bytes).asSlice(0, bytes), type, size);
  }

  private static Handler collecting(List<String> messages) {
    return new Handler() {
      @Override
      public void publish(LogRecord record) {
        if (record.getMessage().startsWith("NVRTC")) {
          messages.add(record.getMessage());
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
