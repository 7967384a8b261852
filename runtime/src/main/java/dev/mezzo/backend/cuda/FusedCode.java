package dev.mezzo.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Unary;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * A program as {@code fused.cu} interprets it: its values have slots, which are given to another
 * value once nothing reads the first any more.
 *
 * @param struct {@code FusedProgram} of {@code fused.cu}
 * @param slots how many a thread needs
 */
record FusedCode(Arguments.ByValue struct, int slots) {

  private static final int STEPS = 96;
  private static final int RESULTS = 8;
  private static final int SLOTS = 56; // of 4 KB: what a block may have
  private static final int HEAD_BYTES = 4 * Integer.BYTES + RESULTS;
  private static final int STEP_BYTES = 16;

  /** Kinds of a step, as in {@code fused.cu}. */
  private enum Kind {
    CONSTANT,
    SCALED,
    OF_ONE,
    GRADIENT_OF_ONE,
    OF_TWO,
    OF_THREE
  }

  /** The code of a program; none if it is too long, or has too many values at a time. */
  static Optional<FusedCode> of(FusedProgram program) {
    List<FusedProgram.Operation> operations = program.operations();
    if (operations.size() > STEPS || program.results().size() > RESULTS) {
      return Optional.empty();
    }
    int[] last = program.lastReaders();
    int[] slots = new int[program.values()];
    ArrayDeque<Integer> free = new ArrayDeque<>();
    int used = program.operands();
    for (int value = 0; value < program.operands(); value++) {
      slots[value] = value;
      if (last[value] < 0) {
        free.push(value);
      }
    }
    MemorySegment bytes = MemorySegment.ofArray(new int[(HEAD_BYTES + STEPS * STEP_BYTES) / 4]);
    for (int i = 0; i < operations.size(); i++) {
      int value = program.operands() + i;
      int[] reads = operations.get(i).reads().stream().mapToInt(read -> slots[read]).toArray();
      for (int read : operations.get(i).reads().stream().distinct().toList()) {
        if (last[read] == i) {
          free.push(slots[read]);
        }
      }
      slots[value] = free.isEmpty() ? used++ : free.pop();
      write(
          bytes.asSlice(HEAD_BYTES + (long) i * STEP_BYTES),
          operations.get(i),
          reads,
          slots[value]);
      if (last[value] < 0) {
        free.push(slots[value]);
      }
    }
    if (used > SLOTS) {
      return Optional.empty();
    }
    head(bytes, program, slots);
    return Optional.of(new FusedCode(new Arguments.ByValue(bytes), used));
  }

  private static void head(MemorySegment bytes, FusedProgram program, int[] slots) {
    bytes.setAtIndex(JAVA_INT, 0, program.operands());
    bytes.setAtIndex(JAVA_INT, 1, program.operations().size());
    bytes.setAtIndex(JAVA_INT, 2, program.results().size());
    for (int k = 0; k < program.results().size(); k++) {
      bytes.set(JAVA_BYTE, 4L * Integer.BYTES + k, (byte) slots[program.results().get(k)]);
    }
  }

  private static void write(
      MemorySegment to, FusedProgram.Operation operation, int[] reads, int slot) {
    switch (operation) {
      case FusedProgram.Constant(float value) -> step(to, Kind.CONSTANT, 0, value, 0);
      case FusedProgram.Scaled(float factor, int x) -> step(to, Kind.SCALED, 0, factor, 0);
      case FusedProgram.OfOne(Unary f, int x) ->
          step(to, Kind.OF_ONE, Codes.of(f.function()), f.a(), f.b());
      case FusedProgram.GradientOfOne(Unary f, int dy, int saved) ->
          step(to, Kind.GRADIENT_OF_ONE, Codes.of(f.function()), f.a(), f.b());
      case FusedProgram.OfTwo two -> step(to, Kind.OF_TWO, Codes.of(two.function()), 0, 0);
      case FusedProgram.OfThree three -> step(to, Kind.OF_THREE, Codes.of(three.function()), 0, 0);
    }
    to.set(JAVA_BYTE, 2, (byte) slot);
    for (int k = 0; k < reads.length; k++) {
      to.set(JAVA_BYTE, 3 + k, (byte) reads[k]);
    }
  }

  private static void step(MemorySegment to, Kind kind, int function, float a, float b) {
    to.set(JAVA_BYTE, 0, (byte) Codes.of(kind));
    to.set(JAVA_BYTE, 1, (byte) function);
    to.set(JAVA_FLOAT, 8, a);
    to.set(JAVA_FLOAT, 12, b);
  }
}
