package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Keeps a layer, one sub-layer field or record component, one method of a layer, or one local
 * variable in FP32. It is differentiated as everything else is.
 *
 * <p>On a field the whole sub-layer runs in FP32, whatever its own class says; values are cast at
 * its border. On a method, its operations run in FP32; sub-layers that it calls run as their own
 * fields and classes say. On a local variable, the operations of its initializer do.
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
public @interface Full {}
