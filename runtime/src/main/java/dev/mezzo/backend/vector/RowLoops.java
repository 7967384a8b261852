package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * What norms and softmax do to the rows of a {@link RowBlock}: {@code n} numbers each, from {@code
 * at} on, {@code stride} from a row to the next; up to the end of a vector they are filled up with
 * what changes no result. One loop to a method, over all rows: a call for each row would cost more
 * than a short one.
 *
 * <p>Sums are left as vectors of partial sums, one a row, which {@link #totals} adds.
 */
final class RowLoops {

  private static final int LANES = Lanes.COUNT;

  private RowLoops() {}

  /** to[r] = the sum of row r's partial sums, times the factor. */
  static void totals(float[] partial, int rows, float factor, float[] to) {
    for (int r = 0; r < rows; r++) {
      to[r] = Lanes.sum(fromArray(FLOATS, partial, r * LANES)) * factor;
    }
  }

  static void sums(float[] x, int stride, int n, int rows, float[] partial) {
    for (int r = 0; r < rows; r++) {
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = FloatVector.zero(FLOATS);
      int i = r * stride;
      int end = i + n;
      for (; i < end - LANES; i += 2 * LANES) {
        even = even.add(fromArray(FLOATS, x, i));
        odd = odd.add(fromArray(FLOATS, x, i + LANES));
      }
      if (i < end) {
        even = even.add(fromArray(FLOATS, x, i));
      }
      even.add(odd).intoArray(partial, r * LANES);
    }
  }

  /** Σ (x − mean)². */
  static void squares(float[] x, int stride, int n, int rows, float[] means, float[] partial) {
    VectorMask<Float> rest = FLOATS.indexInRange(0, (n + LANES - 1) % LANES + 1);
    for (int r = 0; r < rows; r++) {
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = FloatVector.zero(FLOATS);
      float mean = means[r];
      int i = r * stride;
      int last = i + n - LANES;
      for (; i < last - LANES; i += 2 * LANES) {
        FloatVector a = fromArray(FLOATS, x, i).sub(mean);
        FloatVector b = fromArray(FLOATS, x, i + LANES).sub(mean);
        even = a.fma(a, even);
        odd = b.fma(b, odd);
      }
      if (i < last) {
        FloatVector a = fromArray(FLOATS, x, i).sub(mean);
        even = a.fma(a, even);
        i += LANES;
      }
      FloatVector a = fromArray(FLOATS, x, i).sub(mean, rest);
      a.fma(a, even).add(odd).intoArray(partial, r * LANES);
    }
  }

  /** Σ x·y. */
  static void dots(float[] x, float[] y, int stride, int n, int rows, float[] partial) {
    for (int r = 0; r < rows; r++) {
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = FloatVector.zero(FLOATS);
      int i = r * stride;
      int end = i + n;
      for (; i < end - LANES; i += 2 * LANES) {
        even = fromArray(FLOATS, x, i).fma(fromArray(FLOATS, y, i), even);
        odd = fromArray(FLOATS, x, i + LANES).fma(fromArray(FLOATS, y, i + LANES), odd);
      }
      if (i < end) {
        even = fromArray(FLOATS, x, i).fma(fromArray(FLOATS, y, i), even);
      }
      even.add(odd).intoArray(partial, r * LANES);
    }
  }

  /** to[r] = the greatest number of row r that is not NaN; of none −Inf. */
  static void maxima(float[] x, int at, int stride, int n, int rows, float[] to) {
    for (int r = 0; r < rows; r++) {
      FloatVector even = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      FloatVector odd = even;
      int i = at + r * stride;
      int end = i + n;
      for (; i < end - LANES; i += 2 * LANES) { // max() minds −0
        FloatVector a = fromArray(FLOATS, x, i);
        FloatVector b = fromArray(FLOATS, x, i + LANES);
        even = even.blend(a, a.compare(GT, even));
        odd = odd.blend(b, b.compare(GT, odd));
      }
      if (i < end) {
        FloatVector a = fromArray(FLOATS, x, i);
        even = even.blend(a, a.compare(GT, even));
      }
      // in whatever order
      to[r] = even.blend(odd, odd.compare(GT, even)).reduceLanes(MAX);
    }
  }

  /** to[r] = the greatest number of row r; NaN if one is; of none −Inf. */
  static void greatest(float[] x, int stride, int n, int rows, float[] to) {
    for (int r = 0; r < rows; r++) {
      FloatVector m0 = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      FloatVector m1 = m0;
      FloatVector m2 = m0;
      FloatVector m3 = m0;
      int i = r * stride;
      int end = i + n;
      for (; i <= end - 4 * LANES; i += 4 * LANES) {
        m0 = m0.max(fromArray(FLOATS, x, i));
        m1 = m1.max(fromArray(FLOATS, x, i + LANES));
        m2 = m2.max(fromArray(FLOATS, x, i + 2 * LANES));
        m3 = m3.max(fromArray(FLOATS, x, i + 3 * LANES));
      }
      for (; i < end; i += LANES) {
        m0 = m0.max(fromArray(FLOATS, x, i));
      }
      to[r] = m0.max(m1).max(m2.max(m3)).reduceLanes(MAX);
    }
  }

  /** {@code to = e^(x − maximum)}, where it is below 2⁻¹²⁶ 0, and its sums; x and to may be one. */
  static void exponentials(
      float[] x, float[] to, int at, int stride, int n, int rows, float[] maxima, float[] partial) {
    for (int r = 0; r < rows; r++) {
      FloatVector sum = FloatVector.zero(FLOATS);
      float maximum = maxima[r];
      int i = at + r * stride;
      for (int end = i + n; i < end; i += LANES) {
        FloatVector e = VectorMath.expOfNegative(fromArray(FLOATS, x, i).sub(maximum));
        e.intoArray(to, i);
        sum = sum.add(e);
      }
      sum.intoArray(partial, r * LANES);
    }
  }

  /** x = x·factor. */
  static void scale(float[] x, int stride, int n, int rows, float[] factors) {
    for (int r = 0; r < rows; r++) {
      float factor = factors[r];
      int i = r * stride;
      for (int end = i + n; i < end; i += LANES) {
        fromArray(FLOATS, x, i).mul(factor).intoArray(x, i);
      }
    }
  }

  /** x = x − term. */
  static void subtract(float[] x, int stride, int n, int rows, float[] terms) {
    for (int r = 0; r < rows; r++) {
      float term = terms[r];
      int i = r * stride;
      for (int end = i + n; i < end; i += LANES) {
        fromArray(FLOATS, x, i).sub(term).intoArray(x, i);
      }
    }
  }
}
