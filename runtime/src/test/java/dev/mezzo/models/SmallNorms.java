package dev.mezzo.models;

import static dev.mezzo.Ops.batchNorm;
import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.BatchNorm;
import dev.mezzo.layers.Dropout;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Sequential;
import dev.mezzo.layers.Tanh;
import dev.mezzo.types.Shape;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * All that a training may keep: parameters and states of its own and of layers, several in a list,
 * one layer that is there twice, dropout.
 */
@Half
@LossScaled
@MasterFp32
public record SmallNorms(
    Sequential net,
    Parameter weight,
    Parameter bias,
    List<State> running,
    Linear again,
    Linear out) {

  public static SmallNorms create(RandomGenerator random) {
    Linear twice = new Linear(6, 6, random);
    return new SmallNorms(
        new Sequential(twice, new BatchNorm(6), new Tanh(), new Dropout(0.25f)),
        Parameter.ones(Shape.of(6)),
        Parameter.zeros(Shape.of(6)),
        List.of(State.filled(Shape.of(6), 0f), State.filled(Shape.of(6), 1f)),
        twice,
        new Linear(6, 3, random));
  }

  /** Images are (batch, 6), labels below 3. */
  public Tensor loss(Tensor images, Tensor labels) {
    Tensor h = again.forward(net.forward(images));
    Tensor normed = batchNorm(h, weight, bias, running.get(0), running.get(1), 0.1f, 1e-5f);
    return crossEntropy(out.forward(normed), labels);
  }
}
