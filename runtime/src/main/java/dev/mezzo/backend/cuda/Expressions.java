package dev.mezzo.backend.cuda;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.ffi.CudaException;
import dev.mezzo.backend.cuda.ffi.CudaModules;
import dev.mezzo.backend.cuda.ffi.Nvrtc;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The kernels of a model's own expressions, compiled by NVRTC for this GPU when they are first
 * used. The same source is the same kernel. They stay loaded, since graphs have them; after {@value
 * #MOST} of them, and where the library is missing or does not compile one, expressions are
 * interpreted. {@code -Dmezzo.cuda.nvrtc=false} has it so from the start.
 */
final class Expressions implements AutoCloseable {

  static final int MOST = 256;

  private static final int FORMS = 4 * MOST; // what is remembered of them, several to a source

  private static final System.Logger LOG = System.getLogger("dev.mezzo");

  private final CudaDevice device;
  private final boolean used;
  private final Map<FusedForm, OptionalLong> kernels = new HashMap<>();
  private final Map<String, Compiled> compiled = new HashMap<>();

  /** None is compiled yet. */
  Expressions(CudaDevice device) {
    this.device = device;
    this.used =
        !"false".equals(System.getProperty("mezzo.cuda.nvrtc")) && Nvrtc.library().available();
  }

  /** Whether there is a compiler, which is to be used. */
  boolean available() {
    return used;
  }

  /** The kernel of a form; empty where it has to be interpreted. */
  OptionalLong kernel(FusedForm form) {
    OptionalLong known = kernels.get(form);
    if (known == null) {
      if (kernels.size() == FORMS) {
        kernels.clear();
      }
      known = function(FusedSource.of(form), form.program().formula());
      kernels.put(form, known);
    }
    return known;
  }

  @Override
  public void close() {
    compiled.values().forEach(kernel -> kernel.module().ifPresent(CudaModules::unload));
    compiled.clear();
    kernels.clear();
  }

  private OptionalLong function(String source, String formula) {
    Compiled kernel = compiled.get(source);
    if (kernel == null) {
      if (compiled.size() == MOST) {
        return OptionalLong.empty();
      }
      kernel = compile(source, formula);
      compiled.put(source, kernel);
    }
    return kernel.function();
  }

  private Compiled compile(String source, String formula) {
    device.enter();
    try {
      byte[] image = KernelSource.expression(source, device.capability());
      long module = CudaModules.load(image);
      long function = CudaModules.function(module, FusedSource.KERNEL);
      return new Compiled(OptionalLong.of(module), OptionalLong.of(function));
    } catch (DeviceException e) {
      if (e instanceof CudaException error && error.isSticky()) {
        throw device.failed(error, "loading the kernel of " + formula);
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "NVRTC does not compile an expression, which is interpreted instead: %s%n%s%n%s"
              .formatted(formula, source.strip(), e.getMessage()));
      return new Compiled(OptionalLong.empty(), OptionalLong.empty());
    }
  }

  private record Compiled(OptionalLong module, OptionalLong function) {}
}
