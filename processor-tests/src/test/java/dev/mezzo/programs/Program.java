package dev.mezzo.programs;

import java.util.List;

/**
 * A random program: layers, of which the first is the outermost, an object of it, and what it is
 * run on.
 *
 * @param seed that made it
 * @param weights of the object, as FP32 numbers; one row without a dimension of its own is a vector
 * @param states of the object: vectors, all positive
 * @param inputs the tensors that forward is given; of a pair both
 * @param plain its int arguments
 */
public record Program(
    long seed,
    List<LayerProgram> layers,
    Instance.OfLayer model,
    List<Matrix> weights,
    List<Matrix> states,
    List<Matrix> inputs,
    List<Integer> plain) {

  /** The name of the file's class, which the layers are nested in. */
  public String name() {
    return "P" + Long.toUnsignedString(seed);
  }

  LayerProgram main() {
    return layers.getFirst();
  }

  LayerProgram layer(String name) {
    return layers.stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
  }

  /** The same object of other layers. */
  Program with(List<LayerProgram> other) {
    return new Program(seed, other, model, weights, states, inputs, plain);
  }

  /** As Java; whether its interfaces of layers are half or full follows from the seed. */
  public String source() {
    return new ProgramSource(this).text();
  }
}
