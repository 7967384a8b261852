package dev.mezzo.backend.cuda;

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
import dev.mezzo.backend.cuda.ffi.CublasLt;
import dev.mezzo.scaling.LossScale;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Kernels on an NVIDIA GPU. Calls are asynchronous, on one stream; memory is the GPU's. One thread
 * at a time may use it, any one.
 */
public final class CudaBackend implements Backend {

  private final CudaDevice device;
  private final KernelModule module;
  private final DeviceMemory memory;
  private final Staging staging;
  private final Elementwise elementwise;
  private final Movement movement;
  private final Reductions reductions;
  private final Losses losses;
  private final Products products;
  private final boolean withCublasLt;
  private final Kernels kernels;
  private @Nullable LtProducts tensorCores;
  private final Updates updates;
  private final AxisKernels arrays;
  private final Attentions attentions;
  private final ChannelNorms channelNorms;
  private final Convolutions convolutions;
  private final Ctc ctc;
  private final Embeddings embeddings;
  private final Expressions expressions;
  private final Fused fused;
  private final MoreLosses moreLosses;
  private final Poolings poolings;
  private final Recurrences recurrences;
  private final Resamplings resamplings;
  private final RowNorms rowNorms;

  /**
   * On the {@code ordinal}th GPU.
   *
   * @throws dev.mezzo.backend.DeviceException if there is no driver, no such GPU, or it does not
   *     run the kernels; the message names the cure
   */
  public CudaBackend(int ordinal) {
    this(ordinal, true);
  }

  /**
   * On the {@code ordinal}th GPU.
   *
   * @param withCublasLt whether cuBLASLt is used where it is there; without, products are slow
   */
  public CudaBackend(int ordinal, boolean withCublasLt) {
    this.withCublasLt = withCublasLt && CublasLt.library().available();
    device = CudaDevice.open(ordinal);
    try {
      module = KernelModule.load(device.capability());
      memory = new DeviceMemory(device);
      staging = new Staging(device, memory);
      Launcher launcher = new Launcher(device, module);
      kernels = new Kernels(launcher, memory::allocate);
      elementwise = new Elementwise(kernels);
      movement = new Movement(kernels);
      reductions = new Reductions(kernels);
      losses = new Losses(kernels);
      products = new Products(kernels);
      updates = new Updates(kernels);
      arrays = new AxisKernels(kernels);
      attentions = new Attentions(kernels);
      channelNorms = new ChannelNorms(kernels);
      convolutions = new Convolutions(kernels, this::gemm);
      ctc = new Ctc(kernels);
      embeddings = new Embeddings(kernels);
      expressions = new Expressions(device);
      fused = new Fused(kernels, expressions);
      moreLosses = new MoreLosses(kernels, losses);
      poolings = new Poolings(kernels);
      recurrences = new Recurrences(kernels, this::gemm);
      resamplings = new Resamplings(kernels);
      rowNorms = new RowNorms(kernels);
    } catch (RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }

  @Override
  public String description() {
    String slow = withCublasLt ? "" : ", without cuBLASLt: products are slow";
    return "cuda (" + device + slow + ")";
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return memory.allocate(bytes);
  }

  @Override
  public void upload(MemorySegment host, MemorySegment to) {
    device.enter();
    staging.upload(host, to.address());
  }

  @Override
  public void download(MemorySegment from, MemorySegment host) {
    device.enter();
    staging.download(from.address(), host);
  }

  @Override
  public void synchronize() {
    device.synchronize();
  }

  @Override
  public void close() {
    if (!device.isDead() && !device.isClosed()) {
      device.synchronize();
      if (tensorCores != null) {
        tensorCores.close();
      }
      staging.close();
      expressions.close();
      memory.close();
      module.close();
    }
    device.close();
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
    gemmBatch(shape, GemmBatch.ONE, a, b, c, epilogue);
  }

  @Override
  public void gemmBatch(
      GemmShape shape, GemmBatch batch, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    if (withCublasLt && tensorCores == null) {
      tensorCores = new LtProducts(device, kernels, memory);
    }
    if (tensorCores == null || !tensorCores.gemm(shape, batch, a, b, c, epilogue)) {
      products.gemm(shape, batch, a, b, c, epilogue);
    }
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
  public void unary(Unary function, Operand x, Operand y) {
    elementwise.unary(function, x, y);
  }

  @Override
  public void unaryGradient(Unary function, Operand dy, Operand saved, Operand dx) {
    elementwise.unaryGradient(function, dy, saved, dx);
  }

  @Override
  public void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    elementwise.binary(function, a, b, c, broadcast);
  }

  @Override
  public void compare(Comparison function, Operand a, Operand b, Operand y, Broadcast broadcast) {
    elementwise.compare(function, a, b, y, broadcast);
  }

  @Override
  public void ternary(
      Ternary function, Operand a, Operand b, Operand c, Operand y, Broadcast broadcast) {
    elementwise.ternary(function, a, b, c, y, broadcast);
  }

  @Override
  public void scale(Operand x, float factor, Operand y) {
    elementwise.scale(x, factor, y);
  }

  @Override
  public void dropout(Operand x, Operand y, float rate, long seed, @Nullable Tail tail) {
    elementwise.dropout(x, y, rate, seed);
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
  public void sum(Operand x, Operand y, Reduction reduction) {
    reductions.sum(x, y, reduction);
  }

  @Override
  public void argmax(Operand x, Operand y, int rows, int cols) {
    reductions.argmax(x, y, rows, cols);
  }

  @Override
  public void softmax(Operand x, Operand y, int rows, int cols, boolean logarithm) {
    reductions.softmax(x, y, rows, cols, logarithm);
  }

  @Override
  public void softmaxGradient(
      Operand dy, Operand y, Operand dx, int rows, int cols, boolean logarithm) {
    reductions.softmaxGradient(dy, y, dx, rows, cols, logarithm);
  }

  @Override
  public LossKernels losses() {
    return moreLosses;
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
