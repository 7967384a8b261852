package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.relu;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.annotations.Recompute;
import dev.mezzo.layers.Linear;
import java.util.List;
import java.util.Set;

/** Annotations of a class's fields; loops through lists and sets, from which backward has nothing. */
@Half
public final class Places {
  @Dims({"out", "in"})
  @MasterFp32
  final Parameter weight;

  @Full final Linear exact;
  @Recompute final Linear again;
  final Shift shift;
  final List<Float> factors;
  final Set<Integer> powers;
  final Number limit;

  public Places(
      Parameter weight,
      Linear exact,
      Linear again,
      Shift shift,
      List<Float> factors,
      Set<Integer> powers,
      Number limit) {
    this.weight = weight;
    this.exact = exact;
    this.again = again;
    this.shift = shift;
    this.factors = factors;
    this.powers = powers;
    this.limit = limit;
  }

  public Tensor forward(@Dims("batch, in") Tensor x) {
    @Dims("batch, out")
    Tensor h = shift.forward(matmul(x, transpose(weight)));
    ;
    for (float factor : factors) {
      h = tanh(scale(h, factor));
    }
    for (int power : powers) {
      if (!(limit instanceof Integer)) {
        h = relu(scale(h, power));
      }
    }
    return exact.forward(add(again.forward(h), shift.forward(h)));
  }

  /** A row that is added to all. */
  @Half
  public record Shift(@Dims("n") @MasterFp32 Parameter by) {
    public Tensor forward(@Dims("..., n") Tensor x) {
      return add(x, by);
    }
  }
}
