package dev.mezzo.backend.scalar;

import dev.mezzo.backend.ConvolutionKernels;
import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.Convolution;

/** Convolutions by their definition, summed in double. */
final class Convolutions implements ConvolutionKernels {

  /** One product of an input, a weight and an output element, by their indices. */
  private interface Product {
    /**
     * Adds it.
     *
     * @param x negative for the zeros around an image
     */
    void visit(int x, int weight, int y);
  }

  @Override
  public void forward(
      ConvolutionShape shape, Operand x, Operand weight, Operand y, Epilogue epilogue) {
    float[] in = Values.read(x);
    float[] weights = Values.read(weight);
    double[] sums = new double[Values.length(y)];
    each(shape, (from, by, to) -> sums[to] += at(in, from) * weights[by]);
    Values.write(finish(sums, shape.outChannels(), epilogue), y);
  }

  @Override
  public void gradientX(
      ConvolutionShape shape, Operand dy, Operand weight, Operand dx, Epilogue epilogue) {
    float[] out = Values.read(dy);
    float[] weights = Values.read(weight);
    double[] sums = new double[Values.length(dx)];
    each(
        shape,
        (to, by, from) -> {
          if (to >= 0) {
            sums[to] += (double) out[from] * weights[by];
          }
        });
    Values.write(finish(sums, shape.inChannels(), epilogue), dx);
  }

  @Override
  public void gradientWeight(ConvolutionShape shape, Operand dy, Operand x, Operand dWeight) {
    double[] sums = new double[Values.length(dWeight)];
    float[] out = Values.read(dy);
    float[] in = Values.read(x);
    each(shape, (from, to, by) -> sums[to] += out[by] * at(in, from));
    Values.write(finish(sums, 1, Epilogue.NONE), dWeight);
  }

  private static double at(float[] x, int index) {
    return index < 0 ? 0 : x[index];
  }

  private static float[] finish(double[] sums, int channels, Epilogue epilogue) {
    float[] bias = epilogue.bias() == null ? new float[channels] : Values.read(epilogue.bias());
    float[] values = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      float value = (float) (sums[i] + bias[i % channels]);
      values[i] =
          epilogue.activation() == null
              ? value
              : (float) Functions.value(epilogue.activation(), value);
    }
    Tails.apply(epilogue.tail(), values, 0);
    return values;
  }

  private static void each(ConvolutionShape shape, Product product) {
    Convolution g = shape.geometry();
    for (int n = 0; n < shape.batch(); n++) {
      for (int i = 0; i < shape.outHeight(); i++) {
        for (int j = 0; j < shape.outWidth(); j++) {
          for (int ki = 0; ki < shape.kernelHeight(); ki++) {
            for (int kj = 0; kj < shape.kernelWidth(); kj++) {
              int row = i * g.strideHeight() - g.paddingHeight() + ki * g.dilationHeight();
              int column = j * g.strideWidth() - g.paddingWidth() + kj * g.dilationWidth();
              boolean inside =
                  row >= 0 && row < shape.height() && column >= 0 && column < shape.width();
              int pixel = inside ? (n * shape.height() + row) * shape.width() + column : -1;
              int y = ((n * shape.outHeight() + i) * shape.outWidth() + j) * shape.outChannels();
              channels(shape, pixel, ki * shape.kernelWidth() + kj, y, product);
            }
          }
        }
      }
    }
  }

  /** All products of a pixel with one of the kernel. */
  private static void channels(ConvolutionShape shape, int pixel, int tap, int y, Product product) {
    int in = shape.groupIn();
    int taps = shape.kernelHeight() * shape.kernelWidth();
    for (int o = 0; o < shape.outChannels(); o++) {
      int group = o / shape.groupOut();
      for (int c = 0; c < in; c++) {
        int x = pixel < 0 ? -1 : pixel * shape.inChannels() + group * in + c;
        product.visit(x, (o * taps + tap) * in + c, y + o);
      }
    }
  }
}
