package dev.mezzo.backend.vector;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.ArrayKernels;
import dev.mezzo.backend.AttentionKernels;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.ChannelNormKernels;
import dev.mezzo.backend.Comparison;
import dev.mezzo.backend.ConvolutionKernels;
import dev.mezzo.backend.CtcKernels;
import dev.mezzo.backend.EmbeddingKernels;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.FusedKernels;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.LossKernels;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PoolingKernels;
import dev.mezzo.backend.RecurrentKernels;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.ResamplingKernels;
import dev.mezzo.backend.RowNormKernels;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import dev.mezzo.backend.Tail;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.scaling.LossScale;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The kernels with the Vector API, on a fixed number of threads, the caller being one of them. Each
 * call has finished when it returns. The same threads give the same bits.
 *
 * <p>Needs {@code --add-modules jdk.incubator.vector}. The property {@code mezzo.vector.bits} (128,
 * 256 or 512) lowers the width of the vectors, for tests.
 */
public final class VectorBackend implements Backend {

  private static final long ALIGNMENT = 64;

  private final Workers workers;
  private final Gemm gemm;
  private final Convolutions convolutions;
  private final Poolings poolings;
  private final Resamplings resamplings;
  private final ChannelNorms channelNorms;
  private final Movement movement;
  private final ElementWise elementWise;
  private final Reductions reductions;
  private final Softmax softmax;
  private final FusedKernels fused;
  private final ArrayKernels arrays;
  private final LossKernels rowLosses;
  private final Losses losses;
  private final RowNorms rowNorms;
  private final Embeddings embeddings;
  private final Attentions attentions;
  private final Recurrences recurrences;
  private final Ctc ctc;
  private final Updates updates;

  /** A backend that computes on {@code threads} threads; it starts all but one of them. */
  public VectorBackend(int threads) {
    workers = new Workers(threads);
    gemm = new Gemm(workers);
    convolutions = new Convolutions(workers, gemm);
    poolings = new Poolings(workers);
    resamplings = new Resamplings(workers);
    channelNorms = new ChannelNorms(workers);
    movement = new Movement(workers);
    elementWise = new ElementWise(workers);
    reductions = new Reductions(workers);
    softmax = new Softmax(workers, reductions);
    fused = new Fused(workers, elementWise);
    arrays = new AxisKernels(workers, reductions);
    rowLosses = new RowLosses(workers, reductions);
    losses = new Losses(workers, reductions);
    rowNorms = new RowNorms(workers);
    embeddings = new Embeddings(workers, movement);
    attentions = new Attentions(workers);
    recurrences = new Recurrences(workers, gemm, reductions);
    ctc = new Ctc(workers);
    updates = new Updates(workers);
  }

  /** FP32 numbers in a vector. */
  public static int lanes() {
    return Lanes.COUNT;
  }

  @Override
  public String description() {
    int threads = workers.threads();
    return "vector ("
        + Lanes.COUNT
        + " lanes), "
        + threads
        + (threads == 1 ? " thread" : " threads");
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(Math.max(bytes, ALIGNMENT), ALIGNMENT);
  }

  @Override
  public void upload(MemorySegment host, MemorySegment to) {
    to.copyFrom(host);
  }

  @Override
  public void download(MemorySegment from, MemorySegment host) {
    host.copyFrom(from);
  }

  @Override
  public void synchronize() {
    // Every call has finished.
  }

  @Override
  public void close() {
    workers.close();
  }

  @Override
  public void fill(Operand y, float value) {
    movement.fill(y, value);
  }

  @Override
  public void cast(Operand x, Operand y) {
    movement.cast(x, y);
  }

  @Override
  public void transpose(Operand x, Operand y, int batch, int rows, int cols) {
    movement.transpose(x, y, batch, rows, cols);
  }

  @Override
  public void gemm(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    gemm.run(shape, a, b, c, epilogue);
  }

  @Override
  public ConvolutionKernels convolutions() {
    return convolutions;
  }

  @Override
  public PoolingKernels poolings() {
    return poolings;
  }

