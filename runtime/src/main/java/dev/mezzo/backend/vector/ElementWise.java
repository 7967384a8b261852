package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Comparison;
import dev.mezzo.backend.DropoutMask;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Tail;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * One result for each element: functions of one, two and three operands, scaling, dropout. A chunk
 * at a time is widened, computed in FP32, rounded once and stored; so the result may be an
 * operand's memory.
 */
final class ElementWise {

  private static final int LANES = Lanes.COUNT;

  private static final IntVector IOTA = IntVector.zero(Lanes.INTS).addIndex(1);

  private final Workers workers;

  ElementWise(Workers workers) {
    this.workers = workers;
  }

  void unary(Unary function, Operand x, Operand y) {
    if (function.function() == Unary.Function.RELU && HalfRelu.takes(x, y)) {
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
    if (function.function() == Unary.Function.RELU
        && HalfRelu.takes(dy, dx)
        && HalfRelu.takes(saved, dx)) {
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
  void dropout(Operand x, Operand y, float rate, long seed, @Nullable Tail tail) {
    TailBlocks blocks = TailBlocks.of(tail, y.size());
    Chunks.run(
        workers,
        x.size(),
        (from, n, s) -> {
          Conversions.widen(x, from, s.x, 0, n);
          drop(s.x, n, from, rate, seed);
          if (blocks != null) {
            blocks.apply(s.x, 0, n, from, s);
          }
          Conversions.narrow(s.x, 0, y, from, n, s.halves);
        });
  }

  void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    boolean widens =
        switch (function) {
          case ADD, SUBTRACT, MULTIPLY -> b.dtype() != DType.INT32;
          default -> false;
        };
    blocks(broadcast, c)
        .run(
            (block, s) -> {
              block.read(a, 0, s.x);
              if (widens && block.isContiguous(1)) {
                WideningSums.apply(function, s.x, b, block.to(), block.count());
              } else {
                if (block.isFresh(1)) {
                  block.read(b, 1, s.y);
                }
                apply(function, s.x, s.y, block.count());
              }
              Conversions.narrow(s.x, 0, c, block.to(), block.count(), s.halves);
            });
  }

  void compare(Comparison function, Operand a, Operand b, Operand y, Broadcast broadcast) {
    blocks(broadcast, y)
        .run(
            (block, s) -> {
              if (a.dtype() == DType.INT32) {
                block.read(a, 0, s.words);
                block.read(b, 1, s.between);
                Comparisons.apply(function, s.words, s.between, block.count());
              } else {
                block.read(a, 0, s.x);
                if (block.isFresh(1)) {
                  block.read(b, 1, s.y);
                }
                Comparisons.apply(function, s.x, s.y, s.words, block.count());
              }
              MemorySegment.copy(s.words, 0, y.data(), JAVA_INT, block.to() * 4, block.count());
            });
  }

  void ternary(Ternary function, Operand a, Operand b, Operand c, Operand y, Broadcast broadcast) {
    blocks(broadcast, y)
        .run(
            (block, s) -> {
              block.read(a, 0, s.x);
              if (block.isFresh(1)) {
                block.read(b, 1, s.y);
              }
              if (block.isFresh(2)) {
                block.read(c, 2, s.z);
              }
              apply(function, s.x, s.y, s.z, block.count());
              Conversions.narrow(s.x, 0, y, block.to(), block.count(), s.halves);
            });
  }

  private BroadcastBlocks blocks(Broadcast broadcast, Operand y) {
    return new BroadcastBlocks(workers, broadcast, y.size(), Scratch.CHUNK);
  }

  /** x = f(x, y). */
  static void apply(Binary function, float[] x, float[] y, int n) {
    switch (function) {
      case ADD -> GemmStore.add(x, 0, y, 0, n);
      case SUBTRACT -> subtract(x, y, n);
      case MULTIPLY -> multiply(x, y, n);
      case DIVIDE -> divide(x, y, n);
      case MAXIMUM -> maximum(x, y, n);
      case MINIMUM -> minimum(x, y, n);
      case EQUAL -> Selections.equal(x, y, n);
      case POWER -> RealPowers.apply(x, y, n);
    }
  }

  /** x = f(x, y, z). */
  static void apply(Ternary function, float[] x, float[] y, float[] z, int n) {
    switch (function) {
      case WHERE -> Selections.where(x, y, z, n);
      case MAXIMUM_GRADIENT -> Selections.maximumGradient(x, y, z, n);
      case MINIMUM_GRADIENT -> Selections.maximumGradient(x, z, y, n);
      case BASE_GRADIENT -> RealPowers.baseGradient(x, y, z, n);
      case EXPONENT_GRADIENT -> RealPowers.exponentGradient(x, y, z, n);
      case TIED -> Selections.tied(x, y, z, n);
      case SCALED_DIFFERENCE -> scaledDifference(x, y, z, n);
      case DIVISOR_GRADIENT -> divisorGradient(x, y, z, n);
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

  private static void divide(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] /= y[i];
    }
  }

  static void maximum(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.max(x[i], y[i]);
    }
  }

  private static void minimum(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.min(x[i], y[i]);
    }
  }

  private static void scaledDifference(float[] x, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= a[i] - b[i];
    }
  }

  private static void divisorGradient(float[] dy, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      dy[i] = (float) (-(double) dy[i] * ((double) a[i] / b[i]) / b[i]); // a/b may be beyond FP32
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
