package dev.mezzo.backend.conformance;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory that ends where a page begins that nobody may touch: a read or write beyond it, by
 * whatever means, ends the JVM with the frame of the kernel in its report. On Linux alone.
 */
@SuppressWarnings("restricted") // that is what it is for
final class ProtectedPages implements AutoCloseable {

  private static final long PAGE = 1 << 16; // the largest of usual page sizes
  private static final int READ_WRITE = 3;
  private static final int NONE = 0;
  private static final int PRIVATE_ANONYMOUS = 0x22;

  private static final MethodHandle MAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle PROTECT =
      function("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle UNMAP =
      function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

  private final List<MemorySegment> mapped = new ArrayList<>();

  static boolean available() {
    return System.getProperty("os.name").equals("Linux");
  }

  /** Memory of exactly {@code bytes}. */
  MemorySegment take(long bytes) {
    long usable = Math.ceilDiv(Math.max(1, bytes), PAGE) * PAGE;
    try {
      MemorySegment all =
          ((MemorySegment)
                  MAP.invoke(
                      MemorySegment.NULL, usable + PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L))
              .reinterpret(usable + PAGE);
      mapped.add(all);
      if ((int) PROTECT.invoke(all.asSlice(usable), PAGE, NONE) != 0) {
        throw new IllegalStateException("mprotect failed");
      }
      return all.asSlice(usable - bytes, bytes);
    } catch (Throwable e) { // what MethodHandle.invoke declares
      throw new IllegalStateException(e);
    }
  }

  /** Gives all of it back. */
  @Override
  public void close() {
    try {
      for (MemorySegment one : mapped) {
        if ((int) UNMAP.invoke(one, one.byteSize()) != 0) {
          throw new IllegalStateException("munmap failed");
        }
      }
    } catch (Throwable e) { // what MethodHandle.invoke declares
      throw new IllegalStateException(e);
    }
    mapped.clear();
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
  }
}
