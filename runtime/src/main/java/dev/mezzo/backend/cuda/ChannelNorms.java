package dev.mezzo.backend.cuda;

import dev.mezzo.backend.ChannelNormKernels;
import dev.mezzo.backend.NormShape;
import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;

/** Starts the kernels of {@code channelnorms.cu}. */
final class ChannelNorms implements ChannelNormKernels {

  /** Pixels of a chunk, at least: else its sums cost more than it saves. */
  private static final int SHORTEST_CHUNK = 64;

  /** Bytes of the two sums of a channel. */
  private static final int PARTS = 2 * Double.BYTES;

  private final Kernels kernels;

  ChannelNorms(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void moments(NormShape shape, Operand x, Operand moments) {
    Chunks chunks = Chunks.of(shape, kernels.fill());
    Arguments.ByValue norm = struct(shape);
    MemorySegment parts = kernels.workspace(chunks.parts(shape));
    kernels.blocks("channelMoments", chunks.all(shape), norm, chunks.struct(), x, parts);
    kernels.warps("groupMoments", groups(shape), norm, chunks.struct(), parts, moments.data());
  }

  @Override
  public void follow(
      NormShape shape,
      Operand moments,
      float momentum,
      Operand runningMean,
      Operand runningVariance) {
    kernels.each(
        "followMoments",
        shape.channels(),
        struct(shape),
        moments.data(),
        momentum,
        runningMean.data(),
        runningVariance.data());
  }

  @Override
  public void standing(
      NormShape shape, Operand runningMean, Operand runningVariance, Operand moments) {
    kernels.each(
        "standingMoments",
        shape.channels(),
        struct(shape),
        runningMean.data(),
        runningVariance.data(),
        moments.data());
  }

  @Override
  public void normalize(NormShape shape, Operand x, Operand moments, Channels channels, Operand y) {
    Operand weight = channels.weight();
    Operand bias = channels.bias();
    kernels.each(
        "channelNormalize", eights(shape), struct(shape), x, moments.data(), weight, bias, y);
  }

  @Override
  public void gradient(
      NormShape shape, Operand dy, Operand x, Operand moments, Operand weight, Gradients to) {
    Chunks chunks = Chunks.of(shape, kernels.fill());
    Arguments.ByValue norm = struct(shape);
    long partsBytes = chunks.parts(shape);
    long slopesBytes = 2L * groups(shape) * Float.BYTES;
    MemorySegment memory = kernels.workspace(partsBytes + slopesBytes);
    MemorySegment slopes = memory.asSlice(partsBytes);
    MemorySegment of = moments.data();
    long[] cut = chunks.struct();
    kernels.blocks("channelSlopes", chunks.all(shape), norm, cut, dy, x, of, memory);
    if (to.dWeight() != null || to.dBias() != null) {
      Operand dWeight = to.dWeight();
      Operand dBias = to.dBias();
      kernels.warps("channelParameters", shape.channels(), norm, cut, memory, dWeight, dBias);
    }
    if (to.dx() != null) {
      kernels.warps("groupSlopes", groups(shape), norm, cut, memory, weight, slopes);
      Operand dx = to.dx();
      kernels.each("channelGradient", eights(shape), norm, dy, x, of, slopes, weight, dx);
    }
  }

  private static long groups(NormShape shape) {
    return (long) shape.images() * shape.groups();
  }

  private static long eights(NormShape shape) {
    long pixels = (long) shape.images() * shape.pixels();
    return pixels * Math.ceilDiv(shape.channels(), Kernels.WIDTH);
  }

  /** The struct {@code ChannelNorm}. */
  private static Arguments.ByValue struct(NormShape shape) {
    return new Struct()
        .add((long) shape.images())
        .add((long) shape.pixels())
        .add((long) shape.channels())
        .add((long) shape.groups())
        .add((double) shape.epsilon())
        .value();
  }

  /**
   * How the pixels of an image are cut.
   *
   * @param count at least 1, also of no pixels
   */
  private record Chunks(long count, long length) {
    static Chunks of(NormShape shape, int blocks) {
      long wanted = Math.ceilDiv(blocks, Math.max(1, shape.images()));
      long count = Math.clamp(shape.pixels() / SHORTEST_CHUNK, 1, wanted);
      return new Chunks(count, Math.max(1, Math.ceilDiv(shape.pixels(), count)));
    }

    long all(NormShape shape) {
      return shape.images() * count;
    }

    long parts(NormShape shape) {
      return all(shape) * shape.channels() * PARTS;
    }

    long[] struct() {
      return new long[] {count, length};
    }
  }
}
