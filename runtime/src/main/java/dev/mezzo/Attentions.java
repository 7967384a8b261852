package dev.mezzo;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.AttentionMask;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels.Saved;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention of operands whose rows hold heads side by side. Saved for the
 * gradient, besides what its parameters name: the logarithm of each query's sum.
 */
final class Attentions {

  private Attentions() {}

  /** What attention is given besides its matrices. */
  record Settings(int heads, boolean causal, @Nullable Tensor mask) {}

  static Tensor attention(Tape tape, Tensor q, Tensor k, Tensor v, Settings settings) {
    DType dtype = Checks.oneFloatType("attention", q, k, v);
    AttentionShape shape = shape("attention", q.shape(), k.shape(), v.shape(), settings);
    Tensor y = Tensor.allocate(q.device(), q.shape(), dtype);
    try (Tensor queries = q.contiguous();
        Tensor keys = k.contiguous();
        Tensor values = v.contiguous();
        Tensor mask = settings.mask == null ? null : settings.mask.contiguous();
        Tensor logSums = logSums(q, shape)) {
      Attention attention =
          new Attention(shape, heads(queries), heads(keys), heads(values), mask(mask, shape));
      q.device().backend().attention().forward(attention, heads(y), logSums.operand());
      tape.save(logSums);
    }
    return y;
  }

  static Tensor[] gradient(
      Tape tape, Tensor dy, Tensor y, Tensor q, Tensor k, Tensor v, Settings settings) {
    Checks.isFloat("attentionGradient", dy, y, q, k, v);
    Checks.sameShape("attentionGradient", dy, y);
    AttentionShape shape = shape("attentionGradient", q.shape(), k.shape(), v.shape(), settings);
    Tensor dq = Tensor.allocate(q.device(), q.shape(), q.dtype());
    Tensor dk = Tensor.allocate(k.device(), k.shape(), k.dtype());
    Tensor dv = Tensor.allocate(v.device(), v.shape(), v.dtype());
    try (Tensor logSums = tape.restoreTensor();
        Tensor gradient = dy.contiguous();
        Tensor result = y.contiguous();
        Tensor queries = q.contiguous();
        Tensor keys = k.contiguous();
        Tensor values = v.contiguous();
        Tensor mask = settings.mask == null ? null : settings.mask.contiguous()) {
      Attention attention =
          new Attention(shape, heads(queries), heads(keys), heads(values), mask(mask, shape));
      q.device()
          .backend()
          .attention()
          .gradient(
              attention,
              new Saved(heads(gradient), heads(result), logSums.operand()),
              heads(dq),
              heads(dk),
              heads(dv));
    }
    return new Tensor[] {dq, dk, dv};
  }

  static Tensor selfAttention(Tape tape, Tensor qkv, int heads, int keyHeads, boolean causal) {
    Checks.isFloat("selfAttention", qkv);
    AttentionShape shape = shape(qkv.shape(), heads, keyHeads, causal);
    Shape result = Shape.of(shape.batch(), shape.queries(), heads * shape.headDim());
    Tensor y = Tensor.allocate(qkv.device(), result, qkv.dtype());
    try (Tensor packed = qkv.contiguous();
        Tensor logSums = logSums(qkv, shape)) {
      qkv.device()
          .backend()
          .attention()
          .forward(packed(shape, packed), heads(y), logSums.operand());
      tape.save(logSums);
    }
    return y;
  }

  static Tensor selfAttentionGradient(
      Tape tape, Tensor dy, Tensor y, Tensor qkv, int heads, int keyHeads, boolean causal) {
    Checks.isFloat("selfAttentionGradient", dy, y, qkv);
    Checks.sameShape("selfAttentionGradient", dy, y);
    AttentionShape shape = shape(qkv.shape(), heads, keyHeads, causal);
    Tensor dQkv = Tensor.allocate(qkv.device(), qkv.shape(), qkv.dtype());
    try (Tensor logSums = tape.restoreTensor();
        Tensor gradient = dy.contiguous();
        Tensor result = y.contiguous();
        Tensor packed = qkv.contiguous()) {
      Attention gradients = packed(shape, dQkv);
      qkv.device()
          .backend()
          .attention()
          .gradient(
              packed(shape, packed),
              new Saved(heads(gradient), heads(result), logSums.operand()),
              gradients.q(),
              gradients.k(),
              gradients.v());
    }
    return dQkv;
  }

