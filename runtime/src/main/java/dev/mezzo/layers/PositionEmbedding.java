package dev.mezzo.layers;

import static dev.mezzo.Ops.addPositions;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * Adds a learned vector to each position. Shapes: x (…, time, features), weight (positions,
 * features), y as x; sequences may be shorter than there are positions.
 */
@Half
public final class PositionEmbedding implements Layer {

  @MasterFp32 final Parameter weight;

  /** With normally distributed weights of a given standard deviation. */
  public PositionEmbedding(
      int positions, int features, float standardDeviation, RandomGenerator random) {
    this.weight = Parameter.normal(Shape.of(positions, features), standardDeviation, random);
  }

  /** Adds. */
  @Override
  @Dims({"...", "time", "features"})
  public Tensor forward(@Dims({"...", "time", "features"}) Tensor x) {
    return addPositions(x, weight);
  }

  /** (positions, features). */
  public Parameter weight() {
    return weight;
  }
}
