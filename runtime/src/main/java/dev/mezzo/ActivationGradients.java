package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.backend.Unary;

/**
 * Gradients of activations. Each has its operand's shape and element type, is computed in FP32 and
 * rounded once.
 */
public final class ActivationGradients {

  private ActivationGradients() {}

  /** {@code dy·σ(w)·(1 + x·(1 − σ(w))·w′)}, w = 2·√(2/π)·(x + 0.044715·x³); dy and 0 beyond ±20. */
  @Gradient(of = "geluTanh", wrt = "x", fuse = "geluTanhGradient(dy, x)")
  public static Tensor geluTanhGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient(
        "geluTanhGradient", Unary.of(Unary.Function.GELU_TANH), dy, x, x.dtype());
  }

  /** {@code dy·σ(x)·(1 + x·(1 − σ(x)))}. */
  @Gradient(of = "silu", wrt = "x", fuse = "siluGradient(dy, x)")
  public static Tensor siluGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient(
        "siluGradient", Unary.of(Unary.Function.SILU), dy, x, x.dtype());
  }

  /** {@code y > 0 ? dy : dy·(y + alpha)}: at 0 alpha·dy, as in PyTorch. */
  @Gradient(of = "elu", wrt = "x", fuse = "eluGradient(dy, y, alpha)")
  public static Tensor eluGradient(Tensor dy, Tensor y, float alpha) {
    return Elementwise.unaryGradient(
        "eluGradient", Unary.of(Unary.Function.ELU, alpha), dy, y, y.dtype());
  }

  /** {@code y > 0 ? dy : slope·dy}: at 0 slope·dy, as in PyTorch. */
  @Gradient(of = "leakyRelu", wrt = "x", fuse = "leakyReluGradient(dy, y, slope)")
  public static Tensor leakyReluGradient(Tensor dy, Tensor y, float slope) {
    return Elementwise.unaryGradient(
        "leakyReluGradient", Unary.of(Unary.Function.LEAKY_RELU, slope), dy, y, y.dtype());
  }

  /** {@code dy·σ(x)}. */
  @Gradient(of = "softplus", wrt = "x", fuse = "softplusGradient(dy, x)")
  public static Tensor softplusGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient(
        "softplusGradient", Unary.of(Unary.Function.SOFTPLUS), dy, x, x.dtype());
  }

  /** {@code least < x < most ? dy : 0}: at the bounds 0, as in PyTorch; dy where x is NaN. */
  @Gradient(of = "hardTanh", wrt = "x", fuse = "hardTanhGradient(dy, x, least, most)")
  public static Tensor hardTanhGradient(Tensor dy, Tensor x, float least, float most) {
    return Elementwise.unaryGradient(
        "hardTanhGradient",
        Elementwise.bounds("hardTanhGradient", Unary.Function.HARD_TANH, least, most),
        dy,
        x,
        x.dtype());
  }

  /** {@code −3 < x < 3 ? dy/6 : 0}. */
  @Gradient(of = "hardSigmoid", wrt = "x", fuse = "hardSigmoidGradient(dy, x)")
  public static Tensor hardSigmoidGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient(
        "hardSigmoidGradient", Unary.of(Unary.Function.HARD_SIGMOID), dy, x, x.dtype());
  }

  /** 0 up to −3, dy from 3 on, {@code dy·(x/3 + ½)} between. */
  @Gradient(of = "hardSwish", wrt = "x", fuse = "hardSwishGradient(dy, x)")
  public static Tensor hardSwishGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient(
        "hardSwishGradient", Unary.of(Unary.Function.HARD_SWISH), dy, x, x.dtype());
  }
}
