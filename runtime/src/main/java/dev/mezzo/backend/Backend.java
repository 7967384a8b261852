package dev.mezzo.backend;

import dev.mezzo.scaling.LossScale;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The kernels that operations are made of.
 *
 * <p>Common to all: operands are contiguous and row-major unless said; float operands may be FP32,
 * FP16 or BF16, each its own; arithmetic and accumulation are FP32 (or wider) and the result is
 * rounded once, to nearest, ties to even; NaN and ±Inf propagate as IEEE 754 says; subnormals are
 * kept. The result may be the same memory as an operand where a kernel says "in place"; else they
 * do not overlap. Shapes were checked by the caller. Calls may be asynchronous: a result is there
 * for later calls on the same backend, and for the host after {@link #synchronize}. Nothing but
 * {@link #download} reads a value back, so that a whole step can be captured: the loss scale, the
 * finite flags, step counts and the learning rate are memory like any other. One thread at a time
 * may use a backend.
 */
public interface Backend extends AutoCloseable {

  /** Name and what it runs on, as in {@code vector (16 lanes), 2 threads}. */
  String description();

  /**
   * Memory of at least {@code bytes}, 64-byte aligned, contents undefined; freed when it is
   * unreachable.
   */
  MemorySegment allocate(long bytes);

  /** Copies host memory (of equal byte size) to the backend's memory. */
  void upload(MemorySegment host, MemorySegment to);

  /** Waits, then copies the backend's memory to host memory (of equal byte size). */
  void download(MemorySegment from, MemorySegment host);

  /** Waits until all earlier calls have finished. */
  void synchronize();

  @Override
  void close();

  // Data movement.

  /** Sets every element. */
  void fill(@Writes Operand y, float value);

  /** y = x, rounded to y's type; any float type to any, and INT32 to INT32. */
  void cast(Operand x, @Writes Operand y);

  /** Stores the transpose: x is (batch, rows, cols), y is (batch, cols, rows), same type. */
  void transpose(Operand x, @Writes Operand y, int batch, int rows, int cols);

  // Matrix products.

  /**
   * c = epilogue(a·b), with c (m, n) row-major, its stride given, not transposed. Inputs of any
   * float type, FP32 accumulation, one rounding.
   */
  void gemm(GemmShape shape, Matrix a, Matrix b, @Writes Matrix c, Epilogue epilogue);

  /**
   * {@link #gemm} for each of several products of one shape, whose operands hold all matrices. The
   * epilogue has no tail, and its bias is that of all.
   */
  default void gemmBatch(
      GemmShape shape, GemmBatch batch, Matrix a, Matrix b, @Writes Matrix c, Epilogue epilogue) {
    for (int i = 0; i < batch.count(); i++) {
      gemm(shape, a.part(i, batch.a()), b.part(i, batch.b()), c.part(i, batch.c()), epilogue);
    }
  }

  /** Convolutions; the same object at each call. */
  ConvolutionKernels convolutions();

  /** Poolings; the same object at each call. */
  PoolingKernels poolings();

  /** Images in another size; the same object at each call. */
  ResamplingKernels resampling();

  /** Batch and group norm; the same object at each call. */
  ChannelNormKernels channelNorms();

  // Element-wise. In place: y (dx, c) may be any operand of equal type.

  /** y = f(x). */
  void unary(Unary function, Operand x, @Writes Operand y);

  /** dx = dy·f′, from y or x as {@link Unary#gradientReadsOutput} says. */
  void unaryGradient(Unary function, Operand dy, Operand saved, @Writes Operand dx);

  /** c = f(a, b), with broadcasting. c is contiguous with the dimensions of {@code broadcast}. */
  void binary(Binary function, Operand a, Operand b, @Writes Operand c, Broadcast broadcast);

  /**
   * y = f(a, b) ? 1 : 0, INT32, with broadcasting as {@link #binary}, not in place; a and b are of
   * any float type each, or both INT32.
   */
  void compare(Comparison function, Operand a, Operand b, @Writes Operand y, Broadcast broadcast);

  /** y = f(a, b, c), with broadcasting, as {@link #binary}. Not in place. */
  void ternary(
      Ternary function, Operand a, Operand b, Operand c, @Writes Operand y, Broadcast broadcast);

  /** y = factor·x. */
  void scale(Operand x, float factor, @Writes Operand y);

  /**
   * y = x with elements zeroed with probability {@code rate}, the others divided by 1 − rate.
   * Element i is kept by a counter-based generator of (seed, i), the same whatever the backend and
   * the number of threads: see {@link DropoutMask}.
   *
   * @param tail what is done to an element then; null for nothing
   */
  void dropout(Operand x, @Writes Operand y, float rate, long seed, @Nullable Tail tail);

  /**
   * Whether products and convolutions apply this program to their sums before they round them,
   * {@link Epilogue#tail}, and dropout and norms of channels to their results.
   */
  default boolean finishes(FusedProgram program) {
    return false;
  }

  /**
   * Whether kernels take gradients of parameters that add, {@link Operand#adds}: {@link #sum}'s
   * result, the weight's and bias's gradients of convolutions, norms and recurrences, that of an
   * embedding's table, and norms' dx.
   */
  default boolean addsGradients() {
    return false;
  }

  /** Several of these in one pass; the same object at each call. */
  FusedKernels fused();

  /** Movement of elements, and what works along an axis; the same object at each call. */
  ArrayKernels arrays();

  // Reductions.

  /** y = factor · Σ over the axis of x. y may add. */
  void sum(Operand x, @Writes Operand y, Reduction reduction);

  /**
   * The index of the largest element of each row, the first of equals; NaN counts as largest. x
   * (rows, cols), y (rows) INT32.
   */
  void argmax(Operand x, @Writes Operand y, int rows, int cols);

  /** Softmax (or its logarithm) of each row; the row's maximum is subtracted first. */
  void softmax(Operand x, @Writes Operand y, int rows, int cols, boolean logarithm);

  /** dx = y·(dy − Σ dy·y), or for the logarithm dx = dy − eʸ·Σ dy. In place on dy. */
  void softmaxGradient(
      Operand dy, Operand y, @Writes Operand dx, int rows, int cols, boolean logarithm);

  // Losses.

  /** More losses; the same object at each call. */
  LossKernels losses();

  /**
   * loss (scalar, FP32) = mean over rows of log Σ e^logit − logit[label]. A label outside 0..cols-1
   * gives NaN.
   */
  void crossEntropy(Operand logits, Operand labels, @Writes Operand loss, int rows, int cols);

  /**
   * dLogits = dLoss / rows · (softmax(logits) − onehot(label)); dLoss is a scalar in memory. The
   * row of a label out of range becomes NaN, so that the step is skipped. In place on logits.
   */
  void crossEntropyGradient(
      Operand dLoss, Operand logits, Operand labels, @Writes Operand dLogits, int rows, int cols);

  /** loss (scalar, FP32) = mean of (x − target)². */
  void meanSquaredError(Operand x, Operand target, @Writes Operand loss);

  /** dx = dLoss · 2/n · (x − target). */
  void meanSquaredErrorGradient(Operand dLoss, Operand x, Operand target, @Writes Operand dx);

  // Families of kernels.

  /** Layer norm, RMS norm. */
  RowNormKernels rowNorms();

  /** Rows of a table. */
  EmbeddingKernels embeddings();

  /** Scaled dot-product attention. */
  AttentionKernels attention();

  /** Recurrent layers. */
  RecurrentKernels recurrences();

  /** Connectionist temporal classification. */
  CtcKernels ctc();

  // The update. Control values are memory: see StepControl.

  /**
   * Looks at one gradient, still scaled: flags[index] = 1 if any element is NaN or ±Inf; squares +=
   * Σ (x/scale)².
   */
  void checkFinite(Operand gradient, StepControl control, int index);

  /**
   * After all gradients were checked: overflow = any flag; factor = 1/scale, times min(1, maxNorm /
   * √squares) where maxNorm is finite; without overflow applied += 1 and rate = rates[(applied − 1)
   * mod rates.size].
   */
  void beginUpdate(StepControl control, float maxNorm);

  /**
   * SGD with momentum, one pass over the data. Where {@code control.overflow} is set, nothing is
   * written.
   */
  void sgd(SgdStep step);

  /** AdamW, one pass over the data. Where {@code control.overflow} is set, nothing is written. */
  void adamW(AdamWStep step);

  /** After all updates: the scale's next state, as {@link LossScale#next} says. */
  void endUpdate(StepControl control, LossScale rule);

  // Statistics.

  /**
   * counts[0] += number of zeros, counts[1 + e + 160] += number of elements x with floor(log2
   * |x·factor|) = e for −160 ≤ e &lt; 160, counts[321] += number of NaN and ±Inf. counts is INT32
   * of 322.
   */
  void exponentHistogram(Operand x, float factor, @Writes Operand counts);
}