  private static Heads heads(Tensor x) {
    return new Heads(x.operand(), 0, x.shape().dim(-1));
  }

  /** Queries, keys and values side by side. */
  private static Attention packed(AttentionShape shape, Tensor qkv) {
    int stride = qkv.shape().dim(-1);
    int keys = shape.heads() * shape.headDim();
    int values = keys + shape.keyHeads() * shape.headDim();
    return new Attention(
        shape,
        new Heads(qkv.operand(), 0, stride),
        new Heads(qkv.operand(), keys, stride),
        new Heads(qkv.operand(), values, stride),
        null);
  }

  private static Tensor logSums(Tensor like, AttentionShape shape) {
    Shape sums = Shape.of(shape.batch(), shape.heads(), shape.queries());
    return Tensor.allocate(like.device(), sums, DType.FP32);
  }

  private static @Nullable AttentionMask mask(@Nullable Tensor mask, AttentionShape shape) {
    if (mask == null) {
      return null;
    }
    Checks.isFloat("attention", mask);
    Shape dims = mask.shape();
    int[] full = {shape.batch(), shape.heads(), shape.queries(), shape.keys()};
    boolean fits = dims.rank() == 4 && dims.dim(3) == full[3];
    for (int axis = 0; axis < 3 && fits; axis++) {
      fits = dims.dim(axis) == full[axis] || dims.dim(axis) == 1;
    }
    if (!fits) {
      throw new ShapeException(
          "attention: the mask is %s, but must be %s, or 1 in place of any of the first three"
              .formatted(dims, Shape.of(full)));
    }
    long query = dims.dim(2) == 1 ? 0 : dims.dim(3);
    long head = dims.dim(1) == 1 ? 0 : (long) dims.dim(2) * dims.dim(3);
    long batch = dims.dim(0) == 1 ? 0 : (long) dims.dim(1) * dims.dim(2) * dims.dim(3);
    return new AttentionMask(mask.operand(), batch, head, query);
  }

  private static AttentionShape shape(
      String operation, Shape q, Shape k, Shape v, Settings settings) {
    int heads = settings.heads;
    boolean fits =
        q.rank() == 3
            && k.rank() == 3
            && k.equals(v)
            && q.dim(0) == k.dim(0)
            && heads > 0
            && q.dim(2) % heads == 0;
    int headDim = fits ? q.dim(2) / heads : 0;
    int keyHeads = headDim > 0 ? k.dim(2) / headDim : 0;
    if (keyHeads == 0 || keyHeads * headDim != k.dim(2) || heads % keyHeads != 0) {
      throw new ShapeException(
          "%s: q %s, k %s, v %s with %d heads: q must be (batch, queries, heads·dim), k and v (batch, keys, n·dim), where n divides heads"
              .formatted(operation, q, k, v, heads));
    }
    Checks.count(operation, q, 0, 2);
    Checks.count(operation, k, 0, 2);
    return new AttentionShape(
        q.dim(0),
        heads,
        keyHeads,
        q.dim(1),
        k.dim(1),
        headDim,
        (float) (1 / Math.sqrt(headDim)),
        settings.causal);
  }

  private static AttentionShape shape(Shape qkv, int heads, int keyHeads, boolean causal) {
    boolean fits =
        qkv.rank() == 3
            && heads > 0
            && keyHeads > 0
            && heads % keyHeads == 0
            && qkv.dim(2) > 0
            && qkv.dim(2) % (heads + 2 * keyHeads) == 0;
    if (!fits) {
      throw new ShapeException(
          "selfAttention: %s with %d heads of queries and %d of keys: it must be (batch, time, (heads + 2·keyHeads)·dim), where keyHeads divides heads"
              .formatted(qkv, heads, keyHeads));
    }
    Checks.count("selfAttention", qkv, 0, 2);
    int headDim = qkv.dim(2) / (heads + 2 * keyHeads);
    float scale = (float) (1 / Math.sqrt(headDim));
    return new AttentionShape(
        qkv.dim(0), heads, keyHeads, qkv.dim(1), qkv.dim(1), headDim, scale, causal);
  }
}
