package dev.mezzo.backend.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.mezzo.backend.cuda.ffi.NativeLib;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** What tests tell the fake driver, and ask it. After {@link FakeCuda#install}. */
@SuppressWarnings("restricted") // the fake is ours
public final class FakeDriver {

  private FakeDriver() {}

  /** The {@code nth} call of a function from now on returns {@code code}. */
  public static void fail(String function, long nth, int code) {
    try (Arena arena = Arena.ofConfined()) {
      function("mezzo_fake_fail", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_INT))
          .invoke(arena.allocateFrom(function), nth, code);
    } catch (Throwable e) { // what invoke declares
      throw new IllegalStateException(e);
    }
  }

  /** The next program that the fake NVRTC is given does not compile. */
  static void failNextCompilation() {
    failing(1);
  }

  /** Takes that back. */
  static void compileAgain() {
    failing(0);
  }

  private static void failing(int next) {
    try {
      function("libnvrtc.so.13", "mezzo_fake_failing", FunctionDescriptor.ofVoid(JAVA_INT))
          .invoke(next);
    } catch (Throwable e) { // what invoke declares
      throw new IllegalStateException(e);
    }
  }

  /** How often a function was called. */
  public static long calls(String function) {
    try (Arena arena = Arena.ofConfined()) {
      return (long)
          function("mezzo_fake_calls", FunctionDescriptor.of(JAVA_LONG, ADDRESS))
              .invoke(arena.allocateFrom(function));
    } catch (Throwable e) { // what invoke declares
      throw new IllegalStateException(e);
    }
  }

  /** How much more memory the GPU has. */
  public static void limit(long bytes) {
    try {
      function("mezzo_fake_limit", FunctionDescriptor.ofVoid(JAVA_LONG)).invoke(bytes);
    } catch (Throwable e) { // what invoke declares
      throw new IllegalStateException(e);
    }
  }

  /** Ends the JVM where the host reads or writes the GPU's memory. */
  static void closeToHost() {
    try {
      function("mezzo_fake_open", FunctionDescriptor.ofVoid(JAVA_INT)).invoke(0);
    } catch (Throwable e) { // what invoke declares
      throw new IllegalStateException(e);
    }
  }

  /** Whether nothing was written beside a block of memory. */
  static boolean intact() {
    try {
      return (int) function("mezzo_fake_check", FunctionDescriptor.of(JAVA_INT)).invoke() == 1;
    } catch (Throwable e) { // what invoke declares
      throw new IllegalStateException(e);
    }
  }

  /** Takes back failures, limits, and the death of the GPU. */
  public static void reset() {
    try {
      function("mezzo_fake_reset", FunctionDescriptor.ofVoid()).invoke();
    } catch (Throwable e) { // what invoke declares
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return function("libcuda.so.1", name, type);
  }

  private static MethodHandle function(String file, String name, FunctionDescriptor type) {
    Path library = Path.of(System.getProperty(NativeLib.PROPERTY), file);
    return Linker.nativeLinker()
        .downcallHandle(
            SymbolLookup.libraryLookup(library, Arena.global()).find(name).orElseThrow(), type);
  }
}
