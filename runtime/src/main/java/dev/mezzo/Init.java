package dev.mezzo;

import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/**
 * The first values of a parameter, as in {@code Parameter.of(shape, Init.kaimingUniform(),
 * random)}. Values are a function of the shape and of what the generator yields, drawn in row-major
 * order: the same seed gives the same parameter.
 *
 * <p>A weight's first dimension counts outputs, its last inputs, and those between the places of a
 * kernel, whose number k is 1 without them: {@code fanIn = inputs·k}, {@code fanOut = outputs·k}.
 * Another start for a layer: {@code layer.weight().initialize(Init.kaimingNormal(), random)}.
 */
@FunctionalInterface
public interface Init {

  /** The values of a parameter of {@code shape}, in row-major order. */
  float[] values(Shape shape, RandomGenerator random);

  /** All 0. */
  static Init zeros() {
    return constant(0);
  }

  /** All 1. */
  static Init ones() {
    return constant(1);
  }

  /** All {@code value}. */
  static Init constant(float value) {
    return (shape, random) -> {
      float[] values = new float[size(shape)];
      Arrays.fill(values, value);
      return values;
    };
  }

  /** Uniform in [−bound, bound). */
  static Init uniform(float bound) {
    return (shape, random) -> filled(shape, () -> (2 * random.nextFloat() - 1) * bound);
  }

  /** Normal around 0. */
  static Init normal(float standardDeviation) {
    return (shape, random) -> filled(shape, () -> random.nextGaussian() * standardDeviation);
  }

  /**
   * Normal around 0, drawn again beyond two standard deviations. The standard deviation is that
   * before the cut, as in PyTorch; after it, it is 0.88 of it.
   */
  static Init truncatedNormal(float standardDeviation) {
    return (shape, random) ->
        filled(
            shape,
            () -> {
              double value = random.nextGaussian();
              while (Math.abs(value) > 2) {
                value = random.nextGaussian();
              }
              return value * standardDeviation;
            });
  }

  /**
   * Uniform in ±1/√fanIn, with which PyTorch's linear layers and convolutions begin (its
   * kaiming_uniform of a = √5).
   */
  static Init fanInUniform() {
    return (shape, random) -> fanInUniform(shape).values(shape, random);
  }

  /** The same for a bias, by the fan in of the weight that it belongs to. */
  static Init fanInUniform(Shape weight) {
    return uniform((float) (1 / Math.sqrt(fanIn(weight))));
  }

  /**
   * Uniform with variance 2/fanIn, which keeps the variance of what a ReLU passes on.
   *
   * @see <a href="https://arxiv.org/abs/1502.01852">He et al., Delving Deep into Rectifiers</a>
   */
  static Init kaimingUniform() {
    return (shape, random) -> uniform(bound(2, fanIn(shape))).values(shape, random);
  }

  /** Normal with variance 2/fanIn: see {@link #kaimingUniform}. */
  static Init kaimingNormal() {
    return (shape, random) -> normal(deviation(2, fanIn(shape))).values(shape, random);
  }

  /**
   * Uniform with variance 2/(fanIn + fanOut), a compromise between forward and backward for
   * functions that are nearly linear around 0.
   *
   * @see <a href="https://proceedings.mlr.press/v9/glorot10a.html">Glorot and Bengio, Understanding
   *     the difficulty of training deep feedforward neural networks</a>
   */
  static Init xavierUniform() {
    return (shape, random) -> uniform(bound(2, fanIn(shape) + fanOut(shape))).values(shape, random);
  }

  /** Normal with variance 2/(fanIn + fanOut): see {@link #xavierUniform}. */
  static Init xavierNormal() {
    return (shape, random) ->
        normal(deviation(2, fanIn(shape) + fanOut(shape))).values(shape, random);
  }

  /**
   * A matrix (first dimension, product of the others) whose rows, or columns where there are fewer
   * of them, are orthonormal, times {@code gain}; uniform among those. At least two dimensions.
   *
   * @see <a href="https://arxiv.org/abs/1312.6120">Saxe et al., Exact solutions to the nonlinear
   *     dynamics of learning in deep linear neural networks</a>
   */
  static Init orthogonal(float gain) {
    return (shape, random) -> OrthogonalMatrix.values(shape, gain, random);
  }

  /**
   * Chooses each block of consecutive values by itself, as in {@code orthogonal(1).blocks(Shape.of(
   * hidden, hidden))} for recurrent weights (directions, gates·hidden, hidden).
   *
   * @param block a shape whose size divides the parameter's
   */
  default Init blocks(Shape block) {
    return (shape, random) -> {
      if (block.size() == 0 || shape.size() % block.size() != 0) {
        throw new ShapeException("Init: " + shape + " is not made of blocks of " + block);
      }
      float[] values = new float[size(shape)];
      for (int from = 0; from < values.length; from += (int) block.size()) {
        System.arraycopy(values(block, random), 0, values, from, (int) block.size());
      }
      return values;
    };
  }

  /** inputs·k. */
  private static double fanIn(Shape shape) {
    return Math.max(1, (double) shape.size() / Math.max(1, matrix(shape).dim(0)));
  }

  /** outputs·k. */
  private static double fanOut(Shape shape) {
    return Math.max(1, (double) shape.size() / Math.max(1, matrix(shape).dim(-1)));
  }

  private static Shape matrix(Shape shape) {
    if (shape.rank() < 2) {
      throw new ShapeException(
          "Init: a shape "
              + shape
              + " has no fan in; it needs at least two dimensions, outputs first, inputs last");
    }
    return shape;
  }

  private static float deviation(double numerator, double fan) {
    return (float) Math.sqrt(numerator / fan);
  }

  /** The bound of a uniform distribution of that variance. */
  private static float bound(double numerator, double fan) {
    return deviation(3 * numerator, fan);
  }

  private static float[] filled(Shape shape, DoubleSupplier next) {
    float[] values = new float[size(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) next.getAsDouble();
    }
    return values;
  }

  private static int size(Shape shape) {
    if (shape.size() > Integer.MAX_VALUE - 8) {
      throw new ShapeException(
          "Init: " + shape + " has more elements than a Java array; split the parameter");
    }
    return (int) shape.size();
  }
}
