package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Linear;
import java.util.Map;
import java.util.SequencedMap;

/** Goes through layers and parameters that a map holds, by value, by key and by both. */
@Half
public record Mapped(
    SequencedMap<String, Linear> heads, @MasterFp32 Map<Integer, Parameter> gains, String skipped) {
  public Tensor forward(Tensor x) {
    Tensor h = x;
    for (Linear head : heads.values()) {
      h = tanh(head.forward(h));
    }
    for (Map.Entry<String, Linear> head : heads.entrySet()) {
      if (head.getKey().equals(skipped)) {
        continue;
      }
      Linear linear = head.getValue();
      h = add(h, linear.forward(h));
    }
    for (var gain : gains.values()) {
      h = multiply(h, gain);
    }
    for (var gain : gains.entrySet()) {
      if (gain.getKey() > 1) {
        h = add(h, gain.getValue());
      }
    }
    return h;
  }
}
