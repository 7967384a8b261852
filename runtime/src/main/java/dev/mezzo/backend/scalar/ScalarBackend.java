package dev.mezzo.backend.scalar;

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

/** Plain loops on the calling thread; each call has finished when it returns. */
public final class ScalarBackend implements Backend {

  private static final long ALIGNMENT = 64;

  private final Convolutions convolutions = new Convolutions();
  private final Poolings poolings = new Poolings();
  private final Resamplings resamplings = new Resamplings();
  private final ChannelNorms channelNorms = new ChannelNorms();
  private final FusedKernels fused = new Fused();
  private final ArrayKernels arrays = new AxisKernels();
  private final LossKernels rowLosses = new RowLosses();
  private final RowNorms rowNorms = new RowNorms();
  private final Embeddings embeddings = new Embeddings();
  private final Attentions attentions = new Attentions();
  private final Recurrences recurrences = new Recurrences();
  private final Ctc ctc = new Ctc();

  /** A backend. */
  public ScalarBackend() {}

  @Override
  public String description() {
    return "scalar (plain loops), 1 thread";
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
    // Memory is the garbage collector's.
  }

  @Override
  public void fill(Operand y, float value) {
    Movement.fill(y, value);
  }

  @Override
  public void cast(Operand x, Operand y) {
    Movement.cast(x, y);
  }

  @Override
  public void transpose(Operand x, Operand y, int batch, int rows, int cols) {
    Movement.transpose(x, y, batch, rows, cols);
  }

  @Override
  public void gemm(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    Gemm.run(shape, a, b, c, epilogue);
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
    Elementwise.unary(function, x, y);
  }

  @Override
  public void unaryGradient(Unary function, Operand dy, Operand saved, Operand dx) {
    Elementwise.unaryGradient(function, dy, saved, dx);
  }

  @Override
  public void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    Elementwise.binary(function, a, b, c, broadcast);
  }

  @Override
  public void compare(Comparison function, Operand a, Operand b, Operand y, Broadcast broadcast) {
    Elementwise.compare(function, a, b, y, broadcast);
  }

  @Override
  public void ternary(
      Ternary function, Operand a, Operand b, Operand c, Operand y, Broadcast broadcast) {
    Elementwise.ternary(function, a, b, c, y, broadcast);
  }

  @Override
  public void scale(Operand x, float factor, Operand y) {
    Elementwise.scale(x, factor, y);
  }

  @Override
  public void dropout(Operand x, Operand y, float rate, long seed, @Nullable Tail tail) {
    Elementwise.dropout(x, y, rate, seed, tail);
  }

  @Override
  public void sum(Operand x, Operand y, Reduction reduction) {
    Reductions.sum(x, y, reduction);
  }

  @Override
  public void argmax(Operand x, Operand y, int rows, int cols) {
    Reductions.argmax(x, y, rows, cols);
  }

  @Override
  public void softmax(Operand x, Operand y, int rows, int cols, boolean logarithm) {
    Softmax.forward(x, y, rows, cols, logarithm);
  }

  @Override
  public void softmaxGradient(
      Operand dy, Operand y, Operand dx, int rows, int cols, boolean logarithm) {
    Softmax.gradient(dy, y, dx, rows, cols, logarithm);
  }

  @Override
  public void crossEntropy(Operand logits, Operand labels, Operand loss, int rows, int cols) {
    Losses.crossEntropy(logits, labels, loss, rows, cols);
  }

  @Override
  public void crossEntropyGradient(
      Operand dLoss, Operand logits, Operand labels, Operand dLogits, int rows, int cols) {
    Losses.crossEntropyGradient(dLoss, logits, labels, dLogits, rows, cols);
  }

  @Override
  public void meanSquaredError(Operand x, Operand target, Operand loss) {
    Losses.meanSquaredError(x, target, loss);
  }

  @Override
  public void meanSquaredErrorGradient(Operand dLoss, Operand x, Operand target, Operand dx) {
    Losses.meanSquaredErrorGradient(dLoss, x, target, dx);
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
    Updates.checkFinite(gradient, control, index);
  }

  @Override
  public void beginUpdate(StepControl control, float maxNorm) {
    Updates.begin(control, maxNorm);
  }

  @Override
  public void sgd(SgdStep step) {
    Updates.sgd(step);
  }

  @Override
  public void adamW(AdamWStep step) {
    Updates.adamW(step);
  }

  @Override
  public void endUpdate(StepControl control, LossScale rule) {
    Updates.end(control, rule);
  }

  @Override
  public void exponentHistogram(Operand x, float factor, Operand counts) {
    Reductions.exponentHistogram(x, factor, counts);
  }
}
