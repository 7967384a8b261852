package dev.mezzo.backend.cuda;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.ffi.Cudnn;
import dev.mezzo.backend.cuda.ffi.NativeLib;
import dev.mezzo.backend.cuda.ffi.Nccl;
import dev.mezzo.backend.cuda.ffi.Nvrtc;
import java.util.List;
import java.util.function.Supplier;

/**
 * A library of CUDA's that a GPU can do without.
 *
 * @param name as in {@code NVRTC}
 * @param found whether it is there
 * @param description its version and where it is; or why it is not there, with the cure
 * @param use what it gives
 */
public record CudaLibrary(String name, boolean found, String description, String use) {

  /** Looks for all of them. Never throws. */
  public static List<CudaLibrary> look() {
    return List.of(
        of(
            "NVRTC",
            Nvrtc.library(),
            Nvrtc::version,
            "compiles a model's own expressions to kernels; without it one kernel interprets them"),
        of(
            "cuDNN",
            Cudnn.library(),
            Cudnn::version,
            "is not used yet; it would be faster for convolutions of large windows and recurrences"),
        of(
            "NCCL",
            Nccl.library(),
            Nccl::version,
            "is not used yet; it would let several GPUs train one model"));
  }

  private static CudaLibrary of(
      String name, NativeLib.Status library, Supplier<String> version, String use) {
    if (!library.available()) {
      return new CudaLibrary(name, false, library.problem(), use);
    }
    try {
      return new CudaLibrary(name, true, version.get() + ", " + library.description(), use);
    } catch (DeviceException e) {
      return new CudaLibrary(name, false, String.valueOf(e.getMessage()), use);
    }
  }
}
