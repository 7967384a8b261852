package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.concat;
import static dev.mezzo.Ops.unstack;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Sequential;

/** A recurrence over cells of any class, behind layers of any class that begin with indices. */
@Half
public record Cells(Sequential words, Cell cell) {
  public Tensor forward(Tensor ids, Tensor h, Tensor c) {
    Cell.State state = new Cell.State(h, c);
    for (Tensor x : unstack(words.forward(ids), 1)) {
      state = cell.forward(x, state, x);
    }
    return concat(1, state.h(), add(state.c(), state.h()));
  }
}
