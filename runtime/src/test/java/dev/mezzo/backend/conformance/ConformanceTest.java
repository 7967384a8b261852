package dev.mezzo.backend.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.mezzo.backend.Backend;
import dev.mezzo.types.DType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Runs the table of kernel cases on the backends of the processor. */
class ConformanceTest {

  static final List<KernelCase> CASES =
      Stream.of(
              MovementCases.all(),
              ElementwiseCases.all(),
              ReductionCases.all(),
              FusedCases.all(),
              ArrayCases.all(),
              RowLossCases.all(),
              LossCases.all(),
              GemmCases.all(),
              ConvolutionCases.all(),
              PoolingCases.all(),
              ResamplingCases.all(),
              ChannelNormCases.all(),
              RowNormCases.all(),
              EmbeddingCases.all(),
              AttentionCases.all(),
              RecurrentCases.all(),
              CtcCases.all(),
              UpdateCases.all())
          .flatMap(List::stream)
          .toList();

  /** Longer operands differ from shorter ones in the number of tasks, not in the ends of a task. */
  private static final int LONG = 257;

  @TestFactory
  Stream<DynamicNode> kernels() {
    return kernels(Subject.CPU);
  }

  static Stream<DynamicNode> kernels(List<Subject> subjects) {
    return subjects.stream()
        .map(
            subject ->
                dynamicContainer(
                    subject.name(),
                    CASES.stream()
                        .filter(subject::takes)
                        .map(
                            test ->
                                dynamicTest(
                                    subject + " " + test.name(), () -> run(subject, test)))));
  }

  /** Every kernel on memory that ends at a protected page, at each size. */
  @TestFactory
  Stream<DynamicNode> kernelsBesideProtectedPages() {
    Subject last = Subject.CPU.get(Math.min(1, Subject.CPU.size() - 1));
    return CASES.stream()
        .map(test -> dynamicTest(test.name(), () -> runBesideProtectedPages(last, test)));
  }

  private static void runBesideProtectedPages(Subject subject, KernelCase test) {
    assumeTrue(ProtectedPages.available(), "protected pages are made on Linux alone");
    try (Backend backend = subject.open();
        Slab slab = new Slab(backend, new ProtectedPages())) {
      for (List<DType> types : test.types()) {
        for (int size : test.sizes()) {
          if (size <= LONG) {
            run(slab, test, types, size, 0);
          }
        }
      }
    }
  }

  private static void run(Subject subject, KernelCase test) {
    try (Backend backend = subject.open()) {
      Slab slab = new Slab(backend);
      for (List<DType> types : test.types()) {
        for (int size : test.sizes()) {
          if (size <= LONG || !Subject.NARROWED) {
            run(slab, test, types, size, 0); // aligned as tensors are
          }
          if (size <= LONG) {
            run(slab, test, types, size, 1); // as a slice may be
          }
        }
      }
    }
  }

  static void run(Slab slab, KernelCase test, List<DType> types, int size, int shift) {
    slab.reset();
    Bench bench = new Bench(slab, 31L * size + shift, shift);
    try {
      test.body().run(bench, size, types);
      bench.finish();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          "%s on %s, types %s, size %d, shifted by %d: %s"
              .formatted(
                  test.name(), slab.backend().description(), types, size, shift, e.getMessage()),
          e);
    }
  }
}
