package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Resampling;
import dev.mezzo.backend.ResamplingKernels;

/** Starts the kernels of {@code resampling.cu}. */
final class Resamplings implements ResamplingKernels {

  private final Kernels kernels;

  Resamplings(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void forward(Resampling resampling, Operand x, Operand y) {
    kernels.each("resample", y.size(), struct(resampling), x, y);
  }

  @Override
  public void gradient(Resampling resampling, Operand dy, Operand dx) {
    kernels.each("resampleGradient", dx.size(), struct(resampling), dy, dx);
  }

  /** The struct {@code Resampling}. */
  private static Arguments.ByValue struct(Resampling r) {
    return new Struct()
        .add((long) r.batch())
        .add(r.height())
        .add(r.width())
        .add(r.channels())
        .add(r.outHeight())
        .add(r.outWidth())
        .add(Codes.of(r.mode()))
        .value();
  }
}
