package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;

/** cuDNN, which is looked for and not used yet. */
public final class Cudnn {

  private static final NativeLib LIBRARY =
      new NativeLib(
          "cuDNN",
          "Install cuDNN 9, or PyTorch's nvidia-cudnn, and name its folder by "
              + NativeLib.VARIABLE,
          "libcudnn.so.9");

  /** {@code size_t cudnnGetVersion(void)}. */
  private static final NativeFunction VERSION =
      new NativeFunction(LIBRARY, FunctionDescriptor.of(JAVA_LONG), "cudnnGetVersion");

  private Cudnn() {}

  /** Whether the library is there. */
  public static NativeLib.Status library() {
    return LIBRARY.status();
  }

  /** As in {@code 9.24.0}. */
  public static String version() {
    return NativeLib.version((long) VERSION.call());
  }
}
