package dev.mezzo;

import dev.mezzo.annotations.Half;

/**
 * A layer with one tensor in and one out: what fields hold that may hold any. Its class is
 * annotated with {@code @Half} or {@code @Full}, as every layer's is.
 *
 * <p>Where the class of a layer is not known, its border must be: it is given the 16-bit format and
 * returns it, whatever it computes in. A layer with another border, or of several tensors, has an
 * annotated interface of its own.
 *
 * <pre>{@code
 * @Half
 * record Residual(Layer inner) implements Layer {
 *   public Tensor forward(Tensor x) {
 *     return add(x, inner.forward(x));
 *   }
 * }
 * }</pre>
 */
@Half
public interface Layer {

  /** Applies the layer in FP32. {@code x} is borrowed, the caller owns the result. */
  Tensor forward(Tensor x);
}
