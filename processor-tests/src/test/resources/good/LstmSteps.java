package demo;

import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.stack;
import static dev.mezzo.Ops.unstack;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import java.util.ArrayList;
import java.util.List;

/** An LSTM of cells: a record goes around the loop, and through helpers. */
@Half
public record LstmSteps(LstmCell cell, boolean damped) {
  public Tensor forward(Tensor x, Tensor h, Tensor c) {
    LstmCell.State state = new LstmCell.State(h, c);
    List<Tensor> steps = new ArrayList<>();
    for (Tensor now : unstack(x, 1)) {
      state = cell.forward(now, state);
      if (damped) {
        state = damped(state, 0.9f);
      }
      steps.add(state.h());
    }
    steps.add(damped(state, 0.5f).c());
    return stack(1, steps.toArray(new Tensor[0]));
  }

  private LstmCell.State damped(LstmCell.State state, float factor) {
    if (factor > 0.6f) {
      return new LstmCell.State(scale(state.h(), factor), state.c());
    }
    return state;
  }
}
