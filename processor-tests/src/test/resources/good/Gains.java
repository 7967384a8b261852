package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.linear;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.softmax;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import java.util.List;
import java.util.Map;

/** Parameters in an array, a list and a map. */
@Half
public final class Gains {
  final @MasterFp32 Parameter[] weights;
  final @MasterFp32 List<Parameter> biases;
  final @MasterFp32 Map<String, Parameter> heads;
  @SuppressWarnings("mezzo:HalfParameterWithoutMaster")
  final List<Parameter> gains;
  final String task;

  public Gains(
      Parameter[] weights,
      List<Parameter> biases,
      Map<String, Parameter> heads,
      List<Parameter> gains,
      String task) {
    this.weights = weights;
    this.biases = biases;
    this.heads = heads;
    this.gains = gains;
    this.task = task;
  }

  public Tensor forward(Tensor x, int last) {
    Tensor h = x;
    for (int i = 0; i < weights.length; i++) {
      h = tanh(linear(h, weights[i], biases.get(i)));
    }
    for (Parameter gain : gains) {
      h = multiply(h, gain);
    }
    Parameter head = heads.get(task);
    Tensor back = matmul(tanh(matmul(h, transpose(head))), head);
    int chosen = last % weights.length;
    Tensor code = matmul(back, weights[chosen]);
    return add(softmax(add(code, biases.getLast())), gains.getFirst());
  }
}
