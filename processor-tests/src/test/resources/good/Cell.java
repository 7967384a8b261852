package demo;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;

/** A step of a recurrence, of any class: a record of tensors goes in and comes out. */
@Half
public interface Cell {
  /** What a step leaves to the next. */
  record State(Tensor h, Tensor c) {}

  State forward(Tensor x, State s, Tensor mask);
}
