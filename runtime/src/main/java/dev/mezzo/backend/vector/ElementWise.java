package dev.mezzo.backend.vector;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.DropoutMask;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Unary;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * One result for each element: functions of one and two operands, scaling, dropout. A chunk at a
 * time is widened, computed in FP32, rounded once and stored; so the result may be an operand's
 * memory.
 */
final class ElementWise {

  private static final int LANES = Lanes.COUNT;
  private static final int CHUNK = Scratch.CHUNK;

  private static final IntVector IOTA = IntVector.zero(Lanes.INTS).addIndex(1);

  private final Workers workers;

  ElementWise(Workers workers) {
    this.workers = workers;
  }

  void unary(Unary function, Operand x, Operand y) {
    if (function == Unary.RELU && HalfRelu.takes(x, y)) {
      Chunks.run(workers, x.size(), (from, n, s) -> HalfRelu.forward(x, y, from, n, s));
      return;
    }
    Chunks.run(
        workers,
        x.size(),
        (from, n, s) -> {
          Conversions.widen(x, from, s.x, 0, n);
          Activations.apply(function, s.x, 0, n, s.z);
          Conversions.narrow(s.x, 0, y, from, n, s.halves);
        });
  }

  void unaryGradient(Unary function, Operand dy, Operand saved, Operand dx) {
    if (function == Unary.RELU && HalfRelu.takes(dy, dx) && HalfRelu.takes(saved, dx)) {
      Chunks.run(workers, dy.size(), (from, n, s) -> HalfRelu.gradient(dy, saved, dx, from, n, s));
      return;
    }
    Chunks.run(
        workers,
        dy.size(),
        (from, n, s) -> {
          Conversions.widen(dy, from, s.x, 0, n);
          Conversions.widen(saved, from, s.y, 0, n);
          Activations.gradient(function, s.x, s.y, n, s.z);
          Conversions.narrow(s.x, 0, dx, from, n, s.halves);
        });
  }

  void scale(Operand x, float factor, Operand y) {
    Chunks.run(
        workers,
        x.size(),
        (from, n, s) -> {
          Conversions.widen(x, from, s.x, 0, n);
          scale(s.x, factor, n);
          Conversions.narrow(s.x, 0, y, from, n, s.halves);
        });
  }

  /** See {@link DropoutMask}: here the same hash, a vector at a time. */
  void dropout(Operand x, Operand y, float rate, long seed) {
    Chunks.run(
        workers,
        x.size(),
        (from, n, s) -> {
          Conversions.widen(x, from, s.x, 0, n);
          drop(s.x, n, from, rate, seed);
          Conversions.narrow(s.x, 0, y, from, n, s.halves);
        });
  }

  void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    int[] dims = broadcast.dims();
    int last = dims.length - 1;
    int length = dims[last];
    long aStride = broadcast.aStrides()[last];
    long bStride = broadcast.bStrides()[last];
    if (dims.length == 1) {
      Chunks.run(
          workers,
          length,
          (from, n, s) ->
              run(
                  function,
                  a,
                  from * aStride,
                  aStride,
                  b,
                  from * bStride,
                  bStride,
                  c,
                  from,
                  n,
                  s,
                  false));
      return;
    }
    long size = c.size();
    if (size == 0) {
      return;
    }
    int rows = Math.toIntExact(size / length);
    int taskRows = Math.max(1, (8 * CHUNK + length - 1) / length);
    int tasks = !workers.pays(size / Chunks.RATE) ? 1 : (rows + taskRows - 1) / taskRows;
    int perTask = (rows + tasks - 1) / tasks;
    Workers.Task task =
        (index, scratch) -> {
          int end = Math.min(rows, (index + 1) * perTask);
          long lastB = -1;
          for (int row = index * perTask; row < end; row++) {
            long aRow = offset(row, dims, broadcast.aStrides());
            long bRow = offset(row, dims, broadcast.bStrides());
            boolean sameB = bRow == lastB && length <= CHUNK; // a row that is added to every row
            lastB = bRow;
            for (int i = 0; i < length; i += CHUNK) {
              long to = (long) row * length + i;
              int n = Math.min(CHUNK, length - i);
              run(
                  function,
                  a,
                  aRow + i * aStride,
                  aStride,
                  b,
                  bRow + i * bStride,
                  bStride,
                  c,
                  to,
                  n,
                  scratch,
                  sameB);
            }
          }
        };
    workers.run(tasks, task);
  }

  /** Where a row (all dimensions but the last, in one number) starts. */
  private static long offset(int row, int[] dims, long[] strides) {
    long offset = 0;
    int rest = row;
    for (int d = dims.length - 2; d >= 0; d--) {
      offset += rest % dims[d] * strides[d];
      rest /= dims[d];
    }
    return offset;
  }

  private static void run(
      Binary function,
      Operand a,
      long aFrom,
      long aStride,
      Operand b,
      long bFrom,
      long bStride,
      Operand c,
      long to,
      int n,
      Scratch s,
      boolean sameB) {
    read(a, aFrom, aStride, s.x, n);
    if (!sameB) {
      read(b, bFrom, bStride, s.y, n);
    }
    switch (function) {
      case ADD -> GemmStore.add(s.x, 0, s.y, 0, n);
      case SUBTRACT -> subtract(s.x, s.y, n);
      case MULTIPLY -> multiply(s.x, s.y, n);
    }
    Conversions.narrow(s.x, 0, c, to, n, s.halves);
  }

  private static void read(Operand x, long from, long stride, float[] to, int n) {
    if (stride == 1) {
      Conversions.widen(x, from, to, 0, n);
    } else if (stride == 0) {
      Conversions.widen(x, from, to, 0, 1);
      Arrays.fill(to, 1, n, to[0]);
    } else {
      for (int i = 0; i < n; i++) {
        Conversions.widen(x, from + i * stride, to, i, 1);
      }
    }
  }

  static void subtract(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] -= y[i];
    }
  }

  static void multiply(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= y[i];
    }
  }

  static void scale(float[] x, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= factor;
    }
  }

  private static void drop(float[] x, int n, long first, float rate, long seed) {
    int low = (int) seed;
    int high = (int) (seed >>> 32) + (int) (first >>> 32) * 0x85EBCA6B; // chunks are aligned
    float kept = 1 - rate;
    for (int i = 0; i < n; i += LANES) {
      IntVector index = IOTA.add((int) first + i);
      IntVector hash = mix(index.mul(0x9E3779B9).add(low));
      hash = mix(hash.lanewise(VectorOperators.XOR, high));
      IntVector top = hash.lanewise(VectorOperators.LSHR, 8);
      FloatVector uniform = (FloatVector) top.convertShape(VectorOperators.I2F, Lanes.FLOATS, 0);
      VectorMask<Float> dropped = uniform.mul(0x1p-24f).compare(VectorOperators.LT, rate);
      FloatVector.fromArray(Lanes.FLOATS, x, i).div(kept).blend(0f, dropped).intoArray(x, i);
    }
  }

  private static IntVector mix(IntVector value) {
    IntVector h = value;
    h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16)).mul(0x85EBCA6B);
    h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 13)).mul(0xC2B2AE35);
    return h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16));
  }
}
