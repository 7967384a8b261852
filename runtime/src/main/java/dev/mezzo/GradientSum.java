package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a value so far, to which a gradient method adds one more in the same memory: the
 * kernel reads the sum and adds to it in FP32, before its one rounding. What a method with such a
 * parameter in front returns is the new sum, which the caller owns; the old one is given up.
 *
 * <p>A weight's sum has the type in which the weight's gradient is kept: what is computed in FP32
 * is rounded where it is added.
 *
 * <p>The static methods are how generated code adds up where a method has no such parameter: what
 * has added up so far is null as long as there is nothing.
 */
public final class GradientSum {

  private static final GradientSum NOTHING = new GradientSum(null, null, true);
  private static final GradientSum UNWANTED = new GradientSum(null, null, false);

  private final @Nullable Tensor soFar;
  private final @Nullable DType kept;
  private final boolean wanted;

  private GradientSum(@Nullable Tensor soFar, @Nullable DType kept, boolean wanted) {
    this.soFar = soFar;
    this.kept = kept;
    this.wanted = wanted;
  }

  /** What has added up so far, given up; null for nothing. */
  public static GradientSum of(@Nullable Tensor soFar) {
    return soFar == null ? NOTHING : new GradientSum(soFar, null, true);
  }

  /** The same of a weight, whose gradient is kept in that type. */
  static GradientSum of(@Nullable Tensor soFar, DType kept) {
    return new GradientSum(soFar, kept, true);
  }

  /** Nothing so far: the gradient alone is the new sum. */
  public static GradientSum none() {
    return NOTHING;
  }

  /**
   * That of a frozen weight: nobody reads what is added. A method may leave out its work and return
   * memory of the right shape, whatever is in it.
   */
  static GradientSum unwanted() {
    return UNWANTED;
  }

  /** Whether somebody reads the sum. */
  boolean wanted() {
    return wanted;
  }

  /** The sum so far as a view of its memory, given up. */
  GradientSum viewed(UnaryOperator<Tensor> view) {
    if (soFar == null) {
      return this;
    }
    try (soFar) {
      return new GradientSum(view.apply(soFar), kept, true);
    }
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

  /**
   * The sum with a product of that layout. Of a transposed one the product is that of the memory as
   * it is stored, its last two dimensions swapped. The caller owns the result.
   */
  Tensor add(Device device, Layout layout, Product product) {
    if (!wanted) {
      return Tensor.allocate(device, layout);
    }
    Target target = target(device, layout, true);
    boolean accumulate = target.before == null && soFar != null;
    if (layout.transposed()) {
      try (Tensor stored = Views.transpose(target.memory)) {
        product.into(stored, accumulate);
      }
    } else {
      product.into(target.memory, accumulate);
    }
    return target.sum();
  }

  /** Where a kernel stores a gradient of that layout, which is not transposed. */
  Target target(Device device, Layout layout) {
    return target(device, layout, device.backend().addsGradients());
  }

  private Target target(Device device, Layout layout, boolean adds) {
    Layout stored = stored(layout);
    Tensor memory = adds ? memoryFor(stored) : null;
    return memory == null
        ? new Target(Tensor.allocate(device, stored), soFar)
        : new Target(memory, memory.stored().adding(), null);
  }

  /** The sum so far, if a gradient of that layout may be added in its memory; else null. */
  @Nullable Tensor memoryFor(Layout layout) {
    boolean fits = soFar != null && soFar.exclusive() && soFar.layout().equals(stored(layout));
    return fits ? soFar : null;
  }

  /** That layout in the type in which the sum is kept. */
  Layout stored(Layout layout) {
    return kept == null || kept == layout.dtype()
        ? layout
        : new Layout(layout.shape(), kept, layout.transposed());
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
      this(memory, memory.stored(), before);
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

  /** The sum with a gradient that is borrowed, or, where there is none, that in the given type. */
  Tensor add(Tensor gradient, DType dtype) {
    return soFar == null ? Elementwise.cast(gradient, dtype) : sum(soFar, gradient.retain());
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
    if (a.layout().transposed() != b.layout().transposed()) {
      try (a;
          b) {
        return Elementwise.binary("plus", Binary.ADD, a, b, a.dtype());
      }
    }
    return inPlace(a, b);
  }

  /**
   * The sum of two tensors of equal shape, stored in the same order, in the memory of one where
   * nobody else has it; in the type of the first.
   */
  static Tensor inPlace(Tensor a, Tensor b) {
    int size = Math.toIntExact(a.shape().size());
    Broadcast equalShapes = new Broadcast(new int[] {size}, new long[] {1}, new long[] {1});
    try (a;
        b) {
      boolean inB = b.exclusive() && b.dtype() == a.dtype();
      Tensor sum =
          a.exclusive() ? a.retain() : inB ? b.retain() : Tensor.allocate(a.device(), a.layout());
      Backend backend = a.device().backend();
      backend.binary(Binary.ADD, a.stored(), b.stored(), sum.stored(), equalShapes);
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
