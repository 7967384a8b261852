package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Comparison;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;

/** Starts the kernels of {@code elementwise.cu}. */
final class Elementwise {

  private final Kernels kernels;

  Elementwise(Kernels kernels) {
    this.kernels = kernels;
  }

  void unary(Unary f, Operand x, Operand y) {
    kernels.eights("unary", y.size(), x, y, y.size(), Codes.of(f.function()), f.a(), f.b());
  }

  void unaryGradient(Unary f, Operand dy, Operand saved, Operand dx) {
    int function = Codes.of(f.function());
    long size = dx.size();
    kernels.eights("unaryGradient", size, dy, saved, dx, size, function, f.a(), f.b());
  }

  void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    long[] walk = Walk.of(broadcast, 2);
    kernels.eights("binary", c.size(), a, b, c, c.size(), Codes.of(function), walk);
  }

  void compare(Comparison function, Operand a, Operand b, Operand y, Broadcast broadcast) {
    long[] walk = Walk.of(broadcast, 2);
    kernels.each("compare", y.size(), a, b, y, y.size(), Codes.of(function), walk);
  }

  void ternary(Ternary function, Operand a, Operand b, Operand c, Operand y, Broadcast broadcast) {
    long[] walk = Walk.of(broadcast, 3);
    kernels.eights("ternary", y.size(), a, b, c, y, y.size(), Codes.of(function), walk);
  }

  void scale(Operand x, float factor, Operand y) {
    kernels.eights("scale", y.size(), x, y, y.size(), factor);
  }

  void dropout(Operand x, Operand y, float rate, long seed) {
    kernels.eights("dropout", y.size(), x, y, y.size(), rate, seed);
  }
}
