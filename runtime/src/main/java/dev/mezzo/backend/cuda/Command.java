package dev.mezzo.backend.cuda;

import java.util.Arrays;

/** Something that a stream is given: a kernel's start, or a product of cuBLASLt. */
sealed interface Command {

  /** Whether another of the same list position does the same, but for a kernel's arguments. */
  boolean isLike(Command other);

  /** The same for those that are alike. */
  int kind();

  /**
   * A kernel.
   *
   * @param offsets of the arguments in the bytes of its list
   * @param end behind the last of them
   */
  record Kernel(String name, long function, Grid grid, long[] offsets, long end)
      implements Command {

    @Override
    public boolean isLike(Command other) {
      return other instanceof Kernel kernel
          && function == kernel.function
          && grid.equals(kernel.grid)
          && end == kernel.end
          && Arrays.equals(offsets, kernel.offsets);
    }

    @Override
    public int kind() {
      return 31 * (31 * Long.hashCode(function) + grid.hashCode()) + Arrays.hashCode(offsets);
    }
  }

  /**
   * A product. Its kernels are the library's: arguments are part of what it is.
   *
   * @param operands addresses of A, B, C and D
   * @param bias its address, 0 for none
   */
  record Product(LtProducts products, LtPlan plan, boolean accumulate, long[] operands, long bias)
      implements Command {

    @Override
    @SuppressWarnings("ReferenceEquality") // plans are kept: equal ones are the same
    public boolean isLike(Command other) {
      return other instanceof Product product
          && plan == product.plan
          && bias == product.bias
          && Arrays.equals(operands, product.operands);
    }

    @Override
    public int kind() {
      return 31 * (31 * System.identityHashCode(plan) + Arrays.hashCode(operands))
          + Long.hashCode(bias);
    }
  }
}
