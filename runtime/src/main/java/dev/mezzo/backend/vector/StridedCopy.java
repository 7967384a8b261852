package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Strided;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies elements between arrays of different order: runs that are contiguous in both as blocks,
 * those that are contiguous along one dimension in each as transposed tiles, others one by one.
 *
 * <p>The order of the loops is free; it is that of the result's memory, neighbouring dimensions
 * merged.
 */
final class StridedCopy {

  private static final int TILE = Movement.TILE;

  /** Elements below which a loop is faster than the copy of a block, or a tile. */
  private static final int SHORT = 8;

  /** Elements of a task. */
  private static final long TASK = 1L << 14;

  private final Workers workers;

  StridedCopy(Workers workers) {
    this.workers = workers;
  }

  /** A dimension of the loops. */
  private record Loop(int dim, long from, long to) {}

  void run(Operand x, Operand y, Strided plan) {
    List<Loop> loops = loops(plan);
    if (loops == null) {
      return; // a dimension is 0
    }
    Loop last = loops.getLast();
    int contiguous = contiguousIn(loops);
    if (last.to == 1 && last.from != 1 && contiguous >= 0 && loops.get(contiguous).dim >= SHORT) {
      Loop wide = loops.get(contiguous);
      List<Loop> outer = new ArrayList<>(loops);
      outer.remove(wide);
      if (last.dim < SHORT) {
        each(outer, 1, wide.dim, plan, (part, from, to, s) -> line(x, from, y, to, wide));
        return;
      }
      outer.remove(last);
      int strips = (last.dim + TILE - 1) / TILE;
      each(
          outer,
          strips,
          (long) wide.dim * TILE,
          plan,
          (strip, from, to, s) -> {
            int row = strip * TILE;
            int high = Math.min(TILE, last.dim - row);
            tiles(x, from + row * last.from, y, to + row, last.from, wide, high, s);
          });
      return;
    }
    List<Loop> outer = loops.subList(0, loops.size() - 1);
    each(outer, 1, last.dim, plan, (part, from, to, s) -> line(x, from, y, to, last));
  }

  private static void tiles(
      Operand x, long from, Operand y, long to, long rowStride, Loop wide, int high, Scratch s) {
    int bytes = x.dtype().bytes();
    for (int col = 0; col < wide.dim; col += TILE) {
      int width = Math.min(TILE, wide.dim - col);
      long first = (from + col) * bytes;
      long target = (to + col * wide.to) * bytes;
      long down = rowStride * bytes;
      long right = wide.to * bytes;
      if (bytes == Short.BYTES) {
        Movement.halves(x.data(), first, down, y.data(), target, right, high, width, s);
      } else {
        Movement.words(x.data(), first, down, y.data(), target, right, high, width, s);
      }
    }
  }

  private static void line(Operand x, long from, Operand y, long to, Loop loop) {
    int bytes = x.dtype().bytes();
    if (loop.from == 1 && loop.to == 1 && loop.dim >= SHORT) {
      MemorySegment.copy(x.data(), from * bytes, y.data(), to * bytes, (long) loop.dim * bytes);
    } else if (bytes == Short.BYTES) {
      for (int i = 0; i < loop.dim; i++) {
        short value = x.data().get(JAVA_SHORT, 2 * (from + i * loop.from));
        y.data().set(JAVA_SHORT, 2 * (to + i * loop.to), value);
      }
    } else {
      for (int i = 0; i < loop.dim; i++) {
        int value = x.data().get(JAVA_INT, 4 * (from + i * loop.from));
        y.data().set(JAVA_INT, 4 * (to + i * loop.to), value);
      }
    }
  }

  /** Dimensions without those of 1, by the result's strides, merged; null if one is 0. */
  private static @Nullable List<Loop> loops(Strided plan) {
    List<Loop> loops = new ArrayList<>();
    for (int d = 0; d < plan.dims().length; d++) {
      if (plan.dims()[d] == 0) {
        return null;
      }
      if (plan.dims()[d] != 1) {
        loops.add(new Loop(plan.dims()[d], plan.fromStrides()[d], plan.toStrides()[d]));
      }
    }
    loops.sort(Comparator.comparingLong(Loop::to).reversed());
    List<Loop> merged = new ArrayList<>();
    for (Loop loop : loops) {
      Loop before = merged.isEmpty() ? null : merged.getLast();
      if (before != null
          && before.from == loop.from * loop.dim
          && before.to == loop.to * loop.dim
          && (long) before.dim * loop.dim <= Integer.MAX_VALUE) {
        merged.set(merged.size() - 1, new Loop(before.dim * loop.dim, loop.from, loop.to));
      } else {
        merged.add(loop);
      }
    }
    if (merged.isEmpty()) {
      merged.add(new Loop(1, 1, 1));
    }
    return merged;
  }

  /** The dimension along which the source is contiguous, or −1. */
  private static int contiguousIn(List<Loop> loops) {
    for (int i = 0; i < loops.size(); i++) {
      if (loops.get(i).from == 1) {
        return i;
      }
    }
    return -1;
  }

  /** What is done at an index of the outer loops, in {@code parts} parts. */
  private interface Body {
    void run(int part, long from, long to, Scratch scratch);
  }

  private void each(List<Loop> outer, int parts, long partSize, Strided plan, Body body) {
    long count = parts;
    for (Loop loop : outer) {
      count *= loop.dim;
    }
    long perTask = Math.max(1, TASK / Math.max(1, partSize));
    int tasks = Math.toIntExact((count + perTask - 1) / perTask);
    long all = count;
    Workers.Task task =
        (index, s) -> {
          long end = Math.min(all, (index + 1) * perTask);
          for (long i = index * perTask; i < end; i++) {
            long rest = i / parts;
            long from = plan.from();
            long to = plan.to();
            for (int d = outer.size() - 1; d >= 0; d--) {
              Loop loop = outer.get(d);
              long at = rest % loop.dim;
              rest /= loop.dim;
              from += at * loop.from;
              to += at * loop.to;
            }
            body.run((int) (i % parts), from, to, s);
          }
        };
    if (workers.pays(count * partSize / Chunks.RATE)) {
      workers.run(tasks, task);
      return;
    }
    for (int i = 0; i < tasks; i++) {
      task.run(i, workers.callers());
    }
  }
}
