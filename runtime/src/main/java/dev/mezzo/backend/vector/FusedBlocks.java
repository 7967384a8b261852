package dev.mezzo.backend.vector;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * A program with a place for each of its values: as few arrays as live at the same time. Kernels
 * work in place, on the array of their first operand, which is copied where it is read later. An
 * operand that a sum, difference or product alone reads is not brought into an array before: its
 * elements are widened where they are added or multiplied.
 */
final class FusedBlocks {

  /** Programs whose plans are kept: those of a model, and some with numbers that changed. */
  private static final int KEPT = 256;

  private static final IdentityHashMap<FusedProgram, FusedBlocks> PLANS = new IdentityHashMap<>();

  private final FusedProgram program;
  private final int[] last;
  private final int[] slots;
  private final Action[] actions;
  private final boolean[] direct;
  private int slotCount;

  private FusedBlocks(FusedProgram program) {
    this.program = program;
    this.last = program.lastReaders();
    this.slots = new int[program.values()];
    this.direct = direct();
    assign();
    this.actions = actions();
  }

  /** The plan of a program; that of the same object is made once. */
  static FusedBlocks of(FusedProgram program) {
    synchronized (PLANS) {
      if (PLANS.size() >= KEPT) {
        PLANS.clear();
      }
      return PLANS.computeIfAbsent(program, FusedBlocks::new);
    }
  }

  /** The elements of a program's operands that belong to a block of results. */
  interface Elements {

    /** How many, at most {@link Scratch#CHUNK}. */
    int count();

    /** Widens those of operand {@code which}. */
    void read(int which, float[] to);

    /**
     * {@code x = f(x, elements of the operand)}, a sum, difference or product.
     *
     * @param buffer for the elements, where they cannot be widened on the way
     */
    void apply(Binary function, float[] x, int which, float[] buffer);
  }

  /** Which operands are read by one sum, difference or product alone, as its second operand. */
  private boolean[] direct() {
    boolean[] direct = new boolean[program.operands()];
    int[] readers = new int[program.values()];
    program.operations().forEach(o -> o.reads().forEach(read -> readers[read]++));
    program.results().forEach(result -> readers[result]++);
    for (int i = 0; i < program.operations().size(); i++) {
      if (program.operations().get(i) instanceof FusedProgram.OfTwo(var f, int a, int b)
          && (f == Binary.ADD || f == Binary.MULTIPLY || f == Binary.SUBTRACT)) {
        boolean turns = f != Binary.SUBTRACT && isDirect(a, b, readers);
        if (turns) {
          direct[a] = true;
        } else if (isDirect(b, a, readers)) {
          direct[b] = true;
        }
      }
    }
    return direct;
  }

  /** Whether an operand may be read on the way, while the other one of its reader is an array. */
  private boolean isDirect(int operand, int other, int[] readers) {
    return operand < program.operands() && readers[operand] == 1 && operand != other;
  }

  /** Operands are loaded before the first operation that reads them, and stay until the last. */
  private void assign() {
    Arrays.fill(slots, -1);
    Deque<Integer> free = new ArrayDeque<>();
    for (int i = 0; i < program.operations().size(); i++) {
      List<Integer> reads = program.operations().get(i).reads();
      for (int read : reads) {
        if (slots[read] < 0 && !isDirect(read)) {
          slots[read] = take(free);
        }
      }
      int source = source(i);
      int made = program.operands() + i;
      slots[made] = source >= 0 && last[source] == i ? slots[source] : take(free);
      for (int read : reads.stream().distinct().toList()) {
        if (last[read] == i && slots[read] >= 0 && slots[read] != slots[made]) {
          free.push(slots[read]);
        }
      }
      if (last[made] < 0) {
        free.push(slots[made]);
      }
    }
    for (int result : program.results()) {
      if (slots[result] < 0) {
        slots[result] = take(free);
      }
    }
  }

