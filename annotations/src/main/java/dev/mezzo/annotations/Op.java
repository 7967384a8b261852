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
 * restore.
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
}
