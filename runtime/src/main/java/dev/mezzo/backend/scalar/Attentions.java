package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.AttentionMask;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** Attention, query by query: the scores of one query are all that is ever there. */
final class Attentions implements AttentionKernels {

  @Override
  public void forward(Attention attention, Heads y, Operand logSums) {
    AttentionShape shape = attention.shape();
    Query queries = new Query(attention);
    float[] v = Values.read(attention.v().operand());
    float[] sums = new float[Values.length(logSums)];
    float[] results = Values.read(y.operand());
    queries.each(
        (batch, head, query) -> {
          double[] p = queries.scores(batch, head, query);
          double logSum = logSum(p);
          sums[(batch * shape.heads() + head) * shape.queries() + query] = (float) logSum;
          for (int d = 0; d < shape.headDim(); d++) {
            double sum = 0;
            for (int j = 0; j < p.length; j++) {
              sum += probability(p[j], logSum) * v[queries.key(attention.v(), batch, head, j) + d];
            }
            results[queries.query(y, batch, head, query) + d] = (float) sum;
          }
        });
    Values.write(results, y.operand());
    Values.write(sums, logSums);
  }

  @Override
  public void gradient(Attention attention, Saved saved, Heads dq, Heads dk, Heads dv) {
    AttentionShape shape = attention.shape();
    Query queries = new Query(attention);
    float[] k = Values.read(attention.k().operand());
    float[] v = Values.read(attention.v().operand());
    float[] dOut = Values.read(saved.dy().operand());
    float[] out = Values.read(saved.y().operand());
    float[] sums = Values.read(saved.logSums());
    Map<MemorySegment, Sums> all = new HashMap<>(); // heads may lie in one matrix
    Sums dQueries = all.computeIfAbsent(dq.operand().data(), data -> new Sums(dq.operand()));
    Sums dKeys = all.computeIfAbsent(dk.operand().data(), data -> new Sums(dk.operand()));
    Sums dValues = all.computeIfAbsent(dv.operand().data(), data -> new Sums(dv.operand()));
    queries.each(
        (batch, head, query) -> {
          double[] s = queries.scores(batch, head, query);
          double logSum = sums[(batch * shape.heads() + head) * shape.queries() + query];
          int dOutAt = queries.query(saved.dy(), batch, head, query);
          int outAt = queries.query(saved.y(), batch, head, query);
          double own = dot(dOut, dOutAt, out, outAt, shape.headDim());
          int qAt = queries.query(attention.q(), batch, head, query);
          int dqAt = queries.query(dq, batch, head, query);
          for (int j = 0; j < s.length; j++) {
            double p = probability(s[j], logSum);
            if (p == 0) {
              continue;
            }
            int kAt = queries.key(attention.k(), batch, head, j);
            int vAt = queries.key(attention.v(), batch, head, j);
            int dkAt = queries.key(dk, batch, head, j);
            int dvAt = queries.key(dv, batch, head, j);
            double ds = shape.scale() * p * (dot(dOut, dOutAt, v, vAt, shape.headDim()) - own);
            for (int d = 0; d < shape.headDim(); d++) {
              dValues.values[dvAt + d] += p * dOut[dOutAt + d];
              dQueries.values[dqAt + d] += ds * k[kAt + d];
              dKeys.values[dkAt + d] += ds * queries.q[qAt + d];
            }
          }
        });
    all.values().forEach(Sums::store);
  }

  private static double logSum(double[] scores) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      maximum = Math.max(maximum, score);
    }
    if (maximum == Double.NEGATIVE_INFINITY) {
      return maximum;
    }
    double sum = 0;
    for (double score : scores) {
      sum += Math.exp(score - maximum);
    }
    return maximum + Math.log(sum);
  }

  /** 0 where the query sees nothing. */
  private static double probability(double score, double logSum) {
    return logSum == Double.NEGATIVE_INFINITY ? 0 : Math.exp(score - logSum);
  }

  private static double dot(float[] a, int aAt, float[] b, int bAt, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += (double) a[aAt + i] * b[bAt + i];
    }
    return sum;
  }

  /** Gradients in the rows of an operand. */
  private static final class Sums {
    private final Operand operand;
    private final double[] values;

    Sums(Operand operand) {
      this.operand = operand;
      this.values = new double[Values.length(operand)];
    }

    void store() {
      float[] rounded = new float[values.length];
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) values[i];
      }
      Values.write(rounded, operand);
    }
  }

  /** The scores of single queries. */
  private static final class Query {
    private final Attention attention;
    private final AttentionShape shape;
    private final float[] q;
    private final float[] k;
    private final float[] mask;

    Query(Attention attention) {
      this.attention = attention;
      this.shape = attention.shape();
      this.q = Values.read(attention.q().operand());
      this.k = Values.read(attention.k().operand());
      AttentionMask given = attention.mask();
      this.mask = given == null ? new float[0] : Values.read(given.values());
    }

    interface Body {
      void run(int batch, int head, int query);
    }

    void each(Body body) {
      for (int batch = 0; batch < shape.batch(); batch++) {
        for (int head = 0; head < shape.heads(); head++) {
          for (int query = 0; query < shape.queries(); query++) {
            body.run(batch, head, query);
          }
        }
      }
    }

    int query(Heads heads, int batch, int head, int query) {
      return (int) heads.index((long) batch * shape.queries() + query, head, shape.headDim());
    }

    int key(Heads heads, int batch, int head, int key) {
      long row = (long) batch * shape.keys() + key;
      return (int) heads.index(row, head / shape.group(), shape.headDim());
    }

    double[] scores(int batch, int head, int query) {
      double[] scores = new double[shape.visible(query)];
      int from = query(attention.q(), batch, head, query);
      for (int j = 0; j < scores.length; j++) {
        int key = key(attention.k(), batch, head, j);
        scores[j] = shape.scale() * dot(q, from, k, key, shape.headDim());
        if (attention.mask() != null) {
          scores[j] += mask[(int) attention.mask().index(batch, head, query) + j];
        }
      }
      return scores;
    }
  }
}
