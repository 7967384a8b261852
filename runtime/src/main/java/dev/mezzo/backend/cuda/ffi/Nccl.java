package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;

/** NCCL, which is looked for and not used yet. */
public final class Nccl {

  private static final NativeLib LIBRARY =
      new NativeLib(
          "NCCL",
          "Install NCCL, or PyTorch's nvidia-nccl, and name its folder by " + NativeLib.VARIABLE,
          "libnccl.so.2");

  /** {@code ncclResult_t ncclGetVersion(int *version)}. */
  private static final NativeFunction VERSION =
      new NativeFunction(LIBRARY, FunctionDescriptor.of(JAVA_INT, ADDRESS), "ncclGetVersion");

  private Nccl() {}

  /** Whether the library is there. */
  public static NativeLib.Status library() {
    return LIBRARY.status();
  }

  /** As in {@code 2.30.3}. */
  public static String version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(JAVA_INT);
      int code = (int) VERSION.call(version);
      if (code != 0) {
        throw new DeviceException(VERSION.describe(version) + " failed with status " + code);
      }
      return NativeLib.version(version.get(JAVA_INT, 0));
    }
  }
}
