package demo;

import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.reshape;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.softmax;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Views, and plain Java for ints and shapes: attention of a sequence to itself. */
@Half
public final class Shapes {
  final Linear project;
  final int width;

  public Shapes(Linear project, int width) {
    this.project = project;
    this.width = width;
  }

  public Tensor forward(Tensor x) {
    int batch = x.shape().dim(0);
    int time = x.shape().dim(1);
    Tensor h = reshape(project.forward(reshape(x, batch * time, width)), batch, time, width);
    float factor = 1f / (float) Math.sqrt(time + width);
    Tensor weights = softmax(scale(matmul(h, transpose(h)), factor));
    return matmul(weights, h);
  }
}
