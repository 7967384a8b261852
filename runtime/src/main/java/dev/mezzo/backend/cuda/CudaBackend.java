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
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.scaling.LossScale;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Kernels on an NVIDIA GPU. Calls are asynchronous, on one stream; memory is the GPU's. One thread
 * at a time may use it, any one.
 *
 * <p>Operations whose kernels are not written yet throw {@link UnsupportedOperationException}.
 */
public final class CudaBackend implements Backend {

  private final CudaDevice device;
  private final KernelModule module;
  private final DeviceMemory memory;
  private final Staging staging;
  private final Launcher launcher;

  /**
   * On the {@code ordinal}th GPU.
   *
   * @throws dev.mezzo.backend.DeviceException if there is no driver, no such GPU, or it does not
   *     run the kernels; the message names the cure
   */
  public CudaBackend(int ordinal) {
    device = CudaDevice.open(ordinal);
    try {
      module = KernelModule.load();
      memory = new DeviceMemory(device);
      staging = new Staging(device);
      launcher = new Launcher(device, module, Arena.ofAuto());
    } catch (RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }

  @Override
  public String description() {
    return "cuda (" + device + ")";
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
    if (!device.isDead()) {
      device.synchronize();
      memory.close();
      staging.close();
      module.close();
    }
    device.close();
  }

  @Override
  public void fill(Operand y, float value) {
    throw missing("fill");
  }

  @Override
  public void cast(Operand x, Operand y) {
    throw missing("cast");
  }

  @Override
  public void transpose(Operand x, Operand y, int batch, int rows, int cols) {
    throw missing("transpose");
  }

  @Override
  public void gemm(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    throw missing("gemm");
  }

  @Override
  public ConvolutionKernels convolutions() {
    throw missing("convolutions");
  }

  @Override
  public PoolingKernels poolings() {
    throw missing("poolings");
  }

  @Override
  public ResamplingKernels resampling() {
    throw missing("resampling");
  }

  @Override
  public ChannelNormKernels channelNorms() {
    throw missing("channelNorms");
  }

  @Override
  public void unary(Unary function, Operand x, Operand y) {
    throw missing("unary");
  }

  @Override
  public void unaryGradient(Unary function, Operand dy, Operand saved, Operand dx) {
    throw missing("unaryGradient");
  }

  @Override
  public void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    throw missing("binary");
  }

  @Override
  public void compare(Comparison function, Operand a, Operand b, Operand y, Broadcast broadcast) {
    throw missing("compare");
  }

  @Override
  public void ternary(
      Ternary function, Operand a, Operand b, Operand c, Operand y, Broadcast broadcast) {
    throw missing("ternary");
  }

  @Override
  public void scale(Operand x, float factor, Operand y) {
    throw missing("scale");
  }

  @Override
  public void dropout(Operand x, Operand y, float rate, long seed) {
    throw missing("dropout");
  }

  @Override
  public FusedKernels fused() {
    throw missing("fused");
  }

  @Override
  public ArrayKernels arrays() {
    throw missing("arrays");
  }

  @Override
  public void sum(Operand x, Operand y, Reduction reduction) {
    throw missing("sum");
  }

  @Override
  public void argmax(Operand x, Operand y, int rows, int cols) {
    throw missing("argmax");
  }

  @Override
  public void softmax(Operand x, Operand y, int rows, int cols, boolean logarithm) {
    throw missing("softmax");
  }

  @Override
  public void softmaxGradient(
      Operand dy, Operand y, Operand dx, int rows, int cols, boolean logarithm) {
    throw missing("softmaxGradient");
  }

  @Override
  public LossKernels losses() {
    throw missing("losses");
  }

  @Override
  public void crossEntropy(Operand logits, Operand labels, Operand loss, int rows, int cols) {
    throw missing("crossEntropy");
  }

  @Override
  public void crossEntropyGradient(
      Operand dLoss, Operand logits, Operand labels, Operand dLogits, int rows, int cols) {
    throw missing("crossEntropyGradient");
  }

  @Override
  public void meanSquaredError(Operand x, Operand target, Operand loss) {
    throw missing("meanSquaredError");
  }

  @Override
  public void meanSquaredErrorGradient(Operand dLoss, Operand x, Operand target, Operand dx) {
    throw missing("meanSquaredErrorGradient");
  }

  @Override
  public RowNormKernels rowNorms() {
    throw missing("rowNorms");
  }

  @Override
  public EmbeddingKernels embeddings() {
    throw missing("embeddings");
  }

  @Override
  public AttentionKernels attention() {
    throw missing("attention");
  }

  @Override
  public RecurrentKernels recurrences() {
    throw missing("recurrences");
  }

  @Override
  public CtcKernels ctc() {
    throw missing("ctc");
  }

  @Override
  public void checkFinite(Operand gradient, StepControl control, int index) {
    throw missing("checkFinite");
  }

  @Override
  public void beginUpdate(StepControl control, float maxNorm) {
    throw missing("beginUpdate");
  }

  @Override
  public void sgd(SgdStep step) {
    throw missing("sgd");
  }

  @Override
  public void adamW(AdamWStep step) {
    throw missing("adamW");
  }

  @Override
  public void endUpdate(StepControl control, LossScale rule) {
    throw missing("endUpdate");
  }

  @Override
  public void exponentHistogram(Operand x, float factor, Operand counts) {
    throw missing("exponentHistogram");
  }

  private static UnsupportedOperationException missing(String kernel) {
    return new UnsupportedOperationException("the CUDA backend has no '" + kernel + "' yet");
  }
}
