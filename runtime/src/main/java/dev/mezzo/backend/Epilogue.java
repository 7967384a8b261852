package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * What a product does to its FP32 accumulators before the one rounding to the result's type: {@code
 * c = activation(a·b + bias)}, or {@code c += a·b}.
 *
 * @param bias n elements of any float type, added to each row; null for none
 * @param activation applied after the bias; null for none
 * @param accumulate whether the old c is added (in FP32) before bias and activation
 */
public record Epilogue(@Nullable Operand bias, @Nullable Unary activation, boolean accumulate) {

  /** Stores the product as it is. */
  public static final Epilogue NONE = new Epilogue(null, null, false);

  private static final Epilogue SUM = new Epilogue(null, null, true);

  /** Stores the product, or adds it to what is there. */
  public static Epilogue adding(boolean accumulate) {
    return accumulate ? SUM : NONE;
  }
}
