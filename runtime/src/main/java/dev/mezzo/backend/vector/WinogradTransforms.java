package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * The linear maps of Winograd's convolutions F(m×m, 3×3) for m = 2 and 4, on tiles of vectors: one
 * vector is a pixel's channels. Each map is applied along the rows, then along the columns.
 *
 * <p>With a = m + 2: {@code y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A} for d (a×a) pixels of the source, g (3×3)
 * of the kernel, y (m×m) of the result. The gradient by g is {@code Gᵀ[(A dy Aᵀ) ⊙ (Bᵀ d B)]G}.
 *
 * @see <a href="https://arxiv.org/abs/1509.09308">Lavin and Gray, Fast Algorithms for Convolutional
 *     Neural Networks</a>
 */
final class WinogradTransforms {

  private static final int LANES = Lanes.COUNT;

  private WinogradTransforms() {}

  /** One of the maps. */
  enum Map {
    /** Bᵀ: a source's tile. */
    SOURCE,
    /** G: a kernel. */
    KERNEL,
    /** Aᵀ: to a result's tile. */
    RESULT,
    /** A: a tile of a result's gradient. */
    RESULT_GRADIENT,
    /** Gᵀ: to a kernel's gradient. */
    KERNEL_GRADIENT
  }

  /** Numbers along a dimension that a map takes. */
  static int from(Map map, int m) {
    return switch (map) {
      case SOURCE, RESULT, KERNEL_GRADIENT -> m + 2;
      case KERNEL -> 3;
      case RESULT_GRADIENT -> m;
    };
  }

  /** Numbers along a dimension that a map gives. */
  static int to(Map map, int m) {
    return switch (map) {
      case SOURCE, KERNEL, RESULT_GRADIENT -> m + 2;
      case RESULT -> m;
      case KERNEL_GRADIENT -> 3;
    };
  }

  /**
   * Maps {@code count} channels of a tile both ways.
   *
   * @param row elements from a row of the tile to the next
   * @param column elements from a column to the next
   * @param count a multiple of a vector's length
   * @param between room for 36·count elements
   * @param toRow elements from a row of the result to the next
   */
  static void map(
      Map map,
      int m,
      float[] x,
      int at,
      int row,
      int column,
      int count,
      float[] between,
      float[] y,
      int to,
      int toRow,
      int toColumn) {
    int from = from(map, m);
    int lines = to(map, m);
    for (int j = 0; j < from; j++) {
      line(map, m, x, at + j * column, row, count, between, j * count, from * count);
    }
    for (int i = 0; i < lines; i++) {
      line(map, m, between, i * from * count, count, count, y, to + i * toRow, toColumn);
    }
  }

  private static void line(
      Map map, int m, float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    switch (map) {
      case SOURCE -> {
        if (m == 4) {
          source4(x, at, step, count, y, to, toStep);
        } else {
          source2(x, at, step, count, y, to, toStep);
        }
      }
      case KERNEL -> {
        if (m == 4) {
          kernel4(x, at, step, count, y, to, toStep);
        } else {
          kernel2(x, at, step, count, y, to, toStep);
        }
      }
      case RESULT -> {
        if (m == 4) {
          result4(x, at, step, count, y, to, toStep);
        } else {
          result2(x, at, step, count, y, to, toStep);
        }
      }
      case RESULT_GRADIENT -> {
        if (m == 4) {
          resultGradient4(x, at, step, count, y, to, toStep);
        } else {
          resultGradient2(x, at, step, count, y, to, toStep);
        }
      }
      case KERNEL_GRADIENT -> {
        if (m == 4) {
          kernelGradient4(x, at, step, count, y, to, toStep);
        } else {
          kernelGradient2(x, at, step, count, y, to, toStep);
        }
      }
    }
  }

