package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A layer whose arithmetic and activations run in 16 bits wherever an operation's {@link
 * PrecisionClass} allows.
 *
 * <p>Any class or record with a {@code forward} method is a layer. For a layer {@code Mlp} the
 * processor writes {@code MixedMlp} beside it: its mixed precision forward, its backward, and the
 * 16-bit shadows of its weights. The annotated class stays as it is and runs by itself, in FP32. On
 * a method or a local variable of a {@link Full} layer, or of a {@code @Full} method, it says the
 * same of the operations there.
 *
 * <p>Which 16-bit format is meant (FP16, BF16, or none) is chosen when the training is built.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.LOCAL_VARIABLE})
public @interface Half {}
