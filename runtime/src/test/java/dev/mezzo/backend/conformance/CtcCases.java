package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.CtcShape;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;

/**
 * Connectionist temporal classification against the sum over all paths, one by one, with P's
 * derivative by each probability from the paths that use it.
 */
final class CtcCases {

  private static final int CLASSES = 3;

  private CtcCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase(
            "ctc, time", same(1), new int[] {1, 2, 3, 6}, (b, n, t) -> run(b, n, 3, 2, t)),
        new KernelCase("ctc, batch", same(1), new int[] {1, 4}, (b, n, t) -> run(b, 4, n, 1, t)),
        new KernelCase(
            "ctc, labels", same(1), new int[] {0, 1, 3}, (b, n, t) -> run(b, 6, 3, n, t)),
        new KernelCase("ctc of bad labels", same(1), new int[] {1, 4}, CtcCases::badLabels));
  }

  private static void run(Bench bench, int time, int batch, int labels, List<DType> types) {
    DType dtype = types.getFirst();
    Buffer logits =
        bench.values(dtype, bench.random().doubles((long) time * batch * CLASSES, -3, 3).toArray());
    int[] targets = bench.random().ints((long) batch * labels, 1, CLASSES).toArray();
    int[] times = bench.random().ints(batch, Math.min(1, time), time + 1).toArray();
    int[] lengths = bench.random().ints(batch, 0, labels + 1).toArray();
    CtcShape shape =
        new CtcShape(
            time,
            batch,
            CLASSES,
            labels,
            bench.ints(times).operand(),
            bench.ints(lengths).operand());
    Buffer given = bench.ints(targets);
    Buffer loss = bench.result(DType.FP32, 1);
    bench.backend().ctc().loss(shape, logits.operand(), given.operand(), loss.operand());
    Buffer dLoss = bench.values(DType.FP32, 64);
    Buffer dLogits = bench.result(dtype, time * batch * CLASSES);
    bench
        .backend()
        .ctc()
        .gradient(shape, dLoss.operand(), logits.operand(), given.operand(), dLogits.operand());

    double sum = 0;
    double[] expected = new double[dLogits.size()];
    double[] error = new double[dLogits.size()];
    for (int b = 0; b < batch; b++) {
      int[] target = Arrays.copyOfRange(targets, b * labels, b * labels + lengths[b]);
      double[][] p = probabilities(logits.get(), b, times[b], batch);
      double[][] through = new double[times[b]][CLASSES];
      double all = paths(p, target, through);
      double norm = Math.max(1, lengths[b]);
      sum += -Math.log(all) / norm / batch;
      for (int t = 0; t < times[b]; t++) {
        for (int k = 0; k < CLASSES; k++) {
          int at = (t * batch + b) * CLASSES + k;
          double slope = p[t][k] - through[t][k] / all;
          expected[at] = 64 / norm / batch * slope;
          error[at] = 4 * U * 64 / norm / batch;
        }
      }
    }
    bench.check(loss, new double[] {sum}, new double[] {4 * U * Math.abs(sum)});
    bench.check(dLogits, expected, error);
  }

  private static double[][] probabilities(double[] logits, int b, int time, int batch) {
    double[][] p = new double[time][CLASSES];
    for (int t = 0; t < time; t++) {
      double sum = 0;
      for (int k = 0; k < CLASSES; k++) {
        p[t][k] = Math.exp(logits[(t * batch + b) * CLASSES + k]);
        sum += p[t][k];
      }
      for (int k = 0; k < CLASSES; k++) {
        p[t][k] /= sum;
      }
    }
    return p;
  }

  /** The probability of the target; {@code through} gets that of the paths through each class. */
  private static double paths(double[][] p, int[] target, double[][] through) {
    double all = 0;
    int count = (int) Math.pow(CLASSES, p.length);
    for (int path = 0; path < count; path++) {
      int[] steps = new int[p.length];
      double probability = 1;
      for (int t = 0, rest = path; t < p.length; t++, rest /= CLASSES) {
        steps[t] = rest % CLASSES;
        probability *= p[t][steps[t]];
      }
      if (Arrays.equals(spelt(steps), target)) {
        all += probability;
        for (int t = 0; t < p.length; t++) {
          through[t][steps[t]] += probability;
        }
      }
    }
    return all;
  }

  private static int[] spelt(int[] steps) {
    int[] spelt = new int[steps.length];
    int length = 0;
    for (int t = 0; t < steps.length; t++) {
      if (steps[t] != 0 && (t == 0 || steps[t] != steps[t - 1])) {
        spelt[length++] = steps[t];
      }
    }
    return Arrays.copyOf(spelt, length);
  }

  private static void badLabels(Bench bench, int time, List<DType> types) {
    for (int bad : new int[] {0, CLASSES, -1, Integer.MAX_VALUE}) {
      CtcShape shape = new CtcShape(time, 2, CLASSES, 1, null, null);
      Buffer logits = bench.operand(types.getFirst(), time * 2 * CLASSES);
      Buffer targets = bench.ints(1, bad);
      Buffer loss = bench.result(DType.FP32, 1);
      bench.backend().ctc().loss(shape, logits.operand(), targets.operand(), loss.operand());
      bench.checkExact(loss, new double[] {Double.NaN});
      Buffer dLogits = bench.result(types.getFirst(), time * 2 * CLASSES);
      Buffer dLoss = bench.values(DType.FP32, 1);
      bench
          .backend()
          .ctc()
          .gradient(shape, dLoss.operand(), logits.operand(), targets.operand(), dLogits.operand());
      double[] found = dLogits.get();
      for (int i = 0; i < found.length; i++) {
        if (Double.isNaN(found[i]) != (i / CLASSES % 2 == 1)) {
          throw new AssertionError("element " + i + " is " + found[i]);
        }
      }
    }
  }
}
