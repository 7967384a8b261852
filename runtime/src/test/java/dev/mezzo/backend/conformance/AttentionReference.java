package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;

import dev.mezzo.backend.AttentionShape;
import org.jspecify.annotations.Nullable;

/**
 * Attention in double, and how far FP32 may be from it. A score is off by (dim + 4)·u·Σ|q·k|·scale
 * and the mask's u; a probability, relatively, by twice the greatest of these, by |s − max|·u and
 * the exponential's 8·u, and by n·u of the sum; then come sums of products. Where those are made of
 * 16-bit factors, probabilities and slopes are off by half a unit of theirs.
 */
final class AttentionReference {

  private final AttentionShape shape;
  private final double[] q;
  private final double[] k;
  private final double[] v;
  private final double @Nullable [] mask;
  private final double unit;
  private final Bounded y;
  private final Bounded logSums;

  /** Numbers and bounds on their errors. */
  record Bounded(double[] values, double[] errors) {
    static Bounded of(int size) {
      return new Bounded(new double[size], new double[size]);
    }

    void add(int at, double value, double error) {
      values[at] += value;
      errors[at] += error;
    }
  }

  /** The gradients. */
  record Gradients(Bounded q, Bounded k, Bounded v) {}

  private AttentionReference(
      AttentionShape shape,
      double[] q,
      double[] k,
      double[] v,
      double @Nullable [] mask,
      double unit) {
    this.unit = unit;
    this.shape = shape;
    this.q = q;
    this.k = k;
    this.v = v;
    this.mask = mask;
    this.y = Bounded.of(q.length);
    this.logSums = Bounded.of(shape.batch() * shape.heads() * shape.queries());
  }

  /**
   * Of these operands.
   *
   * @param unit half a unit of the type that factors of products are rounded to; 0 for FP32
   */
  static AttentionReference of(
      AttentionShape shape,
      double[] q,
      double[] k,
      double[] v,
      double @Nullable [] mask,
      double unit) {
    var reference = new AttentionReference(shape, q, k, v, mask, unit);
    reference.forward();
    return reference;
  }

  Bounded y() {
    return y;
  }

  Bounded logSums() {
    return logSums;
  }

  private void forward() {
    int rows = logSums.values.length;
    for (int row = 0; row < rows; row++) {
      Row r = new Row(row);
      logSums.add(row, r.logSum, r.logSumError);
      for (int d = 0; d < shape.headDim(); d++) {
        for (int j = 0; j < r.p.length; j++) {
          double term = r.p[j] * v[r.key(j) + d];
          double error =
              (r.pError[j] + unit + (2 * shape.keys() + 8) * U) * Math.abs(term)
                  + least() * Math.abs(v[r.key(j) + d])
                  + TINY;
          y.add(r.query + d, term, error);
        }
      }
    }
  }

  /** Of the results as they were stored. */
  Gradients gradients(double[] dy, double[] stored) {
    Gradients gradients =
        new Gradients(Bounded.of(q.length), Bounded.of(k.length), Bounded.of(v.length));
    int dim = shape.headDim();
    int terms = shape.queries() * shape.group() + 2;
    for (int row = 0; row < logSums.values.length; row++) {
      Row r = new Row(row);
      double own = 0;
      double ownError = 0;
      for (int d = 0; d < dim; d++) {
        own += dy[r.query + d] * stored[r.query + d];
        ownError += (dim + 2) * U * Math.abs(dy[r.query + d] * stored[r.query + d]);
      }
      for (int j = 0; j < r.p.length; j++) {
        double product = 0;
        double magnitude = 0;
        for (int d = 0; d < dim; d++) {
          product += dy[r.query + d] * v[r.key(j) + d];
          magnitude += Math.abs(dy[r.query + d] * v[r.key(j) + d]);
        }
        double slope = r.p[j] * (product - own);
        double size = r.p[j] * (Math.abs(product) + Math.abs(own));
        double slopeError =
            Math.abs(slope) * r.pError[j]
                + r.p[j] * (ownError + (dim + 2) * U * magnitude)
                + 4 * U * size
                + unit * Math.abs(slope)
                + least() / shape.scale();
        for (int d = 0; d < dim; d++) {
          int at = r.query + d;
          int key = r.key(j) + d;
          double scale = shape.scale();
          double pError = r.p[j] * (r.pError[j] + unit) + least();
          add(gradients.v, key, r.p[j], pError, dy[at], terms);
          add(gradients.q, at, scale * slope, scale * slopeError, k[key], shape.keys() + 4);
          add(gradients.k, key, scale * slope, scale * slopeError, q[at], terms + 2);
        }
      }
    }
    return gradients;
  }

  /** Half of FP16's least number, where factors are rounded. */
  private double least() {
    return unit == 0 ? 0 : 0x1p-25;
  }

  private static void add(
      Bounded to, int at, double factor, double error, double other, int terms) {
    to.add(at, factor * other, Math.abs(other) * (error + terms * U * Math.abs(factor)) + TINY);
  }

  /** A query's probabilities and their relative errors. */
  private final class Row {
    private final int batch;
    private final int head;
    private final int query;
    private final double[] p;
    private final double[] pError;
    private final double logSum;
    private final double logSumError;

    Row(int row) {
      int i = row % shape.queries();
      this.head = row / shape.queries() % shape.heads();
      this.batch = row / shape.queries() / shape.heads();
      this.query = ((batch * shape.queries() + i) * shape.heads() + head) * shape.headDim();
      int keys =
          shape.causal()
              ? Math.clamp(i + 1 + shape.keys() - shape.queries(), 0, shape.keys())
              : shape.keys();
      this.p = new double[keys];
      this.pError = new double[keys];
      double worst = 0;
      double maximum = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < keys; j++) {
        double magnitude = 0;
        for (int d = 0; d < shape.headDim(); d++) {
          double term = shape.scale() * q[query + d] * k[key(j) + d];
          p[j] += term;
          magnitude += Math.abs(term);
        }
        double added = mask == null ? 0 : mask[(batch * shape.queries() + i) * shape.keys() + j];
        p[j] += added;
        maximum = Math.max(maximum, p[j]);
        if (p[j] != Double.NEGATIVE_INFINITY) {
          pError[j] = ((shape.headDim() + 4) * magnitude + Math.abs(added) + Math.abs(p[j])) * U;
          worst = Math.max(worst, pError[j]);
        }
      }
      double sum = 0;
      for (double score : p) {
        sum += score == Double.NEGATIVE_INFINITY ? 0 : Math.exp(score - maximum);
      }
      this.logSum = sum == 0 ? Double.NEGATIVE_INFINITY : maximum + Math.log(sum);
      double spread = 0;
      for (int j = 0; j < keys; j++) {
        double away = sum == 0 || p[j] == Double.NEGATIVE_INFINITY ? 0 : Math.abs(p[j] - logSum);
        spread = Math.max(spread, away + Math.abs(p[j] == Double.NEGATIVE_INFINITY ? 0 : p[j]));
        p[j] = sum == 0 ? 0 : Math.exp(p[j] - logSum);
        pError[j] += worst + (keys + 24 + 4 * away) * U;
      }
      this.logSumError = worst + (keys + 16 + 4 * spread) * U + Math.abs(logSum) * 2 * U;
      for (int j = 0; j < keys; j++) {
        pError[j] += sum == 0 ? 0 : logSumError;
      }
    }

    int key(int j) {
      return ((batch * shape.keys() + j) * shape.keyHeads() + head / shape.group())
          * shape.headDim();
    }
  }
}
