package dev.mezzo.backend.cuda.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A function of a library, which is linked when it is first called. A call boxes its arguments,
 * some 100 ns: what is called often enough to notice has a handle of its own.
 */
@SuppressWarnings("restricted") // calling native functions is what it is for
final class NativeFunction {

  private final NativeLib library;
  private final String[] names;
  private final FunctionDescriptor type;
  private @Nullable MethodHandle handle;
  private @Nullable MethodHandle spread;

  /**
   * @param names of the function, as new versions of it have others; the first that there is
   */
  NativeFunction(NativeLib library, FunctionDescriptor type, String... names) {
    this.library = library;
    this.type = type;
    this.names = names;
  }

  /** What is returned: Integer or Long. */
  Object call(Object... arguments) {
    MethodHandle linked = spread;
    if (linked == null) {
      linked =
          handle()
              .asSpreader(Object[].class, type.argumentLayouts().size())
              .asType(MethodType.methodType(Object.class, Object[].class));
      spread = linked;
    }
    try {
      return (Object) linked.invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // what invokeExact declares; native code throws nothing
      throw new IllegalStateException(e);
    }
  }

  /** Linked; of the exact type of the function. */
  MethodHandle handle() {
    MethodHandle linked = handle;
    if (linked == null) {
      linked = Linker.nativeLinker().downcallHandle(library.symbol(names), type);
      handle = linked;
    }
    return linked;
  }

  /** As in {@code cuMemAlloc_v2(0x7f30, 64)}: what an error names. */
  String describe(Object... arguments) {
    return Arrays.stream(arguments)
        .map(NativeFunction::show)
        .collect(Collectors.joining(", ", names[0] + "(", ")"));
  }

  private static String show(Object argument) {
    return switch (argument) {
      case MemorySegment segment ->
          "0x%x of %d bytes".formatted(segment.address(), segment.byteSize());
      case Long value when value > 1L << 32 -> "0x%x".formatted(value);
      default -> argument.toString();
    };
  }
}
