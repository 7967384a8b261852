package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.types.Layout;
import org.jspecify.annotations.Nullable;

/**
 * How generated code adds up the gradients of a value that branches and loops read: what has added
 * up so far is null as long as there is nothing.
 */
public final class GradientSums {
  private GradientSums() {}

  /**
   * The sum of both; where one is null, the other. Both are given up, the caller owns the result.
   *
   * <p>Shapes and types: equal. One rounding, as {@link Ops#add}; in place where nobody else holds
   * the memory.
   */
  public static @Nullable Tensor plus(@Nullable Tensor sum, @Nullable Tensor more) {
    if (sum == null || more == null) {
      return sum == null ? more : sum;
    }
    if (sum.layout().transposed() || more.layout().transposed()) {
      try (sum;
          more) {
        return Ops.add(sum, more);
      }
    }
    return add(sum, more);
  }

  /**
   * The sum of two row-major tensors of equal shape, in the memory of one where nobody else has it.
   */
  static Tensor add(Tensor a, Tensor b) {
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
