package dev.mezzo;

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
import dev.mezzo.backend.GemmBatch;
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
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time use a backend, as backends demand, so that threads may share a device:
 * each kernel call is whole, and results are those of some order of the calls.
 */
record SerialBackend(
    Backend backend,
    ReentrantLock lock,
    ConvolutionKernels convolutions,
    PoolingKernels poolings,
    ResamplingKernels resampling,
    ChannelNormKernels channelNorms,
    FusedKernels fused,
    ArrayKernels arrays,
    LossKernels losses)
    implements Backend {

  static SerialBackend of(Backend backend) {
    ReentrantLock lock = new ReentrantLock();
    return new SerialBackend(
        backend,
        lock,
        SerialKernels.of(ConvolutionKernels.class, backend.convolutions(), lock),
        SerialKernels.of(PoolingKernels.class, backend.poolings(), lock),
        SerialKernels.of(ResamplingKernels.class, backend.resampling(), lock),
        SerialKernels.of(ChannelNormKernels.class, backend.channelNorms(), lock),
        SerialKernels.of(FusedKernels.class, backend.fused(), lock),
        SerialKernels.of(ArrayKernels.class, backend.arrays(), lock),
        SerialKernels.of(LossKernels.class, backend.losses(), lock));
  }

  @Override
  public String description() {
    return backend.description();
  }

  @Override
  public MemorySegment allocate(long bytes) {
    lock.lock();
    try {
      return backend.allocate(bytes);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void upload(MemorySegment host, MemorySegment to) {
    alone(() -> backend.upload(host, to));
  }

  @Override
  public void download(MemorySegment from, MemorySegment host) {
    alone(() -> backend.download(from, host));
  }

  @Override
  public void synchronize() {
    alone(() -> backend.synchronize());
  }

  @Override
  public void close() {
    alone(() -> backend.close());
  }

  @Override
  public void fill(Operand y, float value) {
    alone(() -> backend.fill(y, value));
  }

  @Override
  public void cast(Operand x, Operand y) {
    alone(() -> backend.cast(x, y));
  }

  @Override
  public void transpose(Operand x, Operand y, int batch, int rows, int cols) {
    alone(() -> backend.transpose(x, y, batch, rows, cols));
  }

  @Override
  public boolean finishes(FusedProgram program) {
    return backend.finishes(program);
  }

  @Override
  public boolean addsGradients() {
    return backend.addsGradients();
  }

  @Override
  public void gemm(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    alone(() -> backend.gemm(shape, a, b, c, epilogue));
  }

  @Override
  public void gemmBatch(
      GemmShape shape, GemmBatch batch, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    alone(() -> backend.gemmBatch(shape, batch, a, b, c, epilogue));
  }

  @Override
  public void unary(Unary function, Operand x, Operand y) {
    alone(() -> backend.unary(function, x, y));
  }

  @Override
  public void unaryGradient(Unary function, Operand dy, Operand saved, Operand dx) {
    alone(() -> backend.unaryGradient(function, dy, saved, dx));
  }

  @Override
  public void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    alone(() -> backend.binary(function, a, b, c, broadcast));
  }

  @Override
  public void compare(Comparison function, Operand a, Operand b, Operand y, Broadcast broadcast) {
    alone(() -> backend.compare(function, a, b, y, broadcast));
  }

  @Override
  public void ternary(
      Ternary function, Operand a, Operand b, Operand c, Operand y, Broadcast broadcast) {
    alone(() -> backend.ternary(function, a, b, c, y, broadcast));
  }

  @Override
  public void scale(Operand x, float factor, Operand y) {
    alone(() -> backend.scale(x, factor, y));
  }

  @Override
  public void dropout(Operand x, Operand y, float rate, long seed, @Nullable Tail tail) {
    alone(() -> backend.dropout(x, y, rate, seed, tail));
  }

  @Override
  public void sum(Operand x, Operand y, Reduction reduction) {
    alone(() -> backend.sum(x, y, reduction));
  }

  @Override
  public void argmax(Operand x, Operand y, int rows, int cols) {
    alone(() -> backend.argmax(x, y, rows, cols));
  }

  @Override
  public void softmax(Operand x, Operand y, int rows, int cols, boolean logarithm) {
    alone(() -> backend.softmax(x, y, rows, cols, logarithm));
  }

  @Override
  public void softmaxGradient(
      Operand dy, Operand y, Operand dx, int rows, int cols, boolean logarithm) {
    alone(() -> backend.softmaxGradient(dy, y, dx, rows, cols, logarithm));
  }

  @Override
  public void crossEntropy(Operand logits, Operand labels, Operand loss, int rows, int cols) {
    alone(() -> backend.crossEntropy(logits, labels, loss, rows, cols));
  }

  @Override
  public void crossEntropyGradient(
      Operand dLoss, Operand logits, Operand labels, Operand dLogits, int rows, int cols) {
    alone(() -> backend.crossEntropyGradient(dLoss, logits, labels, dLogits, rows, cols));
  }

  @Override
  public void meanSquaredError(Operand x, Operand target, Operand loss) {
    alone(() -> backend.meanSquaredError(x, target, loss));
  }

  @Override
  public void meanSquaredErrorGradient(Operand dLoss, Operand x, Operand target, Operand dx) {
    alone(() -> backend.meanSquaredErrorGradient(dLoss, x, target, dx));
  }

  @Override
  public RowNormKernels rowNorms() {
    return SerialKernels.of(RowNormKernels.class, backend.rowNorms(), lock);
  }

  @Override
  public EmbeddingKernels embeddings() {
    return SerialKernels.of(EmbeddingKernels.class, backend.embeddings(), lock);
  }

  @Override
  public AttentionKernels attention() {
    return SerialKernels.of(AttentionKernels.class, backend.attention(), lock);
  }

  @Override
  public RecurrentKernels recurrences() {
    return SerialKernels.of(RecurrentKernels.class, backend.recurrences(), lock);
  }

  @Override
  public CtcKernels ctc() {
    return SerialKernels.of(CtcKernels.class, backend.ctc(), lock);
  }

  @Override
  public void checkFinite(Operand gradient, StepControl control, int index) {
    alone(() -> backend.checkFinite(gradient, control, index));
  }

  @Override
  public void beginUpdate(StepControl control, float maxNorm) {
    alone(() -> backend.beginUpdate(control, maxNorm));
  }

  @Override
  public void sgd(SgdStep step) {
    alone(() -> backend.sgd(step));
  }

  @Override
  public void adamW(AdamWStep step) {
    alone(() -> backend.adamW(step));
  }

  @Override
  public void endUpdate(StepControl control, LossScale rule) {
    alone(() -> backend.endUpdate(control, rule));
  }

  @Override
  public void exponentHistogram(Operand x, float factor, Operand counts) {
    alone(() -> backend.exponentHistogram(x, factor, counts));
  }

  private void alone(Runnable call) {
    lock.lock();
    try {
      call.run();
    } finally {
      lock.unlock();
    }
  }
}
