package demo;

import static dev.mezzo.Ops.batchNorm;

import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import java.util.List;
import java.util.Map;

/** States in an array, a list and a map, each known to what is saved of a training. */
@Half
final class RunningBoth {
  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  final State[] first;
  final List<State> second;
  final Map<String, State> third;

  RunningBoth(
      Parameter weight,
      Parameter bias,
      State[] first,
      List<State> second,
      Map<String, State> third) {
    this.weight = weight;
    this.bias = bias;
    this.first = first;
    this.second = second;
    this.third = third;
  }

  Tensor forward(Tensor x) {
    Tensor y = batchNorm(x, weight, bias, first[0], first[1], 0.1f, 0.01f);
    Tensor z = batchNorm(y, weight, bias, second.get(0), second.get(1), 0.1f, 0.01f);
    return batchNorm(z, weight, bias, third.get("mean"), third.get("variance"), 0.1f, 0.01f);
  }
}
