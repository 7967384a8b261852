package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Written by the processor on every generated class: what a caller compiled elsewhere must know of
 * it. Not for use by hand.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface MixedForm {

  /** The number of the form that this version writes, reads and runs. */
  int FORMAT = 1;

  /**
   * Number of the form of generated code; a processor refuses forms that it does not know, and so
   * does a training when it is built.
   */
  int format();

  /** The annotated class. */
  Class<?> of();

  /** What each tensor parameter of {@code forward} is given in. */
  Precision[] inputs();

  /** Which tensor parameters of {@code forward} have a gradient. */
  boolean[] differentiable();

  /** What {@code forward} returns. */
  Precision output();

  /** Whether the layer, or a layer in it, has parameters. */
  boolean parameters();

  /**
   * Whether there is a {@code forward} with a {@code dev.mezzo.Finish} behind the tape: the
   * operation that makes the result finishes it.
   */
  boolean finishes() default false;

  /**
   * The precision of a value, as the compiler decides it: which 16-bit format "half" is, is decided
   * at run time.
   */
  enum Precision {
    /** The 16-bit format of the training. */
    HALF,
    /** FP32. */
    FULL,
    /** As it comes: only read by operations that take any precision. */
    ANY
  }
}
