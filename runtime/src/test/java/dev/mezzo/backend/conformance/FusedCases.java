package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.floats;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Programs in one pass have the bits of their operations one after the other in FP32, rounded to
 * the result's type at the end.
 */
final class FusedCases {

  private static final Unary SILU = Unary.of(Unary.Function.SILU);
  private static final Unary CLAMP = new Unary(Unary.Function.CLAMP, -1, 2);

  /** Values: a, b, silu a, that times b, its gradient, a constant, a sum, a greater, and others. */
  private static final FusedProgram PROGRAM =
      new FusedProgram(
          "much",
          2,
          List.of(
              new FusedProgram.OfOne(SILU, 0),
              new FusedProgram.OfTwo(Binary.MULTIPLY, 2, 1),
              new FusedProgram.GradientOfOne(Unary.TANH, 3, 1),
              new FusedProgram.Constant(0.75f),
              new FusedProgram.OfTwo(Binary.ADD, 5, 4),
              new FusedProgram.OfTwo(Binary.SUBTRACT, 1, 6),
              new FusedProgram.OfThree(Ternary.MAXIMUM_GRADIENT, 7, 0, 3),
              new FusedProgram.Scaled(-0.5f, 8),
              new FusedProgram.OfOne(CLAMP, 9),
              new FusedProgram.OfTwo(Binary.MULTIPLY, 10, 10)),
          List.of(11, 6, 9));

  private FusedCases() {}

  static List<KernelCase> all() {
    List<List<DType>> types = new ArrayList<>();
    for (DType first : floats()) {
      floats().forEach(second -> types.add(List.of(first, second)));
    }
    List<KernelCase> cases = new ArrayList<>();
    for (boolean special : new boolean[] {false, true}) {
      cases.add(
          new KernelCase(
              special ? "fused, special values" : "fused",
              types,
              AWKWARD,
              (bench, n, t) -> run(bench, t, special, new int[] {n}, new long[] {1})));
    }
    cases.add(
        new KernelCase(
            "fused with a scalar",
            types,
            AWKWARD,
            (bench, n, t) -> run(bench, t, false, new int[] {n}, new long[] {0})));
    cases.add(
        new KernelCase(
            "fused with a row",
            types,
            AWKWARD,
            (bench, n, t) -> run(bench, t, false, new int[] {5, n}, new long[] {0, 1})));
    cases.add(
        new KernelCase(
            "fused with a short row",
            types,
            AWKWARD,
            (bench, n, t) -> run(bench, t, false, new int[] {n, 7}, new long[] {0, 1})));
    cases.add(
        new KernelCase(
            "fused with a column",
            types,
            AWKWARD,
            (bench, n, t) -> run(bench, t, false, new int[] {n, 3}, new long[] {1, 0})));
    cases.add(
        new KernelCase(
            "fused with what is repeated between",
            types,
            AWKWARD,
            (bench, n, t) -> run(bench, t, false, new int[] {2, 3, n}, new long[] {n, 0, 1})));
    cases.add(new KernelCase("fused in place", KernelCase.same(1), AWKWARD, FusedCases::inPlace));
    for (FusedProgram.Operation operation : single()) {
      FusedProgram program = new FusedProgram("alone", 2, List.of(operation), List.of(2));
      for (int memory : operation.reads().stream().distinct().toList()) {
        cases.add(
            new KernelCase(
                "fused " + operation + " in the memory of operand " + memory,
                KernelCase.same(1),
                AWKWARD,
                (bench, n, t) -> aloneInPlace(bench, n, t, program, memory)));
      }
    }
    return cases;
  }

  /** Each operation of one or two values: alone they may have kernels of their own. */
  private static List<FusedProgram.Operation> single() {
    List<FusedProgram.Operation> operations = new ArrayList<>();
    operations.add(new FusedProgram.Scaled(0.75f, 0));
    for (Unary.Function function : Unary.Function.values()) {
      Unary unary = new Unary(function, 0.25f, 2);
      operations.add(new FusedProgram.OfOne(unary, 0));
      operations.add(new FusedProgram.GradientOfOne(unary, 0, 1));
    }
    for (Binary function : Binary.values()) {
      operations.add(new FusedProgram.OfTwo(function, 0, 1));
    }
    return operations;
  }

  private static void aloneInPlace(
      Bench bench, int size, List<DType> types, FusedProgram program, int memory) {
    Buffer[] operands = {
      bench.result(types.get(0), size).set(bench.operand(types.get(0), size).get()),
      bench.result(types.get(0), size).set(bench.operand(types.get(0), size).get())
    };
    double[] a = operands[0].get();
    double[] b = operands[1].get();
    bench
        .backend()
        .fused()
        .run(
            program,
            List.of(operands[0].operand(), operands[1].operand()),
            List.of(operands[memory].operand()),
            new Broadcast(new int[] {size}, new long[] {1}, new long[] {1}));
    check(bench, program, List.of(operands[memory]), a, b);
  }

