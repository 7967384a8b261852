package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.cuda.CudaBackend;
import dev.mezzo.backend.cuda.FakeCuda;
import dev.mezzo.backend.scalar.ScalarBackend;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The devices that training is tested on. */
final class TestDevices {

  private static @Nullable Device cuda;

  private TestDevices() {}

  /** A new one on plain loops. */
  static Device scalar() {
    return Device.of(new ScalarBackend());
  }

  /** Plain loops, what a user gets, and the GPU or the fake driver's, where there is one. */
  static Stream<Device> all() {
    Stream<Device> processor = Stream.of(scalar(), Device.cpu());
    return FakeCuda.install().isEmpty() ? Stream.concat(processor, Stream.of(cuda())) : processor;
  }

  /** One for all tests: JUnit closes what it gives to a test, which other tests go on with. */
  private static synchronized Device cuda() {
    if (cuda == null) {
      CudaBackend backend = new CudaBackend(0);
      cuda =
          Device.of(
              (Backend)
                  Proxy.newProxyInstance(
                      Backend.class.getClassLoader(),
                      new Class<?>[] {Backend.class},
                      (proxy, method, arguments) -> {
                        try {
                          return method.getName().equals("close")
                              ? null
                              : method.invoke(backend, arguments);
                        } catch (InvocationTargetException e) {
                          throw e.getCause();
                        }
                      }));
    }
    return cuda;
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