  /** Rows (4 0 −5 0 1 0), (0 ∓4 −4 ±1 1 0), (0 ∓2 −1 ±2 1 0), (0 4 0 −5 0 1). */
  private static void source4(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    FloatVector four = FloatVector.broadcast(Lanes.FLOATS, 4f);
    FloatVector lessFour = FloatVector.broadcast(Lanes.FLOATS, -4f);
    FloatVector lessFive = FloatVector.broadcast(Lanes.FLOATS, -5f);
    for (int c = 0; c < count; c += LANES) {
      FloatVector d0 = fromArray(FLOATS, x, at + c);
      FloatVector d1 = fromArray(FLOATS, x, at + c + step);
      FloatVector d2 = fromArray(FLOATS, x, at + c + 2 * step);
      FloatVector d3 = fromArray(FLOATS, x, at + c + 3 * step);
      FloatVector d4 = fromArray(FLOATS, x, at + c + 4 * step);
      FloatVector d5 = fromArray(FLOATS, x, at + c + 5 * step);
      d0.fma(four, d2.fma(lessFive, d4)).intoArray(y, to + c);
      FloatVector even = d2.fma(lessFour, d4);
      FloatVector odd = d1.fma(lessFour, d3);
      even.add(odd).intoArray(y, to + c + toStep);
      even.sub(odd).intoArray(y, to + c + 2 * toStep);
      even = d4.sub(d2);
      odd = d3.sub(d1);
      odd = odd.add(odd);
      even.add(odd).intoArray(y, to + c + 3 * toStep);
      even.sub(odd).intoArray(y, to + c + 4 * toStep);
      d1.fma(four, d3.fma(lessFive, d5)).intoArray(y, to + c + 5 * toStep);
    }
  }

