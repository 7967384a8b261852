package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.CublasLt;
import dev.mezzo.types.DType;
import org.jspecify.annotations.Nullable;

/**
 * cuBLASLt's descriptors of a product, and the algorithm that was chosen for it.
 *
 * @param layouts of A, B, C and D
 * @param algorithm null where the library has none
 */
record LtPlan(long description, long[] layouts, CublasLt.@Nullable Algorithm algorithm)
    implements AutoCloseable {

  /** Without an algorithm yet. */
  static LtPlan of(LtProduct p) {
    long description =
        CublasLt.description(
            p.transposeA(),
            p.transposeB(),
            p.bias() ? CublasLt.EPILOGUE_BIAS : CublasLt.EPILOGUE_NONE);
    int type = type(p.type());
    int batches = p.batch().count();
    long a =
        p.transposeA()
            ? CublasLt.layout(type, p.k(), p.m(), p.leadingA(), batches, p.batch().a())
            : CublasLt.layout(type, p.m(), p.k(), p.leadingA(), batches, p.batch().a());
    long b =
        p.transposeB()
            ? CublasLt.layout(type, p.n(), p.k(), p.leadingB(), batches, p.batch().b())
            : CublasLt.layout(type, p.k(), p.n(), p.leadingB(), batches, p.batch().b());
    long c = CublasLt.layout(type(p.result()), p.m(), p.n(), p.leadingC(), batches, p.batch().c());
    return new LtPlan(description, new long[] {a, b, c, c}, null);
  }

  LtPlan with(CublasLt.@Nullable Algorithm chosen) {
    return new LtPlan(description, layouts, chosen);
  }

  @Override
  public void close() {
    CublasLt.destroyDescription(description);
    CublasLt.destroyLayout(layouts[0]);
    CublasLt.destroyLayout(layouts[1]);
    CublasLt.destroyLayout(layouts[2]);
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case FP32 -> CublasLt.FP32;
      case FP16 -> CublasLt.FP16;
      case BF16 -> CublasLt.BF16;
      case INT32 -> throw new IllegalArgumentException("products are of floats");
    };
  }
}
