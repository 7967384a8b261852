package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a layer with a {@code loss} method: the processor generates the training class, whose step
 * multiplies the loss by a scale before backward and divides the gradients by it before the update.
 * The members are the training's default, which its builder may replace.
 *
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al., Mixed Precision Training,
 *     section 3.2</a>
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface LossScaled {

  /** How the scale is found. */
  Scaling scaling() default Scaling.DYNAMIC;

  /** The scale of the first step ({@code DYNAMIC}), or of every step ({@code STATIC}). */
  float initial() default 65536f;

  /** Factor on the scale after {@link #interval} good steps in a row. */
  float growth() default 2f;

  /** Factor on the scale after an overflow. */
  float backoff() default 0.5f;

  /** Good steps in a row before the scale grows. */
  int interval() default 2000;

  /** The scale never falls below. */
  float floor() default 1f;

  /** The scale never rises above. */
  float ceiling() default 16777216f;

  /**
   * Overflows, not interrupted by a growth, that are tolerated before the scale falls; 1: the first
   * one lowers it.
   */
  int hysteresis() default 1;

  /** How the loss scale is found. */
  enum Scaling {
    /** Raised after a number of good steps, lowered on overflow. */
    DYNAMIC,
    /** {@link LossScaled#initial} throughout. */
    STATIC,
    /** The loss is not scaled. */
    NONE
  }
}
