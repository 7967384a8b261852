package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.AttentionMask;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels.Saved;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.cuda.CudaBackend;
import dev.mezzo.types.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attention, forward and gradients, at lengths around those of tiles and blocks. */
final class AttentionCases {

  private static final int[] LENGTHS = {0, 1, 2, 7, 31, 33, 64, 257};
  private static final int[] WIDTHS = {1, 3, 16, 17, 64, 80, 128};

  private AttentionCases() {}

  static List<KernelCase> all() {
    return List.of(
        of("attention, time", LENGTHS, n -> shape(2, 2, 2, n, n, 8, false)),
        of("attention, causal", LENGTHS, n -> shape(1, 2, 2, n, n, 8, true)),
        of("attention, head width", WIDTHS, n -> shape(1, 2, 2, 5, 9, n, false)),
        of("attention, queries", LENGTHS, n -> shape(2, 1, 1, n, 5, 4, true)),
        of("attention, keys", LENGTHS, n -> shape(2, 1, 1, 5, n, 4, true)),
        of("attention, shared keys", new int[] {1, 35}, n -> shape(2, 6, 2, n, n, 5, true)),
        of("attention, few queries", LENGTHS, n -> shape(2, 6, 3, 3, n, 20, true)),
        of("attention, one query", WIDTHS, n -> shape(1, 4, 4, 1, 70, n, false)),
        masked("few queries with mask", new int[] {1, 300}, n -> shape(2, 4, 2, 2, n, 12, false)),
        masked(
            "attention with mask", new int[] {1, 9, 33}, n -> shape(2, 2, 1, n, n + 2, 6, false)));
  }

  private interface Maker {
    AttentionShape of(int size);
  }

  private static AttentionShape shape(
      int batch, int heads, int keyHeads, int queries, int keys, int dim, boolean causal) {
    float scale = (float) (1 / Math.sqrt(dim));
    return new AttentionShape(batch, heads, keyHeads, queries, keys, dim, scale, causal);
  }

  private static KernelCase of(String name, int[] sizes, Maker shape) {
    return new KernelCase(
        name, same(1), sizes, (b, n, t) -> run(b, shape.of(n), t.getFirst(), false));
  }

  private static KernelCase masked(String name, int[] sizes, Maker shape) {
    return new KernelCase(
        name, same(1), sizes, (b, n, t) -> run(b, shape.of(n), t.getFirst(), true));
  }

  private static void run(Bench bench, AttentionShape shape, DType dtype, boolean masked) {
    int queries = shape.batch() * shape.queries() * shape.heads() * shape.headDim();
    int keys = shape.batch() * shape.keys() * shape.keyHeads() * shape.headDim();
    Buffer q = bench.operand(dtype, queries);
    Buffer k = bench.operand(dtype, keys);
    Buffer v = bench.operand(dtype, keys);
    Buffer mask = masked ? mask(bench, shape, dtype) : null;
    Attention attention =
        new Attention(
            shape, ofQueries(shape, q), ofKeys(shape, k), ofKeys(shape, v), mask(shape, mask));
    var expected =
        AttentionReference.of(
            shape,
            q.get(),
            k.get(),
            v.get(),
            mask == null ? null : mask.get(),
            factorUnit(bench, shape, dtype));

    Buffer y = bench.result(dtype, queries);
    Buffer logSums = bench.result(DType.FP32, shape.batch() * shape.heads() * shape.queries());
    bench.backend().attention().forward(attention, ofQueries(shape, y), logSums.operand());
    bench.check(y, expected.y().values(), expected.y().errors());
    bench.check(logSums, expected.logSums().values(), expected.logSums().errors());

    Buffer dy = bench.operand(dtype, queries);
    Buffer dq = bench.result(dtype, queries);
    Buffer dk = bench.result(dtype, keys);
    Buffer dv = bench.result(dtype, keys);
    bench
        .backend()
        .attention()
        .gradient(
            attention,
            new Saved(ofQueries(shape, dy), ofQueries(shape, y), logSums.operand()),
            ofQueries(shape, dq),
            ofKeys(shape, dk),
            ofKeys(shape, dv));
    var gradients = expected.gradients(dy.get(), y.get());
    bench.check(dq, gradients.q().values(), gradients.q().errors());
    bench.check(dk, gradients.k().values(), gradients.k().errors());
    bench.check(dv, gradients.v().values(), gradients.v().errors());
  }

  /** Tensor cores multiply 16-bit factors: see AttentionKernels. */
  private static double factorUnit(Bench bench, AttentionShape shape, DType dtype) {
    boolean tensorCores =
        bench.backend() instanceof CudaBackend && (shape.headDim() == 64 || shape.headDim() == 128);
    return !tensorCores || dtype == DType.FP32 ? 0 : dtype == DType.FP16 ? 0x1p-11 : 0x1p-8;
  }

  /**
   * One for each batch entry and query, the heads sharing it; some keys, and all of one query,
   * hidden.
   */
  private static Buffer mask(Bench bench, AttentionShape shape, DType dtype) {
    double[] values =
        bench
            .random()
            .doubles((long) shape.batch() * shape.queries() * shape.keys(), -2, 3)
            .map(x -> x > 2 ? Double.NEGATIVE_INFINITY : x)
            .toArray();
    for (int i = 0; i < shape.keys(); i++) {
      values[i] = Double.NEGATIVE_INFINITY;
    }
    return bench.values(dtype, values);
  }

  private static @Nullable AttentionMask mask(AttentionShape shape, @Nullable Buffer mask) {
    return mask == null
        ? null
        : new AttentionMask(mask.operand(), (long) shape.queries() * shape.keys(), 0, shape.keys());
  }

  private static Heads ofQueries(AttentionShape shape, Buffer buffer) {
    return new Heads(buffer.operand(), 0, shape.heads() * shape.headDim());
  }

  private static Heads ofKeys(AttentionShape shape, Buffer buffer) {
    return new Heads(buffer.operand(), 0, shape.keyHeads() * shape.headDim());
  }
}
