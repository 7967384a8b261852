package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmBatch;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Unary;

/**
 * Starts the kernel of {@code gemm.cu}: products without cuBLASLt, of any types and strides, with
 * any epilogue, and slow beside it.
 */
final class Products {

  private static final int TILE = 64;
  private static final int LARGEST_Z = 65535;

  private final Kernels kernels;

  Products(Kernels kernels) {
    this.kernels = kernels;
  }

  void gemm(GemmShape shape, GemmBatch batch, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    int batches = batch.count();
    long tiles = (long) Math.ceilDiv(shape.m(), TILE) * Math.ceilDiv(shape.n(), TILE);
    if (tiles == 0 || batches == 0) {
      return;
    }
    int blocks = Math.toIntExact(Math.min(tiles, Integer.MAX_VALUE));
    kernels.launch(
        "gemm",
        new Grid(blocks, 1, Math.min(batches, LARGEST_Z), Kernels.THREADS, 1, 0),
        struct(a, batch.a()),
        struct(b, batch.b()),
        struct(c, batch.c()),
        (long) shape.m(),
        (long) shape.n(),
        (long) shape.k(),
        (long) batches,
        struct(epilogue));
  }

  /** The struct {@code Epilogue} of {@code gemm.cuh}. */
  static Arguments.ByValue struct(Epilogue epilogue) {
    Unary activation = epilogue.activation();
    return new Struct()
        .add(epilogue.bias())
        .add(activation == null ? -1 : Codes.of(activation.function()))
        .add(epilogue.accumulate() ? 1 : 0)
        .add(activation == null ? 0 : activation.a())
        .add(activation == null ? 0 : activation.b())
        .value();
  }

  /** The struct {@code Matrix}. */
  private static Arguments.ByValue struct(Matrix matrix, long apart) {
    boolean transposed = matrix.transposed();
    return new Struct()
        .add(matrix.operand())
        .add(transposed ? 1L : matrix.stride())
        .add(transposed ? matrix.stride() : 1L)
        .add(apart)
        .value();
  }
}
