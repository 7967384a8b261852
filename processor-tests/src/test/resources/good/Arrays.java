package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.concat;
import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.split;
import static dev.mezzo.Ops.stack;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.unstack;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Linear;
import java.util.ArrayList;
import java.util.List;

/** Arrays and lists: written, appended to, read again, gone through, joined and taken apart. */
@Half
public record Arrays(Linear linear, @MasterFp32 Parameter gain, int depth) {
  public Tensor forward(Tensor x) {
    List<Tensor> all = new ArrayList<>();
    all.add(x);
    while (all.size() < depth) {
      Tensor last = all.get(all.size() - 1);
      all.add(tanh(linear.forward(last)));
    }
    Tensor sum = scale(all.getFirst(), 0.5f);
    for (Tensor each : all) {
      if (all.size() > 3) {
        sum = add(sum, multiply(each, gain));
      }
    }
    all.set(0, sum);
    Tensor[] mixed = {sum, exp(all.get(0)), gain};
    mixed[0] = scale(mixed[1], 0.25f);
    Tensor[] parts = split(x, 1, 3, 1);
    Tensor wide = concat(1, parts[0], sigmoid(sum), mixed[0]);
    Tensor[] rows = unstack(wide, 0);
    Tensor y = stack(-1, rows[0], tanh(rows[2]));
    return concat(-1, y, stack(-1, rows));
  }
}