  private static void run(
      Bench bench, List<DType> types, boolean special, int[] dims, long[] strides) {
    int size = 1;
    int repeated = 1;
    for (int d = 0; d < dims.length; d++) {
      size *= dims[d];
      repeated *= strides[d] == 0 ? 1 : dims[d];
    }
    Buffer a = special ? bench.special(types.get(0), size) : bench.operand(types.get(0), size);
    Buffer b =
        special ? bench.special(types.get(1), repeated) : bench.operand(types.get(1), repeated);
    long[] whole = new long[dims.length];
    long step = 1;
    for (int d = dims.length - 1; d >= 0; d--) {
      whole[d] = step;
      step *= dims[d];
    }
    List<Buffer> results =
        List.of(
            bench.result(types.get(0), size),
            bench.result(DType.FP32, size),
            bench.result(types.get(1), size));
    Broadcast broadcast = new Broadcast(dims, whole, strides);
    bench
        .backend()
        .fused()
        .run(
            PROGRAM,
            List.of(a.operand(), b.operand()),
            results.stream().map(Buffer::operand).toList(),
            broadcast);
    check(bench, PROGRAM, results, a.get(), repeated(b.get(), dims, strides, size));
  }

  private static void inPlace(Bench bench, int size, List<DType> types) {
    double[] a = bench.operand(types.get(0), size).get();
    double[] b = bench.operand(types.get(0), size).get();
    Buffer left = bench.result(types.get(0), size).set(a);
    Buffer right = bench.result(types.get(0), size).set(b);
    List<Operand> both = List.of(left.operand(), right.operand());
    Buffer third = bench.result(DType.FP32, size);
    bench
        .backend()
        .fused()
        .run(
            PROGRAM,
            both,
            List.of(right.operand(), third.operand(), left.operand()),
            new Broadcast(new int[] {size}, new long[] {1}, new long[] {1}));
    check(bench, PROGRAM, List.of(right, third, left), a, b);
  }

  private static double[] repeated(double[] values, int[] dims, long[] strides, int size) {
    double[] all = new double[size];
    for (int i = 0; i < size; i++) {
      int rest = i;
      long at = 0;
      for (int d = dims.length - 1; d >= 0; d--) {
        at += rest % dims[d] * strides[d];
        rest /= dims[d];
      }
      all[i] = values[(int) at];
    }
    return all;
  }

  /** The operations one by one, on the same backend, in FP32. */
  private static void check(
      Bench bench, FusedProgram program, List<Buffer> results, double[] a, double[] b) {
    int size = a.length;
    List<Buffer> values = new ArrayList<>();
    values.add(bench.result(DType.FP32, size).set(a));
    values.add(bench.result(DType.FP32, size).set(b));
    for (FusedProgram.Operation operation : program.operations()) {
      Buffer y = bench.result(DType.FP32, size);
      List<Operand> reads = operation.reads().stream().map(i -> values.get(i).operand()).toList();
      if (size > 0) {
        apply(bench, operation, reads, y.operand());
      }
      values.add(y);
    }
    for (int k = 0; k < results.size(); k++) {
      double[] expected = values.get(program.results().get(k)).get();
      bench.check(results.get(k), expected, new double[size]);
    }
  }

  private static void apply(
      Bench bench, FusedProgram.Operation operation, List<Operand> reads, Operand y) {
    int n = (int) y.size();
    long[] one = {1};
    switch (operation) {
      case FusedProgram.Constant(float value) -> bench.backend().fill(y, value);
      case FusedProgram.Scaled(float factor, int x) ->
          bench.backend().scale(reads.getFirst(), factor, y);
      case FusedProgram.OfOne(Unary function, int x) ->
          bench.backend().unary(function, reads.getFirst(), y);
      case FusedProgram.GradientOfOne(Unary function, int dy, int saved) ->
          bench.backend().unaryGradient(function, reads.getFirst(), reads.getLast(), y);
      case FusedProgram.OfTwo(Binary function, int left, int right) ->
          bench
              .backend()
              .binary(
                  function,
                  reads.getFirst(),
                  reads.getLast(),
                  y,
                  new Broadcast(new int[] {n}, one, one));
      case FusedProgram.OfThree(Ternary function, int first, int second, int third) ->
          bench
              .backend()
              .ternary(
                  function,
                  reads.getFirst(),
                  reads.get(1),
                  reads.getLast(),
                  y,
                  new Broadcast(new int[] {n}, one, one, one));
    }
  }
}
