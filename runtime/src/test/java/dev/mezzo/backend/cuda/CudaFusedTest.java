package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expressions that one kernel does not take have the bits of those it does. */
class CudaFusedTest {

  private static final int ROWS = 5;
  private static final int COLS = 13;

  @BeforeEach
  void install() {
    String missing = FakeCuda.install();
    Assumptions.assumeTrue(missing.isEmpty(), missing);
  }

  /** x, then x·row, then that plus x, and so on. */
  @Test
  void manyOperations() {
    List<FusedProgram.Operation> operations = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      Binary function = i % 2 == 0 ? Binary.MULTIPLY : Binary.SUBTRACT;
      operations.add(new FusedProgram.OfTwo(function, i == 0 ? 0 : 1 + i, i % 2 == 0 ? 1 : 0));
    }
    compare(new FusedProgram("long", 2, operations, List.of(151, 40)), 2);
  }

  @Test
  void manyValuesAtATime() {
    List<FusedProgram.Operation> operations = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      operations.add(new FusedProgram.Scaled(1 + i / 8f, i % 2));
    }
    for (int i = 0; i < 39; i++) {
      operations.add(new FusedProgram.OfTwo(Binary.ADD, i == 0 ? 2 : 41 + i, 3 + i));
    }
    compare(new FusedProgram("wide", 2, operations, List.of(80)), 2);
  }

  @Test
  void manyOperands() {
    List<FusedProgram.Operation> operations = new ArrayList<>();
    for (int i = 1; i < 20; i++) {
      operations.add(new FusedProgram.OfTwo(Binary.ADD, i == 1 ? 0 : 18 + i, i));
    }
    compare(new FusedProgram("sum", 20, operations, List.of(38)), 20);
  }

  private static void compare(FusedProgram program, int operands) {
    try (CudaBackend backend = new CudaBackend(0)) {
      List<float[]> expected = results(new ScalarBackend(), program, operands);
      List<float[]> found = results(backend, program, operands);
      for (int k = 0; k < expected.size(); k++) {
        assertArrayEquals(expected.get(k), found.get(k));
      }
    }
  }

  /** Operands are matrices and rows, in turn. */
  private static List<float[]> results(Backend backend, FusedProgram program, int operands) {
    List<Operand> read = new ArrayList<>();
    long[][] strides = new long[operands][];
    for (int k = 0; k < operands; k++) {
      float[] values = new float[k % 2 == 0 ? ROWS * COLS : COLS];
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.5f + (i * 7 + k) % 11 / 10f;
      }
      strides[k] = new long[] {k % 2 == 0 ? COLS : 0, 1};
      Operand operand = operand(backend, values.length);
      backend.upload(MemorySegment.ofArray(values), operand.data());
      read.add(operand);
    }
    List<Operand> written =
        Collections.nCopies(program.results().size(), 0).stream()
            .map(i -> operand(backend, ROWS * COLS))
            .toList();
    backend.fused().run(program, read, written, new Broadcast(new int[] {ROWS, COLS}, strides));
    return written.stream()
        .map(
            result -> {
              float[] values = new float[ROWS * COLS];
              backend.download(result.data(), MemorySegment.ofArray(values));
              return values;
            })
        .toList();
  }

  private static Operand operand(Backend backend, int size) {
    return new Operand(backend.allocate(4L * size).asSlice(0, 4L * size), DType.FP32, size);
  }
}
