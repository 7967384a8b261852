package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Saves nothing of what runs within for backward: what went in is saved, and forward runs again
 * when backward gets there, with the same random draws, so that the gradients are the same to the
 * bit. Less memory, for one more forward.
 *
 * <p>On a field: of the layers in it. On the class of a layer: wherever a field is of that class.
 * On a method that {@code forward} or {@code loss} calls: of its calls. On a local variable: of the
 * call of a layer or method that makes its value. Nested ones are run again within the outer.
 *
 * @see <a href="https://arxiv.org/abs/1604.06174">Chen et al., Training Deep Nets with Sublinear
 *     Memory Cost</a>
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({
  ElementType.TYPE,
  ElementType.FIELD,
  ElementType.RECORD_COMPONENT,
  ElementType.METHOD,
  ElementType.LOCAL_VARIABLE
})
public @interface Recompute {}
