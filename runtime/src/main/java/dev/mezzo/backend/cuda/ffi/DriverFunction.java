package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/** A function of the driver, whose return code is checked. */
final class DriverFunction {

  static final NativeLib LIBRARY =
      new NativeLib(
          "the CUDA driver",
          "Install NVIDIA's driver, which brings libcuda.so.1 (in a container: start it with the GPU),"
              + " or name its folder by -D"
              + NativeLib.PROPERTY
              + " or "
              + NativeLib.VARIABLE,
          "libcuda.so.1");

  private final NativeFunction function;

  private DriverFunction(NativeFunction function) {
    this.function = function;
  }

  /** Returns CUresult, takes {@code arguments}. */
  static DriverFunction of(String name, MemoryLayout... arguments) {
    return new DriverFunction(
        new NativeFunction(LIBRARY, FunctionDescriptor.of(JAVA_INT, arguments), name));
  }

  /**
   * Calls it.
   *
   * @throws CudaException if it returns anything but success
   */
  void call(Object... arguments) {
    check((int) function.call(arguments), arguments);
  }

  /** Of the exact type, for calls that are too many to box; {@link #check} its result. */
  MethodHandle handle() {
    return function.handle();
  }

  void check(int code, Object... arguments) {
    if (code != 0) {
      throw CudaException.of(code, function.describe(arguments));
    }
  }
}
