package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;

/** A call that the driver, or a library beside it, refused. */
public final class CudaException extends DeviceException {

  /** There is not enough memory. */
  public static final int OUT_OF_MEMORY = 2;

  /** There is no GPU. */
  public static final int NO_DEVICE = 100;

  /** PTX is of a later version than the driver knows. */
  public static final int UNSUPPORTED_PTX_VERSION = 222;

  /** A name was not found in a module. */
  public static final int NOT_FOUND = 500;

  private static final long serialVersionUID = 1;

  /** {@code CUresult cuGetErrorName(CUresult error, const char **name)}. */
  private static final NativeFunction NAME = text("cuGetErrorName");

  /** {@code CUresult cuGetErrorString(CUresult error, const char **text)}. */
  private static final NativeFunction TEXT = text("cuGetErrorString");

  private final int code;

  private CudaException(int code, String message) {
    super(message);
    this.code = code;
  }

  static CudaException of(int code, String call) {
    String message =
        "%s failed: %s (%d), %s".formatted(call, read(NAME, code), code, read(TEXT, code));
    String cure = cure(code);
    return new CudaException(code, cure.isEmpty() ? message : message + ". " + cure);
  }

  /** CUresult. */
  public int code() {
    return code;
  }

  /** The same, with what was under way. */
  public CudaException during(String what) {
    return new CudaException(code, what + ": " + getMessage());
  }

  /** Whether every later call on the device will fail, too: its context is lost. */
  public boolean isSticky() {
    return switch (code) {
      case 214, 220, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721 -> true;
      default -> false;
    };
  }

  /** Whether the driver cannot use a module's image, whatever it holds. */
  public boolean isOfImage() {
    return switch (code) {
      case 200, 209, 218, UNSUPPORTED_PTX_VERSION, 223 -> true;
      default -> false;
    };
  }

  private static String cure(int code) {
    return switch (code) {
      case 3, 4 -> "The driver is not initialised, or is shutting down";
      case NO_DEVICE ->
          "The driver sees no GPU: look at nvidia-smi, at CUDA_VISIBLE_DEVICES, and in a container at"
              + " whether it was started with the GPU";
      case 209 -> "Mezzo has kernels for GPUs of compute capability 7.5 and newer";
      case UNSUPPORTED_PTX_VERSION ->
          "Install a newer driver, or NVRTC: this driver cannot compile the kernels";
      case 700, 702, 719 ->
          "A kernel failed; the device cannot be used again in this JVM. Start with"
              + " -Dmezzo.cuda.sync=true to learn which kernel it was";
      case 803, 804 ->
          "The driver's library does not fit the kernel module that is loaded: restart the machine"
              + " after an update of the driver";
      default -> "";
    };
  }

  private static NativeFunction text(String name) {
    return new NativeFunction(
        DriverFunction.LIBRARY, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS), name);
  }

  private static String read(NativeFunction function, int code) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int failed = (int) function.call(code, out);
      return failed != 0 ? "unknown error" : DynamicLinker.text(out.get(ADDRESS, 0));
    }
  }
}