  /** Rows (1 0 −1 0), (0 1 1 0), (0 −1 1 0), (0 1 0 −1). */
  private static void source2(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector d0 = fromArray(FLOATS, x, at + c);
      FloatVector d1 = fromArray(FLOATS, x, at + c + step);
      FloatVector d2 = fromArray(FLOATS, x, at + c + 2 * step);
      FloatVector d3 = fromArray(FLOATS, x, at + c + 3 * step);
      d0.sub(d2).intoArray(y, to + c);
      d1.add(d2).intoArray(y, to + c + toStep);
      d2.sub(d1).intoArray(y, to + c + 2 * toStep);
      d1.sub(d3).intoArray(y, to + c + 3 * toStep);
    }
  }

  /** Rows (¼ 0 0), −⅙(1 ±1 1), (1/24 ±1/12 ⅙), (0 0 1). */
  private static void kernel4(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector g0 = fromArray(FLOATS, x, at + c);
      FloatVector g1 = fromArray(FLOATS, x, at + c + step);
      FloatVector g2 = fromArray(FLOATS, x, at + c + 2 * step);
      g0.mul(0.25f).intoArray(y, to + c);
      FloatVector even = g0.add(g2).mul(-1f / 6);
      FloatVector odd = g1.mul(-1f / 6);
      even.add(odd).intoArray(y, to + c + toStep);
      even.sub(odd).intoArray(y, to + c + 2 * toStep);
      even = g0.mul(1f / 24).add(g2.mul(1f / 6));
      odd = g1.mul(1f / 12);
      even.add(odd).intoArray(y, to + c + 3 * toStep);
      even.sub(odd).intoArray(y, to + c + 4 * toStep);
      g2.intoArray(y, to + c + 5 * toStep);
    }
  }

  /** Rows (1 0 0), ½(1 ±1 1), (0 0 1). */
  private static void kernel2(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector g0 = fromArray(FLOATS, x, at + c);
      FloatVector g2 = fromArray(FLOATS, x, at + c + 2 * step);
      FloatVector even = g0.add(g2).mul(0.5f);
      FloatVector odd = fromArray(FLOATS, x, at + c + step).mul(0.5f);
      g0.intoArray(y, to + c);
      even.add(odd).intoArray(y, to + c + toStep);
      even.sub(odd).intoArray(y, to + c + 2 * toStep);
      g2.intoArray(y, to + c + 3 * toStep);
    }
  }

  /** Rows (1 1 1 1 1 0), (0 1 −1 2 −2 0), (0 1 1 4 4 0), (0 1 −1 8 −8 1). */
  private static void result4(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector m1 = fromArray(FLOATS, x, at + c + step);
      FloatVector m2 = fromArray(FLOATS, x, at + c + 2 * step);
      FloatVector m3 = fromArray(FLOATS, x, at + c + 3 * step);
      FloatVector m4 = fromArray(FLOATS, x, at + c + 4 * step);
      FloatVector sum = m1.add(m2);
      FloatVector difference = m1.sub(m2);
      FloatVector outerSum = m3.add(m4);
      FloatVector outerDifference = m3.sub(m4);
      fromArray(FLOATS, x, at + c).add(sum).add(outerSum).intoArray(y, to + c);
      outerDifference
          .fma(FloatVector.broadcast(Lanes.FLOATS, 2f), difference)
          .intoArray(y, to + c + toStep);
      outerSum.fma(FloatVector.broadcast(Lanes.FLOATS, 4f), sum).intoArray(y, to + c + 2 * toStep);
      outerDifference
          .fma(FloatVector.broadcast(Lanes.FLOATS, 8f), difference)
          .add(fromArray(FLOATS, x, at + c + 5 * step))
          .intoArray(y, to + c + 3 * toStep);
    }
  }

  /** Rows (1 1 1 0), (0 1 −1 −1). */
  private static void result2(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector m1 = fromArray(FLOATS, x, at + c + step);
      FloatVector m2 = fromArray(FLOATS, x, at + c + 2 * step);
      fromArray(FLOATS, x, at + c).add(m1.add(m2)).intoArray(y, to + c);
      m1.sub(m2).sub(fromArray(FLOATS, x, at + c + 3 * step)).intoArray(y, to + c + toStep);
    }
  }

  private static void resultGradient4(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector d0 = fromArray(FLOATS, x, at + c);
      FloatVector d1 = fromArray(FLOATS, x, at + c + step);
      FloatVector d2 = fromArray(FLOATS, x, at + c + 2 * step);
      FloatVector d3 = fromArray(FLOATS, x, at + c + 3 * step);
      d0.intoArray(y, to + c);
      FloatVector even = d0.add(d2);
      FloatVector odd = d1.add(d3);
      even.add(odd).intoArray(y, to + c + toStep);
      even.sub(odd).intoArray(y, to + c + 2 * toStep);
      even = d2.fma(FloatVector.broadcast(Lanes.FLOATS, 4f), d0);
      odd = d3.fma(FloatVector.broadcast(Lanes.FLOATS, 8f), d1.add(d1));
      even.add(odd).intoArray(y, to + c + 3 * toStep);
      even.sub(odd).intoArray(y, to + c + 4 * toStep);
      d3.intoArray(y, to + c + 5 * toStep);
    }
  }

  private static void resultGradient2(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector d0 = fromArray(FLOATS, x, at + c);
      FloatVector d1 = fromArray(FLOATS, x, at + c + step);
      d0.intoArray(y, to + c);
      d0.add(d1).intoArray(y, to + c + toStep);
      d0.sub(d1).intoArray(y, to + c + 2 * toStep);
      d1.neg().intoArray(y, to + c + 3 * toStep);
    }
  }

  private static void kernelGradient4(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector u1 = fromArray(FLOATS, x, at + c + step);
      FloatVector u2 = fromArray(FLOATS, x, at + c + 2 * step);
      FloatVector u3 = fromArray(FLOATS, x, at + c + 3 * step);
      FloatVector u4 = fromArray(FLOATS, x, at + c + 4 * step);
      FloatVector inner = u1.add(u2).mul(-1f / 6);
      FloatVector outer = u3.add(u4);
      fromArray(FLOATS, x, at + c)
          .mul(0.25f)
          .add(inner)
          .add(outer.mul(1f / 24))
          .intoArray(y, to + c);
      u2.sub(u1).mul(1f / 6).add(u3.sub(u4).mul(1f / 12)).intoArray(y, to + c + toStep);
      inner
          .add(outer.mul(1f / 6))
          .add(fromArray(FLOATS, x, at + c + 5 * step))
          .intoArray(y, to + c + 2 * toStep);
    }
  }

  private static void kernelGradient2(
      float[] x, int at, int step, int count, float[] y, int to, int toStep) {
    for (int c = 0; c < count; c += LANES) {
      FloatVector u1 = fromArray(FLOATS, x, at + c + step);
      FloatVector u2 = fromArray(FLOATS, x, at + c + 2 * step);
      FloatVector half = u1.add(u2).mul(0.5f);
      fromArray(FLOATS, x, at + c).add(half).intoArray(y, to + c);
      u1.sub(u2).mul(0.5f).intoArray(y, to + c + toStep);
      half.add(fromArray(FLOATS, x, at + c + 3 * step)).intoArray(y, to + c + 2 * toStep);
    }
  }
}
