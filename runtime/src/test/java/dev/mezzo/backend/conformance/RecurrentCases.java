package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.backend.RecurrentKernels.Results;
import dev.mezzo.backend.RecurrentKernels.Weights;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recurrent layers: each cell, one and two directions, equal and unequal lengths. */
final class RecurrentCases {

  private static final int[] WIDTHS = {1, 3, 16, 17, 33, 64};
  private static final int[] OTHERS = {0, 1, 2, 3, 4, 5, 9, 17};
  private static final int[] LONG = {1, 15, 130, 257, 530};

  private RecurrentCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Cell cell : Cell.values()) {
      cases.add(of(cell + ", hidden", WIDTHS, (b, n, t) -> run(b, cell, t, 3, 2, n, 1, false)));
      cases.add(of(cell + ", alone", LONG, (b, n, t) -> run(b, cell, t, 2, 1, n, 1, false)));
      cases.add(of(cell + ", batch", OTHERS, (b, n, t) -> run(b, cell, t, 3, n, 5, 2, false)));
      cases.add(
          of(
              cell + ", time",
              new int[] {0, 1, 2, 4},
              (b, n, t) -> run(b, cell, t, n, 3, 4, 2, false)));
      cases.add(
          of(
              cell + ", unequal lengths",
              new int[] {1, 2, 4},
              (b, n, t) -> run(b, cell, t, n, 5, 18, 2, true)));
    }
    return cases;
  }

  private static KernelCase of(String name, int[] sizes, KernelCase.Body body) {
    return new KernelCase(name, same(1), sizes, body);
  }

  private static void run(
      Bench bench,
      Cell cell,
      List<DType> types,
      int time,
      int batch,
      int hidden,
      int directions,
      boolean unequal) {
    DType dtype = types.getFirst();
    int[] lengths = bench.random().ints(batch, 0, time + 1).toArray();
    Buffer ends = unequal ? bench.ints(lengths) : null;
    Recurrence r =
        new Recurrence(cell, time, batch, hidden, directions, ends == null ? null : ends.operand());
    double bound = 1 / Math.sqrt(hidden);
    int gates = cell.gates();
    Buffer weight = random(bench, dtype, directions * gates * hidden * hidden, bound);
    Buffer bias = random(bench, dtype, cell == Cell.GRU ? directions * hidden : 0, bound);
    Weights weights = new Weights(weight.operand(), bias.operand());
    Buffer x = random(bench, dtype, time * batch * r.gateStride(), 2);
    Buffer y = bench.result(dtype, time * batch * r.stride());
    Buffer saved = bench.result(dtype, time * batch * r.savedStride());
    bench.backend().recurrences().forward(r, x.operand(), weights, y.operand(), saved.operand());
    var reference = new RecurrentReference(r, weight.get(), bias.get(), unequal ? lengths : null);
    var expected = reference.forward(x.get());
    check(bench, y, expected.y());
    check(bench, saved, expected.saved());

    Buffer dy = random(bench, dtype, time * batch * r.stride(), 3);
    Buffer dx = bench.result(dtype, time * batch * r.gateStride());
    Buffer dWeight = bench.result(dtype, weight.size());
    Buffer dBias = bench.result(dtype, bias.size());
    bench
        .backend()
        .recurrences()
        .gradient(
            r,
            weights,
            new Results(dy.operand(), y.operand(), saved.operand()),
            dx.operand(),
            new Weights(dWeight.operand(), dBias.operand()));
    var gradients = reference.gradient(dy.get(), y.get(), saved.get(), dtype);
    check(bench, dx, gradients.gates());
    check(bench, dWeight, reference.weightGradient(dx.get(), y.get()));
    check(bench, dBias, reference.biasGradient());
  }

  private static Buffer random(Bench bench, DType dtype, int size, double bound) {
    return bench.values(dtype, bench.random().doubles(size, -bound, bound).toArray());
  }

  private static void check(Bench bench, Buffer found, @Nullable Approximate[] expected) {
    double[] values = new double[expected.length];
    double[] errors = new double[expected.length];
    for (int i = 0; i < values.length; i++) {
      Approximate of = expected[i];
      values[i] = of == null ? 0 : of.value();
      errors[i] = of == null ? 0 : of.error();
    }
    bench.check(found, values, errors);
  }
}
