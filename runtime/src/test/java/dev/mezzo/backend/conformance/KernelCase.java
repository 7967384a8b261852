package dev.mezzo.backend.conformance;

import dev.mezzo.types.DType;
import java.util.Collections;
import java.util.List;

/**
 * One kernel, run for each combination of element types and each size.
 *
 * @param types element types of operands and results, as the body reads them
 * @param sizes of the operands, or of what the body makes of it
 */
record KernelCase(String name, List<List<DType>> types, int[] sizes, Body body) {

  /** Lengths around those of vectors and blocks, and none. */
  static final int[] AWKWARD = {0, 1, 3, 13, 17, 31, 63, 64, 207, 257, 4098};

  /** Operand and result of each float type. */
  static final List<List<DType>> ALL_PAIRS = pairs();

  /** Runs the kernel and checks its result. */
  interface Body {
    void run(Bench bench, int size, List<DType> types);
  }

  static List<DType> floats() {
    return List.of(DType.FP32, DType.FP16, DType.BF16);
  }

  /** Each float type alone, {@code count} times. */
  static List<List<DType>> same(int count) {
    return floats().stream().map(dtype -> Collections.nCopies(count, dtype)).toList();
  }

  private static List<List<DType>> pairs() {
    return floats().stream()
        .flatMap(from -> floats().stream().map(to -> List.of(from, to)))
        .toList();
  }
}
