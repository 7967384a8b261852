package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Epilogue;
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

  void gemm(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    gemm(shape, new Batched(a, 0), new Batched(b, 0), new Batched(c, 0), 1, epilogue);
  }

  /** Several products of a shape. */
  void gemm(GemmShape shape, Batched a, Batched b, Batched c, int batches, Epilogue epilogue) {
    long tiles = (long) Math.ceilDiv(shape.m(), TILE) * Math.ceilDiv(shape.n(), TILE);
    if (tiles == 0 || batches == 0) {
      return;
    }
    int blocks = Math.toIntExact(Math.min(tiles, Integer.MAX_VALUE));
    kernels.launch(
        "gemm",
        new Grid(blocks, 1, Math.min(batches, LARGEST_Z), Kernels.THREADS, 1, 0),
        a.struct(),
        b.struct(),
        c.struct(),
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

  /**
   * A matrix in each of several products.
   *
   * @param stride elements from one to the next, 0 where all have the same
   */
  record Batched(Matrix matrix, long stride) {
    private Arguments.ByValue struct() {
      boolean transposed = matrix.transposed();
      return new Struct()
          .add(matrix.operand())
          .add(transposed ? 1L : matrix.stride())
          .add(transposed ? matrix.stride() : 1L)
          .add(stride)
          .value();
    }
  }
}
