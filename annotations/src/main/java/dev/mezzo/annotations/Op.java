package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a static method on tensors an operation of the language that {@code forward} may call.
 *
 * <p>The method borrows its tensors and returns a new one, which the caller owns. On FP32 tensors
 * it is the eager form; the generated code calls the same method on 16-bit tensors. Where an
 * overload exists with one more parameter in front, of type {@code dev.mezzo.Tape}, generated code
 * calls that one: it may save by-products (a mask, a seed) on the tape, for its gradient to
 * restore. Where an overload exists with one more parameter in front, of type {@code
 * dev.mezzo.Finish}, element-wise operations that alone read the result may be handed to it. Where
 * a view has an overload with a {@code dev.mezzo.GradientSum} in place of its first tensor, which
 * returns one, gradients of a weight that is read through it are added to the weight's.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface Op {

  /** Where the operation may compute. */
  PrecisionClass value();

  /**
   * The class that holds the {@link Gradient} methods of this operation; by default the class that
   * declares it.
   */
  Class<?> gradients() default void.class;

  /**
   * The names of the parameters, in order; needed only where class files are compiled without
   * {@code -parameters}.
   */
  String[] parameters() default {};

  /**
   * The result shares its first operand's memory (reshape, transpose): it is made again in
   * backward, not saved.
   */
  boolean view() default false;

  /** The result is a scalar, whatever the operands' shapes; a {@code loss} method may return it. */
  boolean scalar() default false;

  /**
   * How the result's shape follows from the operands', for checks at compile time; by default
   * nothing is known.
   *
   * <p>As in {@code "a(..., m, k), b(..., k, n) -> (..., m, n)"}: a pattern for each tensor operand
   * that must have one, and the result. In a pattern a name is a dimension, the same one wherever
   * it stands; a plain operand's name is its value. {@code rows...} in front is any number of
   * dimensions, the same wherever it stands; {@code ...} alone is any number of them, which are
   * repeated to fit each other where they are 1. The result may have arithmetic, {@code (h +
   * 2*padding - k)/stride + 1}, or be made of an operand by {@code drop(x, axis)}, {@code set(x,
   * axis, dim)}, {@code insert(x, axis, dim)}, {@code swap(x, axis, axis)}, {@code permute(x,
   * axes)}, {@code reshape(x, dims)}, {@code expand(x, dims)}, {@code reduce(x, axes, keep)},
   * {@code slice(x, axis, from, to)}, {@code crop(x, from, to)}, {@code pad(x, before, after)} or
   * {@code join(a, b, axis)}; of arrays of tensors by {@code stack(parts, axis)} or {@code
   * concat(parts, axis)}. Of a result that is an array it says what each of its tensors is; {@code
   * split(x, axis, lengths)} tells them apart.
   */
  String shape() default "";

  /**
   * An element of the result as a formula of the operands' elements, for warnings at compile time;
   * by default nothing is known.
   *
   * <p>As in {@code "x * factor"}, {@code "max(x, 0)"}, {@code "0..1"} (all numbers between): it
   * has numbers, operands, {@code + - * /}, {@code abs exp log sqrt pow min max}, and {@code
   * count}, the number of elements of the first tensor that one element of the result is made of:
   * {@code "x * count"} is a sum, {@code "max(x, x)"} the greatest of several. It is evaluated over
   * intervals; so it says where the result may exceed 16 bits, what is divided by, and which
   * constants are rounded to the result's precision.
   */
  String range() default "";

  /**
   * An element of the result as a formula of the operands' elements, {@code "a * b"}, {@code
   * "clamp(x, least, most)"}: the compiler may compute the operation in one pass with others that
   * have one, and no tensor between them. By default it does not.
   *
   * <p>The language is that of {@code dev.mezzo.Fused}; operands are read by their names, of plain
   * ones numbers. Operands may be repeated to fit each other, as in an addition. Each gradient must
   * have a formula, too: {@link Gradient#fuse}.
   */
  String fuse() default "";

  /**
   * Calls within each other that this operation does better, as in {@code "log(softmax(x))"}: where
   * they pass 16 bits between them, the user is told. The names are of operations of this class; a
   * name that stands twice is one argument. What to write instead is a call of this operation, or
   * follows an arrow: {@code "log(sigmoid(x)) -> negate(softplus(negate(x)))"}.
   */
  String[] replaces() default {};
}
