package dev.mezzo.examples;

import static dev.mezzo.Ops.clamp;
import static dev.mezzo.Ops.conv2d;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.BatchNorm;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * A convolution over time and frequency, batch norm, and a ramp from 0 to 20. Shapes: x (batch,
 * time, frequency, in), weight (out, kernelTime, kernelFrequency, in).
 *
 * @see <a href="https://arxiv.org/abs/1512.02595">Amodei et al., Deep Speech 2</a>
 */
@Half
public record SpectrogramConv(@MasterFp32 Parameter weight, BatchNorm norm, Convolution geometry) {

  /** With weights drawn uniformly from ±1/√n, n the inputs of a result. */
  public static SpectrogramConv create(
      int in, int out, int time, int frequency, Convolution geometry, RandomGenerator random) {
    float bound = (float) (1 / Math.sqrt(in * time * frequency));
    return new SpectrogramConv(
        Parameter.uniform(Shape.of(out, time, frequency, in), bound, random),
        new BatchNorm(out),
        geometry);
  }

  /** Applies the layer. */
  public Tensor forward(Tensor x) {
    return clamp(norm.forward(conv2d(x, weight, geometry)), 0, 20);
  }
}
