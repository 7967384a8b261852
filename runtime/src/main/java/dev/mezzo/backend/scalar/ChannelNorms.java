package dev.mezzo.backend.scalar;

import dev.mezzo.backend.ChannelNormKernels;
import dev.mezzo.backend.NormShape;
import dev.mezzo.backend.Operand;

/** Batch and group norm by their formulas, in double. */
final class ChannelNorms implements ChannelNormKernels {

  @Override
  public void moments(NormShape shape, Operand x, Operand moments) {
    float[] in = Values.read(x);
    int all = shape.images() * shape.groups();
    double[] means = new double[all];
    double[] squares = new double[all];
    for (int i = 0; i < in.length; i++) {
      means[group(shape, i)] += in[i];
    }
    for (int g = 0; g < all; g++) {
      means[g] /= shape.count();
    }
    for (int i = 0; i < in.length; i++) {
      double distance = in[i] - means[group(shape, i)];
      squares[group(shape, i)] += distance * distance;
    }
    float[] result = new float[2 * all];
    for (int g = 0; g < all; g++) {
      result[g] = (float) means[g];
      result[all + g] = inverse(squares[g] / shape.count(), shape);
    }
    Values.write(result, moments);
  }

  @Override
  public void follow(
      NormShape shape,
      Operand moments,
      float momentum,
      Operand runningMean,
      Operand runningVariance) {
    float[] batch = Values.read(moments);
    float[] means = Values.read(runningMean);
    float[] variances = Values.read(runningVariance);
    double unbiased = shape.count() / Math.max(1.0, shape.count() - 1.0);
    for (int c = 0; c < means.length; c++) {
      double inverse = batch[means.length + c];
      double variance = Math.max(0, 1 / (inverse * inverse) - shape.epsilon()) * unbiased;
      if (Double.isFinite(batch[c]) && Double.isFinite(variance)) {
        means[c] += (float) (momentum * ((double) batch[c] - means[c]));
        variances[c] += (float) (momentum * (variance - variances[c]));
      }
    }
    Values.write(means, runningMean);
    Values.write(variances, runningVariance);
  }

  @Override
  public void standing(
      NormShape shape, Operand runningMean, Operand runningVariance, Operand moments) {
    float[] means = Values.read(runningMean);
    float[] variances = Values.read(runningVariance);
    float[] result = new float[2 * means.length];
    for (int c = 0; c < means.length; c++) {
      result[c] = means[c];
      result[means.length + c] = inverse(variances[c], shape);
    }
    Values.write(result, moments);
  }

  @Override
  public void normalize(NormShape shape, Operand x, Operand moments, Channels channels, Operand y) {
    float[] in = Values.read(x);
    float[] of = Values.read(moments);
    float[] weights = Values.read(channels.weight());
    float[] biases = Values.read(channels.bias());
    float[] out = new float[in.length];
    for (int i = 0; i < in.length; i++) {
      int c = i % shape.channels();
      out[i] = (float) (normal(shape, in, of, i) * weights[c] + biases[c]);
    }
    Tails.apply(channels.tail(), out, 0);
    Values.write(out, y);
  }

  @Override
  public void gradient(
      NormShape shape, Operand dy, Operand x, Operand moments, Operand weight, Gradients to) {
    float[] out = Values.read(dy);
    float[] in = Values.read(x);
    float[] of = Values.read(moments);
    float[] weights = Values.read(weight);
    int all = shape.images() * shape.groups();
    double[] dWeight = new double[shape.channels()];
    double[] dBias = new double[shape.channels()];
    double[] means = new double[all];
    double[] products = new double[all];
    for (int i = 0; i < in.length; i++) {
      int c = i % shape.channels();
      double normal = normal(shape, in, of, i);
      dWeight[c] += out[i] * normal;
      dBias[c] += out[i];
      means[group(shape, i)] += (double) out[i] * weights[c] / shape.count();
      products[group(shape, i)] += out[i] * normal * weights[c] / shape.count();
    }
    double[] dx = new double[in.length];
    for (int i = 0; i < in.length; i++) {
      int g = group(shape, i);
      double inner = (double) out[i] * weights[i % shape.channels()] - means[g];
      dx[i] = of[all + g] * (inner - normal(shape, in, of, i) * products[g]);
    }
    write(dx, to.dx());
    write(dWeight, to.dWeight());
    write(dBias, to.dBias());
  }

  private static void write(double[] values, @org.jspecify.annotations.Nullable Operand to) {
    if (to != null) {
      float[] rounded = new float[values.length];
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) values[i];
      }
      Values.write(rounded, to);
    }
  }

  private static double normal(NormShape shape, float[] x, float[] moments, int i) {
    int g = group(shape, i);
    return ((double) x[i] - moments[g]) * moments[shape.images() * shape.groups() + g];
  }

  private static float inverse(double variance, NormShape shape) {
    return (float) (1 / Math.sqrt(variance + shape.epsilon()));
  }

  /** The group of element i, over all images. */
  private static int group(NormShape shape, int i) {
    int image = i / (shape.pixels() * shape.channels());
    int channel = i % shape.channels();
    return image * shape.groups() + channel / (shape.channels() / shape.groups());
  }
}
