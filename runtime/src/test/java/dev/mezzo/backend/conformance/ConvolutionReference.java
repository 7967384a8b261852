package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.U;

import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.conformance.ConvolutionCases.Pass;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;

/**
 * A convolution or a gradient of it by definition, in double, with the sums of magnitudes that its
 * error is bounded by. docs/numerics.md derives the bounds.
 */
final class ConvolutionReference {

  /** How much more than a sum's error Winograd's transforms may make of it. */
  private static final double WINOGRAD = 256;

  private final double[] sums;
  private final double[] magnitudes;
  private final int[] terms;
  private final double greatest;
  private final boolean tiled;

  ConvolutionReference(ConvolutionShape shape, Pass pass, double[] left, double[] right) {
    sums = new double[pass.result(shape)];
    magnitudes = new double[sums.length];
    terms = new int[sums.length];
    Convolution g = shape.geometry();
    for (int n = 0; n < shape.batch(); n++) {
      for (int i = 0; i < shape.outHeight(); i++) {
        for (int j = 0; j < shape.outWidth(); j++) {
          for (int o = 0; o < shape.outChannels(); o++) {
            int y = ((n * shape.outHeight() + i) * shape.outWidth() + j) * shape.outChannels() + o;
            int first = o / shape.groupOut() * shape.groupIn();
            for (int tap = 0; tap < shape.kernelHeight() * shape.kernelWidth(); tap++) {
              int row =
                  i * g.strideHeight()
                      - g.paddingHeight()
                      + tap / shape.kernelWidth() * g.dilationHeight();
              int column =
                  j * g.strideWidth()
                      - g.paddingWidth()
                      + tap % shape.kernelWidth() * g.dilationWidth();
              boolean inside =
                  row >= 0 && row < shape.height() && column >= 0 && column < shape.width();
              int pixel = (n * shape.height() + row) * shape.width() + column;
              for (int c = 0; c < shape.groupIn(); c++) {
                int x = pixel * shape.inChannels() + first + c;
                int w =
                    (o * shape.kernelHeight() * shape.kernelWidth() + tap) * shape.groupIn() + c;
                switch (pass) {
                  case FORWARD -> add(y, inside ? left[x] : 0, right[w]);
                  case GRADIENT_X -> {
                    if (inside) {
                      add(x, left[y], right[w]);
                    }
                  }
                  case GRADIENT_WEIGHT -> add(w, left[y], inside ? right[x] : 0);
                }
              }
            }
          }
        }
      }
    }
    double most = 0;
    for (double magnitude : magnitudes) {
      most = Double.isFinite(magnitude) ? Math.max(most, magnitude) : most;
    }
    greatest = most;
    tiled =
        shape.kernelHeight() == 3
            && shape.kernelWidth() == 3
            && g.equals(Convolution.of().withPadding(g.paddingHeight()).withGroups(g.groups()))
            && Math.min(shape.groupIn(), shape.groupOut()) >= 16;
  }

  private void add(int to, double a, double b) {
    sums[to] += a * b;
    magnitudes[to] += Math.abs(a * b);
    terms[to]++;
  }

  double[] sums() {
    return sums;
  }

  /** Bound on what FP32 arithmetic may be off by before the rounding to {@code to}. */
  double error(int i, DType to) {
    double own = (terms[i] + 2) * U * magnitudes[i];
    return tiled && to.isHalf() ? own + WINOGRAD * U * greatest : own;
  }
}
