package dev.mezzo;

import dev.mezzo.backend.scalar.ScalarBackend;
import java.util.stream.Stream;

/** The devices that training is tested on. */
final class TestDevices {

  private TestDevices() {}

  /** A new one on plain loops. */
  static Device scalar() {
    return Device.of(new ScalarBackend());
  }

  /** Plain loops, and what a user gets. */
  static Stream<Device> all() {
    return Stream.of(scalar(), Device.cpu());
  }

  /**
   * Leaves NaN in memory that the next tensors of these sizes are given, so that a read before the
   * first write shows.
   */
  static void poison(Device device, int... sizes) {
    for (int size : sizes) {
      Tensor[] dirty = new Tensor[24];
      for (int i = 0; i < dirty.length; i++) {
        dirty[i] =
            Tensor.allocate(
                device,
                dev.mezzo.types.Shape.of(size),
                i % 2 == 0 ? dev.mezzo.types.DType.FP32 : dev.mezzo.types.DType.FP16);
        dirty[i].fill(Float.NaN);
      }
      for (Tensor tensor : dirty) {
        tensor.close();
      }
    }
  }
}
