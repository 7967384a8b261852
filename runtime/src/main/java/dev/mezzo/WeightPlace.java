package dev.mezzo;

import dev.mezzo.types.Shape;

/**
 * A weight as rules for some of them look at it.
 *
 * @param path where in the model, as in {@code net.first.weight}; of a tied parameter the first
 *     place
 * @param shape as the parameter's; biases and the factors of norms have one dimension
 */
public record WeightPlace(String path, Shape shape) {}
