package dev.mezzo.benchmarks.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The rate of FP32 multiply-adds when nothing but registers is touched: what a product can reach at
 * most.
 */
final class FmaProbe {

  private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;

  /** A few milliseconds. */
  private static final int STEPS = 500_000;

  private float result;

  /** GFLOP/s of one run on the calling thread. */
  double run() {
    long start = System.nanoTime();
    result += chains(STEPS, 0.999f);
    return 2.0 * CHAINS * LANES.length() * STEPS / (System.nanoTime() - start);
  }

  /** Keeps the compiler from dropping the work. */
  float result() {
    return result;
  }

  /**
   * Twelve independent chains: more than latency times rate of any processor so far, and all in
   * registers of any.
   */
  private static float chains(int steps, float factor) {
    FloatVector x = FloatVector.broadcast(LANES, factor);
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    FloatVector g = x;
    FloatVector h = x;
    FloatVector i = x;
    FloatVector j = x;
    FloatVector k = x;
    FloatVector l = x;
    for (int step = 0; step < steps; step++) {
      a = x.fma(x, a);
      b = x.fma(x, b);
      c = x.fma(x, c);
      d = x.fma(x, d);
      e = x.fma(x, e);
      f = x.fma(x, f);
      g = x.fma(x, g);
      h = x.fma(x, h);
      i = x.fma(x, i);
      j = x.fma(x, j);
      k = x.fma(x, k);
      l = x.fma(x, l);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f);
    sum = sum.add(g).add(h).add(i).add(j).add(k).add(l);
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
