package dev.mezzo.backend.cuda;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.ffi.CudaException;
import dev.mezzo.backend.cuda.ffi.CudaModules;
import dev.mezzo.backend.cuda.ffi.Nvrtc;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** The library's kernels on a GPU: the fatbin that the build embeds, and its functions by name. */
final class KernelModule implements AutoCloseable {

  static final String RESOURCE = "/META-INF/mezzo/mezzo.fatbin";

  /** Beyond this a kernel must be allowed its dynamic shared memory. */
  private static final int PLAIN_SHARED_BYTES = 48 << 10;

  private static final System.Logger LOG = System.getLogger("dev.mezzo");

  private final long module;
  private final Map<String, Kernel> kernels = new HashMap<>();

  private KernelModule(long module) {
    this.module = module;
  }

  /**
   * Loads the kernels into the current context. Where the driver does not take the fatbin, as it is
   * older than the compiler, NVRTC compiles them if it is there.
   *
   * @param capability of the GPU, ten times the major and once the minor number
   */
  static KernelModule load(int capability) {
    try {
      return new KernelModule(CudaModules.load(image()));
    } catch (CudaException e) {
      if (!e.isOfImage() || !Nvrtc.library().available()) {
        throw e;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "the driver does not take the CUDA kernels of this build; NVRTC %s compiles them, half a minute the first time: %s"
              .formatted(Nvrtc.version(), e.getMessage()));
      return new KernelModule(CudaModules.load(KernelSource.library(capability)));
    }
  }

  /** The handle of the kernel of a name, which may have {@code sharedBytes}. */
  long function(String name, int sharedBytes) {
    Kernel kernel = kernels.get(name);
    if (kernel == null) {
      kernel = new Kernel(find(name), PLAIN_SHARED_BYTES);
      kernels.put(name, kernel);
    }
    if (sharedBytes > kernel.sharedBytes()) {
      CudaModules.allowSharedBytes(kernel.function(), sharedBytes);
      kernels.put(name, new Kernel(kernel.function(), sharedBytes));
    }
    return kernel.function();
  }

  @Override
  public void close() {
    CudaModules.unload(module);
  }

  private long find(String name) {
    try {
      return CudaModules.function(module, name);
    } catch (CudaException e) {
      if (e.code() != CudaException.NOT_FOUND) {
        throw e;
      }
      DeviceException missing =
          new DeviceException(
              "there is no CUDA kernel '" + name + "'; this is a bug in Mezzo, or a stale fatbin");
      missing.initCause(e);
      throw missing;
    }
  }

  private static byte[] image() {
    try (InputStream in = KernelModule.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new DeviceException(
            "the CUDA kernels are not in this build of Mezzo: run runtime/src/main/cuda/build.sh"
                + " where nvcc is, and build again");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Kernel(long function, int sharedBytes) {}
}
