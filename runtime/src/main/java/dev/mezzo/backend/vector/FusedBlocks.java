package dev.mezzo.backend.vector;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * A program with a place for each of its values: as few arrays as live at the same time. Kernels
 * work in place, on the array of their first operand, which is copied where it is read later.
 */
final class FusedBlocks {

  private final FusedProgram program;
  private final int[] last;
  private final int[] slots;
  private final Action[] actions;
  private int slotCount;

  private FusedBlocks(FusedProgram program) {
    this.program = program;
    this.last = program.lastReaders();
    this.slots = new int[program.values()];
    assign();
    this.actions = actions();
  }

  static FusedBlocks of(FusedProgram program) {
    return new FusedBlocks(program);
  }

  /** Operands are loaded before the first operation that reads them, and stay until the last. */
  private void assign() {
    Arrays.fill(slots, -1);
    Deque<Integer> free = new ArrayDeque<>();
    for (int i = 0; i < program.operations().size(); i++) {
      List<Integer> reads = program.operations().get(i).reads();
      for (int read : reads) {
        if (slots[read] < 0) {
          slots[read] = take(free);
        }
      }
      int source = source(i);
      int made = program.operands() + i;
      slots[made] = source >= 0 && last[source] == i ? slots[source] : take(free);
      for (int read : reads.stream().distinct().toList()) {
        if (last[read] == i && slots[read] != slots[made]) {
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
        && last[a] != operation
        && last[b] == operation;
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
            (run, block, s) ->
                System.arraycopy(s.register(from), 0, s.register(to), 0, block.count()));
      }
      actions.add(operation(i, to));
    }
    program.results().forEach(result -> load(result, loaded, actions));
    for (int k = 0; k < program.results().size(); k++) { // only now: it may be an operand's memory
      int result = k;
      int from = slots[program.results().get(k)];
      actions.add(
          (run, block, s) ->
              Conversions.narrow(
                  s.register(from),
                  0,
                  run.results().get(result),
                  block.to(),
                  block.count(),
                  s.halves));
    }
    return actions.toArray(Action[]::new);
  }

  private void load(int value, boolean[] loaded, List<Action> actions) {
    if (value < program.operands() && !loaded[value]) {
      loaded[value] = true;
      int to = slots[value];
      actions.add((run, block, s) -> block.read(run.operands().get(value), value, s.register(to)));
    }
  }

  /** The first operand is in array {@code to} already. */
  private Action operation(int index, int to) {
    return switch (program.operations().get(index)) {
      case FusedProgram.Constant(float value) ->
          (run, block, s) -> Arrays.fill(s.register(to), 0, block.count(), value);
      case FusedProgram.Scaled(float factor, int _) ->
          (run, block, s) -> ElementWise.scale(s.register(to), factor, block.count());
      case FusedProgram.OfOne(Unary function, int _) ->
          (run, block, s) -> Activations.apply(function, s.register(to), 0, block.count(), s.z);
      case FusedProgram.GradientOfOne(Unary function, int _, int saved) -> {
        int at = slots[saved];
        yield (run, block, s) -> {
          System.arraycopy(s.register(at), 0, s.y, 0, block.count()); // the kernel overwrites it
          Activations.gradient(function, s.register(to), s.y, block.count(), s.z);
        };
      }
      case FusedProgram.OfTwo(Binary function, int a, int b) -> {
        int other = slots[isTurned(index) ? a : b];
        yield (run, block, s) ->
            ElementWise.apply(function, s.register(to), s.register(other), block.count());
      }
      case FusedProgram.OfThree(Ternary function, int _, int b, int c) -> {
        int second = slots[b];
        int third = slots[c];
        yield (run, block, s) ->
            ElementWise.apply(
                function, s.register(to), s.register(second), s.register(third), block.count());
      }
    };
  }

  /** The tensors of a call. */
  record Run(List<Operand> operands, List<Operand> results) {}

  /** A part of what is done to a block. */
  private interface Action {
    void run(Run run, BroadcastBlocks.Block block, Scratch scratch);
  }

  /** Computes a block. */
  void run(Run run, BroadcastBlocks.Block block, Scratch scratch) {
    for (Action action : actions) {
      action.run(run, block, scratch);
    }
  }
}
