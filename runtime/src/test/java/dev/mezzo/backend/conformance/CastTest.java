package dev.mezzo.backend.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * All 65,536 patterns of FP16 and BF16, and every border between two roundings, through every path
 * on which a kernel widens or narrows: the result is the reference's, NaN stays NaN, ties go to
 * even.
 */
class CastTest {

  private static final List<DType> HALVES = List.of(DType.FP16, DType.BF16);

  /** A kernel call that should change nothing but the type. */
  private interface Copy {
    void run(Bench bench, Buffer x, Buffer y);
  }

  /**
   * A path from operand to result.
   *
   * @param signed whether the sign of zero survives: a sum that starts at +0 loses it
   */
  private record Path(String name, boolean signed, Copy copy) {}

  private static final List<Path> PATHS =
      List.of(
          new Path("cast", true, (bench, x, y) -> bench.backend().cast(x.operand(), y.operand())),
          new Path(
              "scale by 1",
              true,
              (bench, x, y) -> bench.backend().scale(x.operand(), 1, y.operand())),
          new Path("add -0", true, (bench, x, y) -> binary(bench, Binary.ADD, x, -0.0, y)),
          new Path("multiply by 1", true, (bench, x, y) -> binary(bench, Binary.MULTIPLY, x, 1, y)),
          new Path(
              "dropout of none",
              true,
              (bench, x, y) -> bench.backend().dropout(x.operand(), y.operand(), 0, 1, null)),
          new Path("product, left", false, (bench, x, y) -> product(bench, x, y, true, false)),
          new Path(
              "product, left transposed", false, (bench, x, y) -> product(bench, x, y, true, true)),
          new Path("product, right", false, (bench, x, y) -> product(bench, x, y, false, false)),
          new Path(
              "product, right transposed",
              false,
              (bench, x, y) -> product(bench, x, y, false, true)),
          new Path("bias", false, CastTest::bias));

  @ParameterizedTest
  @EnumSource(names = {"FP16", "BF16"})
  void theReferenceRoundsByDefinition(DType dtype) {
    for (HalfPatterns.Rounded rounded : HalfPatterns.roundings(dtype)) {
      double found = Rounding.nearest(rounded.value(), dtype);
      assertEquals(
          0, Double.compare(found, rounded.expected()), () -> rounded + " became " + found);
    }
  }

  @Test
  void theReferenceKnowsTheEndsOfTheRange() {
    assertEquals(65504, Rounding.nearest(Math.nextDown(65520.0), DType.FP16));
    assertEquals(Double.POSITIVE_INFINITY, Rounding.nearest(65520, DType.FP16));
    assertEquals(0, Rounding.nearest(0x1p-25, DType.FP16));
    assertEquals(0x1p-24, Rounding.nearest(Math.nextUp(0x1p-25), DType.FP16));
    assertEquals(Float.MIN_VALUE, Rounding.nearest(1e-45, DType.FP32));
  }

