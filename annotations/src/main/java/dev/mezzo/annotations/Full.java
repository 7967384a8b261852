package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Keeps a layer, or one sub-layer field or record component, in FP32. It is differentiated as any
 * other layer is.
 *
 * <p>On a field the whole sub-layer runs in FP32, whatever its own class says; values are cast at
 * its border.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.FIELD, ElementType.RECORD_COMPONENT})
public @interface Full {}
