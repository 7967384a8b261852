package dev.mezzo.backend.cuda;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.ffi.CublasLt;
import dev.mezzo.backend.cuda.ffi.CudaDriver;
import dev.mezzo.backend.cuda.ffi.NativeLib;
import java.util.ArrayList;
import java.util.List;

/**
 * What there is of CUDA on this machine.
 *
 * @param gpus those that the driver shows, by number; empty where there are none
 * @param driver as in {@code CUDA 13.0, libcuda.so.1 (found by the system); cuBLASLt 13.1.0, …};
 *     empty without one
 * @param problem why no GPU can be used; empty if one can
 * @param cure what to do about it; empty if one can
 */
public record CudaProbe(List<String> gpus, String driver, String problem, String cure) {

  /** Looks. Never throws. */
  public static CudaProbe look() {
    NativeLib.Status library = CudaDriver.library();
    if (!library.available()) {
      return new CudaProbe(List.of(), "", library.description(), library.cure());
    }
    try {
      CudaDriver.init();
      int version = CudaDriver.version();
      String driver =
          "CUDA %d.%d, %s; %s"
              .formatted(
                  version / 1000, version % 1000 / 10, library.description(), describeProducts());
      List<String> gpus = new ArrayList<>();
      for (int i = 0; i < CudaDriver.deviceCount(); i++) {
        gpus.add(describe(CudaDriver.device(i)));
      }
      return gpus.isEmpty()
          ? new CudaProbe(gpus, driver, "the driver shows no GPU", "look at CUDA_VISIBLE_DEVICES")
          : new CudaProbe(gpus, driver, "", "");
    } catch (DeviceException e) {
      return new CudaProbe(
          List.of(), library.description(), String.valueOf(e.getMessage()), "run nvidia-smi");
    }
  }

  /** Whether a GPU can be used. */
  public boolean available() {
    return problem.isEmpty();
  }

  private static String describeProducts() {
    NativeLib.Status library = CublasLt.library();
    if (!library.available()) {
      return "without cuBLASLt products are slow: " + library.problem();
    }
    return "cuBLASLt %s, %s".formatted(CublasLt.version(), library.description());
  }

  private static String describe(int device) {
    return "%s, compute capability %d.%d, %.1f GiB"
        .formatted(
            CudaDriver.deviceName(device),
            CudaDriver.deviceAttribute(device, CudaDriver.CAPABILITY_MAJOR),
            CudaDriver.deviceAttribute(device, CudaDriver.CAPABILITY_MINOR),
            (double) CudaDriver.deviceMemory(device) / (1 << 30));
  }
}
