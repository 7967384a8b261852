package dev.mezzo.backend;

import java.util.Arrays;

/**
 * The paths of one sequence that spell one target, in the logarithmic domain and in FP64: states
 * are the labels with a blank before, between and behind; α sums what leads to a state, β what
 * leads on.
 *
 * @see <a href="https://www.cs.toronto.edu/~graves/icml_2006.pdf">Graves et al., Connectionist
 *     Temporal Classification</a>
 */
public final class CtcLattice {

  private static final double NONE = Double.NEGATIVE_INFINITY;

  private final int time;
  private final int classes;
  private final int states;
  private final int[] target;
  private final double[] logits;
  private final double[] sums;
  private final double[] alpha;

  /**
   * The lattice of a sequence, with α.
   *
   * @param logits (time, classes)
   * @param target labels, from 1 to classes − 1
   */
  public CtcLattice(double[] logits, int classes, int[] target) {
    this.time = classes == 0 ? 0 : logits.length / classes;
    this.classes = classes;
    this.target = target;
    this.logits = logits;
    this.states = 2 * target.length + 1;
    this.sums = new double[time];
    for (int t = 0; t < time; t++) {
      sums[t] = logSumOfExponentials(t);
    }
    this.alpha = new double[Math.multiplyExact(time, states)];
    for (int t = 0; t < time; t++) {
      for (int s = 0; s < states; s++) {
        alpha[t * states + s] = emission(t, s) + (t == 0 ? start(s) : reached(t, s));
      }
    }
  }

  private double logSumOfExponentials(int t) {
    double maximum = NONE;
    for (int k = t * classes; k < (t + 1) * classes; k++) {
      maximum = Math.max(maximum, logits[k]);
    }
    double sum = 0;
    for (int k = t * classes; k < (t + 1) * classes; k++) {
      sum += Math.exp(logits[k] - maximum);
    }
    return maximum + Math.log(sum);
  }

  private int label(int state) {
    return state % 2 == 0 ? 0 : target[state / 2];
  }

  /** Whether a path may go from the state two before to this one: between different labels. */
  private boolean skips(int state) {
    return state >= 2 && state % 2 == 1 && label(state) != label(state - 2);
  }

  private double emission(int t, int state) {
    return logits[t * classes + label(state)] - sums[t];
  }

  private double start(int state) {
    return state <= 1 ? 0 : NONE;
  }

  private double reached(int t, int state) {
    int before = (t - 1) * states;
    double one = alpha[before + state];
    double two = state >= 1 ? alpha[before + state - 1] : NONE;
    double three = skips(state) ? alpha[before + state - 2] : NONE;
    return logSum(one, two, three);
  }

  private static double logSum(double a, double b, double c) {
    double maximum = Math.max(a, Math.max(b, c));
    if (maximum == NONE) {
      return NONE;
    }
    return maximum
        + Math.log(Math.exp(a - maximum) + Math.exp(b - maximum) + Math.exp(c - maximum));
  }

  /** log P; −Inf where the target does not fit. */
  public double logProbability() {
    if (time == 0) {
      return target.length == 0 ? 0 : NONE;
    }
    int last = time * states - 1;
    return logSum(alpha[last], states > 1 ? alpha[last - 1] : NONE, NONE);
  }

  /**
   * {@code softmax(logits) − occupancy}, (time, classes): the gradient of −log P. NaN where P is 0.
   */
  public double[] gradient() {
    double total = logProbability();
    double[] gradient = new double[time * classes];
    if (!Double.isFinite(total)) {
      Arrays.fill(gradient, Double.NaN);
      return gradient;
    }
    for (int t = 0; t < time; t++) {
      for (int k = t * classes; k < (t + 1) * classes; k++) {
        gradient[k] = Math.exp(logits[k] - sums[t]);
      }
    }
    double[] beta = new double[states];
    for (int t = time - 1; t >= 0; t--) {
      beta = t == time - 1 ? ends() : before(t, beta);
      for (int s = 0; s < states; s++) {
        gradient[t * classes + label(s)] -= Math.exp(alpha[t * states + s] + beta[s] - total);
      }
    }
    return gradient;
  }

  private double[] ends() {
    double[] beta = new double[states];
    Arrays.fill(beta, NONE);
    beta[states - 1] = 0;
    if (states > 1) {
      beta[states - 2] = 0;
    }
    return beta;
  }

  /** β at t from that at t + 1. */
  private double[] before(int t, double[] after) {
    double[] beta = new double[states];
    for (int s = 0; s < states; s++) {
      double stay = emission(t + 1, s) + after[s];
      double next = s + 1 < states ? emission(t + 1, s + 1) + after[s + 1] : NONE;
      boolean skip = s + 2 < states && skips(s + 2);
      double two = skip ? emission(t + 1, s + 2) + after[s + 2] : NONE;
      beta[s] = logSum(stay, next, two);
    }
    return beta;
  }
}