  private int take(Deque<Integer> free) {
    return free.isEmpty() ? slotCount++ : free.pop();
  }

  /** The value in whose array an operation computes; of a sum or product one that ends there. */
  private int source(int operation) {
    List<Integer> reads = program.operations().get(operation).reads();
    if (reads.isEmpty()) {
      return -1;
    }
    return isTurned(operation) ? reads.get(1) : reads.getFirst();
  }

  private boolean isTurned(int operation) {
    return program.operations().get(operation) instanceof FusedProgram.OfTwo(var f, int a, int b)
        && (f == Binary.ADD || f == Binary.MULTIPLY)
        && !isDirect(b)
        && (isDirect(a) || (last[a] != operation && last[b] == operation));
  }

  private boolean isDirect(int value) {
    return value < program.operands() && direct[value];
  }

  /** What is done to a block, in order. */
  private Action[] actions() {
    List<Action> actions = new ArrayList<>();
    boolean[] loaded = new boolean[program.operands()];
    for (int i = 0; i < program.operations().size(); i++) {
      program.operations().get(i).reads().forEach(read -> load(read, loaded, actions));
      int to = slots[program.operands() + i];
      int source = source(i);
      if (source >= 0 && slots[source] != to) {
        int from = slots[source];
        actions.add(
            (block, s) -> System.arraycopy(s.register(from), 0, s.register(to), 0, block.count()));
      }
      actions.add(operation(i, to));
    }
    program.results().forEach(result -> load(result, loaded, actions));
    return actions.toArray(Action[]::new);
  }

  private void load(int value, boolean[] loaded, List<Action> actions) {
    if (value < program.operands() && !loaded[value] && !direct[value]) {
      loaded[value] = true;
      int to = slots[value];
      actions.add((block, s) -> block.read(value, s.register(to)));
    }
  }

  /** The first operand is in array {@code to} already. */
  private Action operation(int index, int to) {
    return switch (program.operations().get(index)) {
      case FusedProgram.Constant(float value) ->
          (block, s) -> Arrays.fill(s.register(to), 0, block.count(), value);
      case FusedProgram.Scaled(float factor, int _) ->
          (block, s) -> ElementWise.scale(s.register(to), factor, block.count());
      case FusedProgram.OfOne(Unary function, int _) ->
          (block, s) -> Activations.apply(function, s.register(to), 0, block.count(), s.z);
      case FusedProgram.GradientOfOne(Unary function, int _, int saved) -> {
        int at = slots[saved];
        yield (block, s) -> {
          float[] copy = s.register(slotCount); // the kernel overwrites it
          System.arraycopy(s.register(at), 0, copy, 0, block.count());
          Activations.gradient(function, s.register(to), copy, block.count(), s.z);
        };
      }
      case FusedProgram.OfTwo(Binary function, int a, int b) -> {
        int other = isTurned(index) ? a : b;
        if (isDirect(other)) {
          yield (block, s) -> block.apply(function, s.register(to), other, s.register(slotCount));
        }
        int at = slots[other];
        yield (block, s) ->
            ElementWise.apply(function, s.register(to), s.register(at), block.count());
      }
      case FusedProgram.OfThree(Ternary function, int _, int b, int c) -> {
        int second = slots[b];
        int third = slots[c];
        yield (block, s) ->
            ElementWise.apply(
                function, s.register(to), s.register(second), s.register(third), block.count());
      }
    };
  }

  /** A part of what is done to a block. */
  private interface Action {
    void run(Elements block, Scratch scratch);
  }

  /**
   * Computes a block. Of the scratch it uses the registers and {@code z}. The results are in {@link
   * #result}s, until the next block.
   */
  void run(Elements block, Scratch scratch) {
    for (Action action : actions) {
      action.run(block, scratch);
    }
  }

  /** The FP32 elements of result number {@code which}. */
  float[] result(int which, Scratch scratch) {
    return scratch.register(slots[program.results().get(which)]);
  }
}
