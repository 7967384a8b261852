package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.Layout;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a value so far, to which a gradient method adds one more in the same memory: the
 * kernel reads the sum and adds to it in FP32, before its one rounding. What a method with such a
 * parameter in front returns is the new sum, which the caller owns; the old one is given up.
 *
 * <p>The static methods are how generated code adds up where a method has no such parameter: what
 * has added up so far is null as long as there is nothing.
 */
public final class GradientSum {

  private static final GradientSum NOTHING = new GradientSum(null);

  private final @Nullable Tensor soFar;

  private GradientSum(@Nullable Tensor soFar) {
    this.soFar = soFar;
  }

  /** What has added up so far, given up; null for nothing. */
  public static GradientSum of(@Nullable Tensor soFar) {
    return soFar == null ? NOTHING : new GradientSum(soFar);
  }

  /** Nothing so far: the gradient alone is the new sum. */
  public static GradientSum none() {
    return NOTHING;
  }

  /** How a product is computed into memory. */
  interface Product {

    /**
     * Stores the product.
     *
     * @param accumulate whether it is added to what is there
     */
    void into(Tensor memory, boolean accumulate);
  }

  /** The sum with a product of that layout, which is not transposed. The caller owns the result. */
  Tensor add(Device device, Layout layout, Product product) {
    Target target = target(device, layout, true);
    product.into(target.memory, target.before == null && soFar != null);
    return target.sum();
  }

  /** Where a kernel stores a gradient of that layout, which is not transposed. */
  Target target(Device device, Layout layout) {
    return target(device, layout, device.backend().addsGradients());
  }

  private Target target(Device device, Layout layout, boolean adds) {
    Tensor memory = adds ? memoryFor(layout) : null;
    return memory == null
        ? new Target(Tensor.allocate(device, layout.shape(), layout.dtype()), soFar)
        : new Target(memory, memory.operand().adding(), null);
  }

  /** The sum so far, if a gradient of that layout may be added in its memory; else null. */
  @Nullable Tensor memoryFor(Layout layout) {
    return soFar != null && soFar.exclusive() && soFar.layout().equals(layout) ? soFar : null;
  }

  /**
   * Memory for a gradient: that of the sum so far, to which it is added there, or, where somebody
   * else holds the sum or the kernel cannot, of its own.
   *
   * @param operand what the kernel is given
   * @param before the sum that is yet to be added
   */
  record Target(Tensor memory, Operand operand, @Nullable Tensor before) {

    private Target(Tensor memory, @Nullable Tensor before) {
      this(memory, memory.operand(), before);
    }

    /** The new sum, after the kernel has run. The caller owns it. */
    Tensor sum() {
      return before == null ? memory : GradientSum.sum(before, memory);
    }
  }

  /** The sum with a gradient that is there already, given up. The caller owns the result. */
  public Tensor add(Tensor gradient) {
    return soFar == null ? gradient : sum(soFar, gradient);
  }

  /**
   * The sum of both; where one is null, the other. Both are given up, the caller owns the result.
   *
   * <p>Shapes and types: equal. One rounding, as {@link Ops#add}; in place where nobody else holds
   * the memory.
   */
  public static @Nullable Tensor plus(@Nullable Tensor sum, @Nullable Tensor more) {
    return sum == null || more == null ? sum == null ? more : sum : sum(sum, more);
  }

  private static Tensor sum(Tensor a, Tensor b) {
    if (a.layout().transposed() || b.layout().transposed()) {
      try (a;
          b) {
        return Ops.add(a, b);
      }
    }
    return inPlace(a, b);
  }

  /**
   * The sum of two row-major tensors of equal shape, in the memory of one where nobody else has it.
   */
  static Tensor inPlace(Tensor a, Tensor b) {
    int size = Math.toIntExact(a.shape().size());
    Broadcast equalShapes = new Broadcast(new int[] {size}, new long[] {1}, new long[] {1});
    try (a;
        b) {
      Tensor sum =
          a.exclusive()
              ? a.retain()
              : b.exclusive() ? b.retain() : Tensor.allocate(a.device(), a.shape(), a.dtype());
      Backend backend = a.device().backend();
      backend.binary(Binary.ADD, a.operand(), b.operand(), sum.operand(), equalShapes);
      return sum;
    }
  }

  /** What has added up, given up, or zeros where nothing has. */
  public static Tensor orZeros(@Nullable Tensor sum, Layout layout) {
    return sum == null ? zeros(layout) : sum;
  }

  /** The gradient of a value that no way to the result has read. */
  public static Tensor zeros(Layout layout) {
    return Tensor.zeros(layout.shape(), layout.dtype());
  }
}
