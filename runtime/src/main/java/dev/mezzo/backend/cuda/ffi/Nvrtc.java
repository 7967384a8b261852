package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.mezzo.backend.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * NVRTC: CUDA's compiler as a library, which is optional.
 *
 * @see <a href="https://docs.nvidia.com/cuda/nvrtc/">NVRTC</a>
 */
public final class Nvrtc {

  /** {@code NVRTC_ERROR_COMPILATION}: the log says why. */
  private static final int COMPILATION = 6;

  private static final NativeLib LIBRARY =
      new NativeLib(
              "NVRTC",
              "Install CUDA's libnvrtc, or PyTorch's nvidia-cuda-nvrtc, and name its folder by "
                  + NativeLib.VARIABLE,
              "libnvrtc.so.13",
              "libnvrtc.so.12")
          .after("libnvrtc-builtins.so");

  /** {@code nvrtcResult nvrtcVersion(int *major, int *minor)}. */
  private static final NativeFunction VERSION = function("nvrtcVersion", ADDRESS, ADDRESS);

  /** {@code const char *nvrtcGetErrorString(nvrtcResult result)}. */
  private static final NativeFunction ERROR =
      new NativeFunction(LIBRARY, FunctionDescriptor.of(ADDRESS, JAVA_INT), "nvrtcGetErrorString");

  /**
   * {@code nvrtcResult nvrtcCreateProgram(nvrtcProgram *program, const char *source, const char
   * *name, int headers, const char *const *headerSources, const char *const *headerNames)}.
   */
  private static final NativeFunction CREATE =
      function("nvrtcCreateProgram", ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);

  /** {@code nvrtcResult nvrtcCompileProgram(program, int options, const char *const *options)}. */
  private static final NativeFunction COMPILE =
      function("nvrtcCompileProgram", JAVA_LONG, JAVA_INT, ADDRESS);

  /** {@code nvrtcResult nvrtcGetCUBINSize(program, size_t *bytes)}. */
  private static final NativeFunction CUBIN_SIZE =
      function("nvrtcGetCUBINSize", JAVA_LONG, ADDRESS);

  /** {@code nvrtcResult nvrtcGetCUBIN(program, char *cubin)}. */
  private static final NativeFunction CUBIN = function("nvrtcGetCUBIN", JAVA_LONG, ADDRESS);

  /**
   * {@code nvrtcResult nvrtcGetProgramLogSize(program, size_t *bytes)}, the final zero included.
   */
  private static final NativeFunction LOG_SIZE =
      function("nvrtcGetProgramLogSize", JAVA_LONG, ADDRESS);

  /** {@code nvrtcResult nvrtcGetProgramLog(program, char *log)}. */
  private static final NativeFunction LOG = function("nvrtcGetProgramLog", JAVA_LONG, ADDRESS);

  /** {@code nvrtcResult nvrtcDestroyProgram(nvrtcProgram *program)}. */
  private static final NativeFunction DESTROY = function("nvrtcDestroyProgram", ADDRESS);

  private Nvrtc() {}

  /** Whether the library is there. */
  public static NativeLib.Status library() {
    return LIBRARY.status();
  }

  /** As in {@code 13.0}. */
  public static String version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment numbers = arena.allocate(JAVA_INT, 2);
      call(VERSION, numbers, numbers.asSlice(Integer.BYTES));
      return numbers.getAtIndex(JAVA_INT, 0) + "." + numbers.getAtIndex(JAVA_INT, 1);
    }
  }

  /**
   * Compiles a program to the machine code of the architecture that an option names.
   *
   * @param name of the program, for the compiler's messages
   * @return a cubin
   * @throws DeviceException if it does not compile, with the compiler's log
   */
  public static byte[] compile(String source, String name, List<String> options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(JAVA_LONG);
      MemorySegment none = MemorySegment.NULL;
      call(CREATE, handle, arena.allocateFrom(source), arena.allocateFrom(name), 0, none, none);
      try {
        long program = handle.get(JAVA_LONG, 0);
        MemorySegment texts = arena.allocate(ADDRESS, Math.max(1, options.size()));
        for (int i = 0; i < options.size(); i++) {
          texts.setAtIndex(ADDRESS, i, arena.allocateFrom(options.get(i)));
        }
        int code = (int) COMPILE.call(program, options.size(), texts);
        if (code == COMPILATION) {
          byte[] log = bytes(arena, program, LOG_SIZE, LOG);
          throw new DeviceException(
              new String(log, java.nio.charset.StandardCharsets.UTF_8).trim());
        }
        check(code, COMPILE, program, options);
        return bytes(arena, program, CUBIN_SIZE, CUBIN);
      } finally {
        DESTROY.call(handle);
      }
    }
  }

  private static byte[] bytes(Arena arena, long program, NativeFunction size, NativeFunction get) {
    MemorySegment count = arena.allocate(JAVA_LONG);
    call(size, program, count);
    MemorySegment bytes = arena.allocate(Math.max(1, count.get(JAVA_LONG, 0)));
    call(get, program, bytes);
    return bytes.toArray(JAVA_BYTE);
  }

  private static void call(NativeFunction function, Object... arguments) {
    check((int) function.call(arguments), function, arguments);
  }

  private static void check(int code, NativeFunction function, Object... arguments) {
    if (code != 0) {
      String why = DynamicLinker.text((MemorySegment) ERROR.call(code));
      throw new DeviceException(
          "%s failed: %s (%d)".formatted(function.describe(arguments), why, code));
    }
  }

  private static NativeFunction function(String name, MemoryLayout... arguments) {
    return new NativeFunction(LIBRARY, FunctionDescriptor.of(JAVA_INT, arguments), name);
  }
}
