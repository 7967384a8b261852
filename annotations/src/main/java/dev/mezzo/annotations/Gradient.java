package dev.mezzo.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a static method the backward rule of one operand of an operation, or of several whose
 * gradients have most of their work in common.
 *
 * <p>It returns the gradient of the operand, in the operand's shape and precision, as a new tensor;
 * of several, a {@code Tensor[]} in the order of {@link #wrt}. By a parameter {@code boolean
 * wantDx} such a method learns whether the gradient of its operand {@code x} is wanted, and returns
 * null where it is not. Its parameters say what it reads, and so what forward saves: {@code dy},
 * the gradient of the result; {@code y}, the result; or an operand's own name. A parameter that
 * stands for a tensor but has the type {@code dev.mezzo.types.Layout} reads only its shape and
 * precision, and nothing is saved for it but that. A parameter in front of type {@code
 * dev.mezzo.Tape} gives access to by-products. An operand without a gradient method (labels,
 * indices) is not differentiable, and is never cast.
 *
 * <pre>{@code
 * @Op(ALLOW) public static Tensor matmul(Tensor a, Tensor b) { ... }
 * @Gradient(of = "matmul", wrt = "a") public static Tensor matmulGradientA(Tensor dy, Tensor b) { ... }
 *
 * @Op(ALLOW) public static Tensor attention(Tensor q, Tensor k, Tensor v) { ... }
 * @Gradient(of = "attention", wrt = {"q", "k", "v"})
 * public static Tensor[] attentionGradient(Tensor dy, Tensor y, Tensor q, Tensor k, Tensor v) { ... }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface Gradient {

  /**
   * The operation's name; where it is overloaded, with the names of its parameters, as in {@code
   * sum(x, axis)}.
   */
  String of();

  /** The operand's name, or those of the operands whose gradients the method returns together. */
  String[] wrt();

  /**
   * Where the operation has {@link Op#fuse}: an element of the gradient as a formula of elements of
   * {@code dy}, {@code y} and the operands, before it is summed over what was repeated.
   */
  String fuse() default "";

  /**
   * The names of the parameters, in order; needed only where class files are compiled without
   * {@code -parameters}.
   */
  String[] reads() default {};
}
