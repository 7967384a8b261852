package dev.mezzo;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Tail;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is done to an operation's result before it is rounded: an expression, whose first operand
 * the result is. The compiler makes it of element-wise operations that alone read the result, and
 * calls the overload of the operation that takes a {@code Finish} in front, as in {@code
 * linear(H.finish(residual), x, weight, bias)}.
 *
 * <p>An operation with such an overload hands the finish on to one that it is made of, or calls
 * {@link #on}. Kernels of products and convolutions apply it to their FP32 sums, so that there is
 * one rounding, at the end, and the result alone is in memory; a backend that does not offer that
 * computes it in a pass of its own, from the rounded result.
 */
public final class Finish {

  private static final Finish NONE = Fused.of("(result) -> result").finish();

  private final Fused expression;
  private final FusedProgram program;
  private final List<Tensor> others;
  private @Nullable Layout layout;

  Finish(Fused expression, FusedProgram program, List<Tensor> others) {
    this.expression = expression;
    this.program = program;
    this.others = others;
  }

  /** Nothing: the result stays what it is. */
  public static Finish none() {
    return NONE;
  }

  /**
   * The layout of what the operation computes, which it is called with this for; gradients read it.
   *
   * @throws IllegalStateException before the call
   */
  public Layout layout() {
    if (layout == null) {
      throw new IllegalStateException(expression + " has not finished anything yet");
    }
    return layout;
  }

  /** The finished result, in the type of {@code result}, which is given up. */
  public Tensor on(Tensor result) {
    if (this == NONE) {
      return result;
    }
    layout = result.layout();
    return after(result);
  }

  private Tensor after(Tensor result) {
    Tensor[] all = new Tensor[others.size() + 1];
    all[0] = result;
    for (int i = 1; i < all.length; i++) {
      all[i] = others.get(i - 1);
    }
    return expression.on(all).reusing(result).as(result.dtype());
  }

  /** How a kernel stores its result. */
  interface Kernel {

    /**
     * Computes into {@code memory}.
     *
     * @param tail what it does to its sums before; null for nothing
     */
    void into(Tensor memory, @Nullable Tail tail);
  }

  /** What a kernel computes, finished by it or behind it; {@code null} as a finish is none. */
  static Tensor of(
      @Nullable Finish finish, Device device, Shape shape, DType dtype, Kernel kernel) {
    Tensor memory = Tensor.allocate(device, shape, dtype);
    if (finish == null || finish == NONE) {
      kernel.into(memory, null);
      return memory;
    }
    finish.layout = memory.layout();
    if (!finish.rides(device, shape)) {
      kernel.into(memory, null);
      return finish.after(memory);
    }
    List<Tensor> read = finish.others.stream().map(Tensor::contiguous).toList();
    kernel.into(memory, new Tail(finish.program, operands(read)));
    read.forEach(Tensor::close);
    return memory;
  }

  private static List<Operand> operands(List<Tensor> tensors) {
    List<Operand> operands = new ArrayList<>();
    tensors.forEach(tensor -> operands.add(tensor.operand()));
    return operands;
  }

  /** Whether the kernel can: no operand repeats the result, and they are read row by row. */
  private boolean rides(Device device, Shape shape) {
    return shape.size() > 0
        && device.backend().finishes(program)
        && others.stream().allMatch(other -> isRow(other.shape(), shape));
  }

  private static boolean isRow(Shape operand, Shape shape) {
    if (operand.equals(shape)) {
      return true;
    }
    boolean last = operand.rank() > 0 && operand.dim(-1) == shape.dim(-1);
    return operand.rank() <= shape.rank()
        && (operand.size() == 1 || (last && operand.size() == shape.dim(-1)));
  }

  /** An epilogue with that tail: of one function alone it is the activation. */
  static Epilogue epilogue(@Nullable Operand bias, @Nullable Tail tail) {
    if (tail != null
        && tail.operands().isEmpty()
        && tail.program().operations().size() == 1
        && tail.program().operations().getFirst()
            instanceof FusedProgram.OfOne(Unary unary, int _)) {
      return new Epilogue(bias, unary, false);
    }
    return new Epilogue(bias, null, false, tail);
  }
}
