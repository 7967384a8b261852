package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.dropout;
import static dev.mezzo.Ops.mean;
import static dev.mezzo.Ops.meanSquaredError;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.reshape;
import static dev.mezzo.Ops.scale;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.annotations.MasterFp32;

/** A loss of more than one line: views and dropout of inputs, a penalty, a static scale. */
@Half
@LossScaled(scaling = LossScaled.Scaling.STATIC, initial = 128)
public record Regression(Mlp net, Residual side, @MasterFp32 Parameter offset, float decay) {
  public Tensor loss(Tensor x, Tensor target) {
    Tensor flat = dropout(reshape(x, x.shape().dim(0), -1), 0.25f);
    Tensor y = net.forward(side.forward(flat));
    Tensor error = meanSquaredError(add(y, offset), target);
    return add(error, penalty(decay));
  }

  private Tensor penalty(float weight) {
    return scale(mean(multiply(offset, offset)), weight);
  }
}
