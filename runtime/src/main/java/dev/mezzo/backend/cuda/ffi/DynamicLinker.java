package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system's dynamic linker, called directly: unlike {@link java.lang.foreign.SymbolLookup} it
 * says why a library does not open. Linux alone, as the CUDA backend is.
 */
@SuppressWarnings("restricted") // opening libraries is what it is for
final class DynamicLinker {

  private static final int NOW = 2;
  private static final long LONGEST_MESSAGE = 4096;

  /** {@code void *dlopen(const char *file, int mode)}. */
  private static final MethodHandle OPEN =
      function("dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));

  /** {@code void *dlsym(void *library, const char *name)}. */
  private static final MethodHandle SYMBOL =
      function("dlsym", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));

  /** {@code char *dlerror(void)}. */
  private static final MethodHandle ERROR = function("dlerror", FunctionDescriptor.of(ADDRESS));

  private DynamicLinker() {}

  static boolean available() {
    return System.getProperty("os.name").equals("Linux");
  }

  /** The library's handle, or null if it does not open: {@link #error} says why. */
  static MemorySegment open(String file) {
    try (Arena arena = Arena.ofConfined()) {
      return (MemorySegment) OPEN.invokeExact(arena.allocateFrom(file), NOW);
    } catch (Throwable e) { // what invokeExact declares
      throw new IllegalStateException(e);
    }
  }

  /** The address of a symbol; {@link MemorySegment#NULL} if the library has none of the name. */
  static MemorySegment symbol(MemorySegment library, String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (MemorySegment) SYMBOL.invokeExact(library, arena.allocateFrom(name));
    } catch (Throwable e) { // what invokeExact declares
      throw new IllegalStateException(e);
    }
  }

  /** Why the last call on this thread failed. */
  static String error() {
    try {
      MemorySegment text = (MemorySegment) ERROR.invokeExact();
      return text.address() == 0 ? "no reason given" : text(text);
    } catch (Throwable e) { // what invokeExact declares
      throw new IllegalStateException(e);
    }
  }

  /** A string of C. */
  static String text(MemorySegment address) {
    MemorySegment text = address.reinterpret(LONGEST_MESSAGE);
    long length = 0;
    while (length < LONGEST_MESSAGE - 1 && text.get(ValueLayout.JAVA_BYTE, length) != 0) {
      length++;
    }
    return new String(
        text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
  }
}