  @Override
  public ResamplingKernels resampling() {
    return resamplings;
  }

  @Override
  public ChannelNormKernels channelNorms() {
    return channelNorms;
  }

  @Override
  public LossKernels losses() {
    return rowLosses;
  }

  @Override
  public boolean finishes(FusedProgram program) {
    return true;
  }

  @Override
  public boolean addsGradients() {
    return true;
  }

  @Override
  public FusedKernels fused() {
    return fused;
  }

  @Override
  public ArrayKernels arrays() {
    return arrays;
  }

  @Override
  public void unary(Unary function, Operand x, Operand y) {
    elementWise.unary(function, x, y);
  }

  @Override
  public void unaryGradient(Unary function, Operand dy, Operand saved, Operand dx) {
    elementWise.unaryGradient(function, dy, saved, dx);
  }

  @Override
  public void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    elementWise.binary(function, a, b, c, broadcast);
  }

  @Override
  public void compare(Comparison function, Operand a, Operand b, Operand y, Broadcast broadcast) {
    elementWise.compare(function, a, b, y, broadcast);
  }

  @Override
  public void ternary(
      Ternary function, Operand a, Operand b, Operand c, Operand y, Broadcast broadcast) {
    elementWise.ternary(function, a, b, c, y, broadcast);
  }

  @Override
  public void scale(Operand x, float factor, Operand y) {
    elementWise.scale(x, factor, y);
  }

  @Override
  public void dropout(Operand x, Operand y, float rate, long seed, @Nullable Tail tail) {
    elementWise.dropout(x, y, rate, seed, tail);
  }

  @Override
  public void sum(Operand x, Operand y, Reduction reduction) {
    reductions.sum(x, y, reduction);
  }

  @Override
  public void argmax(Operand x, Operand y, int rows, int cols) {
    reductions.argmax(x, y, rows, cols);
  }

  @Override
  public void softmax(Operand x, Operand y, int rows, int cols, boolean logarithm) {
    softmax.forward(x, y, rows, cols, logarithm);
  }

  @Override
  public void softmaxGradient(
      Operand dy, Operand y, Operand dx, int rows, int cols, boolean logarithm) {
    softmax.gradient(dy, y, dx, rows, cols, logarithm);
  }

  @Override
  public void crossEntropy(Operand logits, Operand labels, Operand loss, int rows, int cols) {
    losses.crossEntropy(logits, labels, loss, rows, cols);
  }

  @Override
  public void crossEntropyGradient(
      Operand dLoss, Operand logits, Operand labels, Operand dLogits, int rows, int cols) {
    losses.crossEntropyGradient(dLoss, logits, labels, dLogits, rows, cols);
  }

  @Override
  public void meanSquaredError(Operand x, Operand target, Operand loss) {
    losses.meanSquaredError(x, target, loss);
  }

  @Override
  public void meanSquaredErrorGradient(Operand dLoss, Operand x, Operand target, Operand dx) {
    losses.meanSquaredErrorGradient(dLoss, x, target, dx);
  }

  @Override
  public RowNormKernels rowNorms() {
    return rowNorms;
  }

  @Override
  public EmbeddingKernels embeddings() {
    return embeddings;
  }

  @Override
  public AttentionKernels attention() {
    return attentions;
  }

  @Override
  public RecurrentKernels recurrences() {
    return recurrences;
  }

  @Override
  public CtcKernels ctc() {
    return ctc;
  }

  @Override
  public void checkFinite(Operand gradient, StepControl control, int index) {
    updates.checkFinite(gradient, control, index);
  }

  @Override
  public void beginUpdate(StepControl control, float maxNorm) {
    updates.begin(control, maxNorm);
  }

  @Override
  public void sgd(SgdStep step) {
    updates.sgd(step);
  }

  @Override
  public void adamW(AdamWStep step) {
    updates.adamW(step);
  }

  @Override
  public void endUpdate(StepControl control, LossScale rule) {
    updates.end(control, rule);
  }

  @Override
  public void exponentHistogram(Operand x, float factor, Operand counts) {
    reductions.exponentHistogram(x, factor, counts);
  }
}
