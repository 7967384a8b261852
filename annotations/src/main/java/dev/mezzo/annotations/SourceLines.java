package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Written by the processor on every generated class: which lines of the model its lines stand for,
 * so that what happens in a step can be told in the user's own lines. Not for use by hand.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface SourceLines {

  /**
   * As in {@code Mlp.java 41:24:first 42:24 46:25}: the generated class's line 41 stands for the
   * model's line 24, where it calls the sub-layer {@code first}; from line 42 on for line 24, from
   * 46 on for 25; {@code 50:31,32} are two lines together. Of several sub-layers in one field it
   * says {@code blocks.*}. Another file name stands before the lines that are in it.
   */
  String value();

  /**
   * The formulas of several operations in one pass, with each operation and its line behind what it
   * computes: {@code (gate, up) -> silu[silu 24](gate) *[multiply 25] up}.
   */
  String[] expressions() default {};
}
