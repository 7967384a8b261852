package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PoolingKernels;
import dev.mezzo.backend.PoolingShape;
import dev.mezzo.types.Pooling;

/** Starts the kernels of {@code pooling.cu}. */
final class Poolings implements PoolingKernels {

  private final Kernels kernels;

  Poolings(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void max(PoolingShape shape, Operand x, Operand y) {
    kernels.each("maxPool", y.size(), struct(shape), x, y);
  }

  @Override
  public void maxGradient(PoolingShape shape, Operand dy, Operand x, Operand dx) {
    kernels.each("maxPoolGradient", dx.size(), struct(shape), dy, x, dx);
  }

  @Override
  public void average(PoolingShape shape, Operand x, Operand y) {
    kernels.each("averagePool", y.size(), struct(shape), x, y);
  }

  @Override
  public void averageGradient(PoolingShape shape, Operand dy, Operand dx) {
    kernels.each("averagePoolGradient", dx.size(), struct(shape), dy, dx);
  }

  /** The struct {@code Pooling}. */
  private static Arguments.ByValue struct(PoolingShape shape) {
    Pooling window = shape.window();
    return new Struct()
        .add((long) shape.batch())
        .add(shape.height())
        .add(shape.width())
        .add(shape.channels())
        .add(shape.outHeight())
        .add(shape.outWidth())
        .add(window.height())
        .add(window.width())
        .add(window.strideHeight())
        .add(window.strideWidth())
        .add(window.paddingHeight())
        .add(window.paddingWidth())
        .value();
  }
}
