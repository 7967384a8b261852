package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.io.SafetensorsWriter;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;

/**
 * A tensor that a training keeps from step to step, by its name in a file. FP32 there, whatever it
 * is here: 16 bits are widened and come back as they were.
 *
 * @param tensor borrowed
 */
record SavedTensor(String name, Tensor tensor) {

  void writeTo(SafetensorsWriter file) {
    file.add(
        name,
        DType.FP32,
        tensor.shape(),
        host -> {
          try (Tensor wide = Ops.cast(tensor, DType.FP32)) {
            backend().download(wide.operand().data(), host);
          }
        });
  }

  /** Replaces all elements by values of a float type. */
  void assign(MemorySegment values, DType dtype) {
    try (Tensor read = Tensor.allocate(tensor.device(), tensor.shape(), dtype)) {
      backend().upload(values, read.operand().data());
      backend().cast(read.operand(), tensor.operand());
    }
  }

  private Backend backend() {
    return tensor.device().backend();
  }
}