  @TestFactory
  Stream<DynamicTest> everyPatternIsWidened() {
    return paths(
        (bench, path, half) -> {
          Buffer x = bench.result(half, HalfPatterns.COUNT).setBits(HalfPatterns.bits());
          double[] expected = HalfPatterns.values(half);
          for (DType to : List.of(DType.FP32, half)) {
            Buffer y = bench.result(to, HalfPatterns.COUNT);
            path.copy().run(bench, x, y);
            check(path, y, expected);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> everyPatternOfOneHalfBecomesTheOther() {
    return paths(
        (bench, path, half) -> {
          DType other = half == DType.FP16 ? DType.BF16 : DType.FP16;
          Buffer x = bench.result(half, HalfPatterns.COUNT).setBits(HalfPatterns.bits());
          Buffer y = bench.result(other, HalfPatterns.COUNT);
          path.copy().run(bench, x, y);
          double[] values = HalfPatterns.values(half);
          check(
              path,
              y,
              Arrays.stream(values).map(value -> Rounding.nearest(value, other)).toArray());
        });
  }

  @TestFactory
  Stream<DynamicTest> everyBorderIsRoundedToNearestEven() {
    return paths(
        (bench, path, half) -> {
          List<HalfPatterns.Rounded> cases = HalfPatterns.roundings(half);
          Buffer x = bench.result(DType.FP32, cases.size());
          x.setFloats(cases);
          Buffer y = bench.result(half, cases.size());
          path.copy().run(bench, x, y);
          check(path, y, cases.stream().mapToDouble(HalfPatterns.Rounded::expected).toArray());
        });
  }

  @TestFactory
  Stream<DynamicTest> theShadowIsTheRoundedMaster() {
    Path path = new Path("sgd", true, CastTest::shadow);
    return tests(
        List.of(path),
        (bench, sgd, half) -> {
          List<HalfPatterns.Rounded> cases =
              HalfPatterns.roundings(half).stream()
                  .filter(rounded -> !Float.isInfinite(rounded.value())) // decayed by 0·Inf = NaN
                  .toList();
          Buffer x = bench.result(DType.FP32, cases.size());
          x.setFloats(cases);
          Buffer y = bench.result(half, cases.size());
          sgd.copy().run(bench, x, y);
          check(sgd, y, cases.stream().mapToDouble(HalfPatterns.Rounded::expected).toArray());
        });
  }

  @TestFactory
  Stream<DynamicTest> reluKeepsNanAndWhatIsPositive() {
    Path path =
        new Path(
            "relu",
            false,
            (bench, x, y) -> bench.backend().unary(Unary.RELU, x.operand(), y.operand()));
    return tests(
        List.of(path),
        (bench, relu, half) -> {
          Buffer x = bench.result(half, HalfPatterns.COUNT).setBits(HalfPatterns.bits());
          Buffer y = bench.result(half, HalfPatterns.COUNT);
          relu.copy().run(bench, x, y);
          check(
              relu,
              y,
              Arrays.stream(HalfPatterns.values(half))
                  .map(value -> value < 0 ? 0 : value)
                  .toArray());
        });
  }

  private interface Body {
    void run(Bench bench, Path path, DType half);
  }

  private static Stream<DynamicTest> paths(Body body) {
    return tests(PATHS, body);
  }

  private static Stream<DynamicTest> tests(List<Path> paths, Body body) {
    return Subject.ALL.stream()
        .flatMap(
            subject ->
                paths.stream()
                    .flatMap(
                        path ->
                            HALVES.stream()
                                .map(
                                    half ->
                                        dynamicTest(
                                            subject + ", " + path.name() + ", " + half,
                                            () -> run(subject, path, half, body)))));
  }

  private static void run(Subject subject, Path path, DType half, Body body) {
    try (Backend backend = subject.open()) {
      Bench bench = new Bench(new Slab(backend), 1, 0);
      body.run(bench, path, half);
      bench.finish();
    }
  }

  private static void check(Path path, Buffer y, double[] expected) {
    double[] found = y.get();
    for (int i = 0; i < found.length; i++) {
      double right = path.signed() || expected[i] != 0 ? expected[i] : 0;
      double value = path.signed() || found[i] != 0 ? found[i] : 0;
      if (Double.compare(value, right) != 0) {
        throw new AssertionError(
            "%s to %s: element %d is %s, but must be %s"
                .formatted(path.name(), y.dtype(), i, found[i], expected[i]));
      }
    }
  }

  private static void binary(Bench bench, Binary function, Buffer x, double other, Buffer y) {
    Broadcast broadcast = new Broadcast(new int[] {x.size()}, new long[] {1}, new long[] {0});
    Buffer scalar = bench.values(DType.FP32, other);
    bench.backend().binary(function, x.operand(), scalar.operand(), y.operand(), broadcast);
  }

  /** x as a column or a row, times 1. */
  private static void product(Bench bench, Buffer x, Buffer y, boolean left, boolean transposed) {
    int size = x.size();
    Buffer one = bench.values(x.dtype(), 1);
    Matrix ones = new Matrix(one.operand(), false, 1);
    if (left) {
      Matrix column = new Matrix(x.operand(), transposed, transposed ? size : 1);
      Matrix c = new Matrix(y.operand(), false, 1);
      bench.backend().gemm(new GemmShape(size, 1, 1), column, ones, c, Epilogue.NONE);
    } else {
      Matrix row = new Matrix(x.operand(), transposed, transposed ? 1 : size);
      Matrix c = new Matrix(y.operand(), false, size);
      bench.backend().gemm(new GemmShape(1, size, 1), ones, row, c, Epilogue.NONE);
    }
  }

  private static void bias(Bench bench, Buffer x, Buffer y) {
    int size = x.size();
    Matrix zero = new Matrix(bench.values(DType.FP16, 0).operand(), false, 1);
    Matrix zeros = new Matrix(bench.values(DType.FP16, new double[size]).operand(), false, size);
    Matrix c = new Matrix(y.operand(), false, size);
    bench
        .backend()
        .gemm(new GemmShape(1, size, 1), zero, zeros, c, new Epilogue(x.operand(), null, false));
  }

  private static void shadow(Bench bench, Buffer x, Buffer y) {
    Buffer gradient = bench.values(DType.FP16, new double[x.size()]);
    SgdStep step =
        new SgdStep(
            new Control(bench).step(),
            gradient.operand(),
            null,
            x.operand(),
            y.operand(),
            0,
            false,
            0);
    bench.backend().sgd(step);
  }
}
