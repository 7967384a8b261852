package dev.mezzo.backend.vector;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Unary;
import java.util.ArrayDeque;
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
  private int slotCount;

  private FusedBlocks(FusedProgram program) {
    this.program = program;
    this.last = program.lastReaders();
    this.slots = new int[program.values()];
    assign();
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

  /** Computes a block. */
  void run(
      List<Operand> operands, List<Operand> results, BroadcastBlocks.Block block, Scratch scratch) {
    boolean[] loaded = new boolean[operands.size()];
    int n = block.count();
    for (int i = 0; i < program.operations().size(); i++) {
      FusedProgram.Operation operation = program.operations().get(i);
      for (int read : operation.reads()) {
        load(read, operands, loaded, block, scratch);
      }
      float[] to = array(program.operands() + i, scratch);
      int source = source(i);
      if (source >= 0 && array(source, scratch) != to) {
        System.arraycopy(array(source, scratch), 0, to, 0, n);
      }
      compute(i, to, n, scratch);
    }
    for (int value : program.results()) {
      load(value, operands, loaded, block, scratch);
    }
    for (int k = 0; k < results.size(); k++) { // only now: a result may be an operand's memory
      int value = program.results().get(k);
      Conversions.narrow(array(value, scratch), 0, results.get(k), block.to(), n, scratch.halves);
    }
  }

  private void load(
      int value,
      List<Operand> operands,
      boolean[] loaded,
      BroadcastBlocks.Block block,
      Scratch scratch) {
    if (value < operands.size() && !loaded[value]) {
      loaded[value] = true;
      block.read(operands.get(value), value, array(value, scratch));
    }
  }

  private float[] array(int value, Scratch scratch) {
    return scratch.register(slots[value]);
  }

  /** The first operand is in {@code to} already. */
  private void compute(int index, float[] to, int n, Scratch scratch) {
    switch (program.operations().get(index)) {
      case FusedProgram.Constant(float value) -> Arrays.fill(to, 0, n, value);
      case FusedProgram.Scaled(float factor, int x) -> ElementWise.scale(to, factor, n);
      case FusedProgram.OfOne(Unary function, int x) ->
          Activations.apply(function, to, 0, n, scratch.z);
      case FusedProgram.GradientOfOne(Unary function, int dy, int saved) -> {
        System.arraycopy(array(saved, scratch), 0, scratch.y, 0, n); // the kernel overwrites it
        Activations.gradient(function, to, scratch.y, n, scratch.z);
      }
      case FusedProgram.OfTwo(Binary function, int a, int b) ->
          ElementWise.apply(function, to, array(isTurned(index) ? a : b, scratch), n);
      case FusedProgram.OfThree(var function, int a, int b, int c) ->
          ElementWise.apply(function, to, array(b, scratch), array(c, scratch), n);
    }
  }
}
