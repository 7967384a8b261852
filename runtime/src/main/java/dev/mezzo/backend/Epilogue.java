package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * What a product does to its FP32 accumulators before the one rounding to the result's type: {@code
 * c = tail(activation(a·b + bias))}, or {@code c += a·b}.
 *
 * @param bias n elements of any float type, added to each row; null for none
 * @param activation applied after the bias; null for none
 * @param accumulate whether the old c is added (in FP32) before bias and activation
 * @param tail more operations, where {@link Backend#finishes} says so; null for none
 */
public record Epilogue(
    @Nullable Operand bias, @Nullable Unary activation, boolean accumulate, @Nullable Tail tail) {

  /** Stores the product as it is. */
  public static final Epilogue NONE = new Epilogue(null, null, false);

  private static final Epilogue SUM = new Epilogue(null, null, true);

  /** Without a tail. */
  public Epilogue(@Nullable Operand bias, @Nullable Unary activation, boolean accumulate) {
    this(bias, activation, accumulate, null);
  }

  /** Stores the product, or adds it to what is there. */
  public static Epilogue adding(boolean accumulate) {
    return accumulate ? SUM : NONE;
  }
}
