package dev.mezzo.programs;

/** What dropout multiplies by: each element 0 or 1 / (1 − rate). */
public interface Masks {

  /** Keeps everything: for programs that nobody runs in training. */
  Masks NONE = (_, rows, columns, _) -> Matrix.zeros(rows, columns).map(_ -> 1);

  /**
   * The mask of a draw.
   *
   * @param draw its number in the step, from 0
   */
  Matrix of(int draw, int rows, int columns, float rate);
}
