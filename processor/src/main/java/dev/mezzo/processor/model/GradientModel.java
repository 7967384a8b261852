package dev.mezzo.processor.model;

import dev.mezzo.processor.fuse.Element;
import java.util.List;
import java.util.Optional;

/**
 * The backward rule of one operand.
 *
 * @param owner the class of the method
 * @param method the method's name
 * @param operand the operand whose gradient it returns
 * @param element the gradient's index in the array that the method returns for several operands; −1
 *     where it returns one gradient
 * @param taped whether it takes the tape in front
 * @param adds whether it has an overload that takes the sum of other gradients in front and adds to
 *     it
 * @param reads its other parameters, in order
 * @param fuse how an element of the gradient is computed, where that may happen in one pass with
 *     others
 */
public record GradientModel(
    ClassName owner,
    String method,
    String operand,
    int element,
    boolean taped,
    boolean adds,
    List<Read> reads,
    Optional<Element> fuse) {

  /** Whether the method returns the gradients of several operands. */
  public boolean joint() {
    return element >= 0;
  }

  /** What a parameter of the rule stands for. */
  public sealed interface Read {

    /** {@code dy}, the gradient of the result. */
    record OfResultGradient() implements Read {}

    /**
     * {@code y}, the result.
     *
     * @param layoutOnly the parameter's type is Layout: shape and precision suffice
     */
    record OfResult(boolean layoutOnly) implements Read {}

    /** An operand of the operation: a tensor (or only its layout), or a plain value. */
    record OfOperand(String operand, boolean layoutOnly) implements Read {}

    /** {@code wantDq}: whether the gradient of an operand is wanted, where a method has several. */
    record OfWanted(String operand) implements Read {}

    /**
     * {@code dQ}, a GradientSum: what the gradient of an operand is added to, where a method has
     * several.
     */
    record OfSum(String operand) implements Read {}
  }
}
