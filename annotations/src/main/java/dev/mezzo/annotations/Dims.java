package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The dimensions of a tensor: of a {@code Parameter} field, a parameter of {@code forward}, {@code
 * loss} or a method that they call, their result (on the method), or a local variable. Checked at
 * compile time through every operation that declares {@link Op#shape}; without it nothing is
 * demanded.
 *
 * <p>A dimension is a number, a name, or arithmetic on them, {@code "2*hidden"}, {@code "(height +
 * 2*padding - 3)/stride + 1"}. A name stands for every number, and for the same one within the
 * class; a constructor's {@code int} parameter, or an {@code int} field, of that name is the
 * number. {@code "?"} is a dimension of which nothing is said. {@code "..."} or {@code "rows..."}
 * in front is any number of dimensions. {@code @Dims({})} is a scalar.
 *
 * <pre>{@code
 * @Dims({"batch", "classes"}) Tensor forward(@Dims({"batch", "784"}) Tensor x) { ... }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({
  ElementType.FIELD,
  ElementType.RECORD_COMPONENT,
  ElementType.PARAMETER,
  ElementType.METHOD,
  ElementType.LOCAL_VARIABLE
})
public @interface Dims {

  /** The dimensions, outermost first; one string may hold several, with commas. */
  String[] value();
}
