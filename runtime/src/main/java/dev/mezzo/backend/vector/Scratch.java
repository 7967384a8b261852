package dev.mezzo.backend.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** One thread's working memory. Kernels leave garbage in it. */
final class Scratch {

  /** Elements of a chunk: four FP32 arrays of them fit a first-level cache of 32 KiB. */
  static final int CHUNK = 2048;

  final float[] x = new float[CHUNK];
  final float[] y = new float[CHUNK];
  final float[] z = new float[CHUNK];
  final float[] w = new float[CHUNK];
  final short[] halves = new short[CHUNK];
  final short[] moreHalves = new short[CHUNK];
  final int[] words = new int[CHUNK];
  final int[] between = new int[CHUNK];

  /** A chunk outside the heap. */
  final MemorySegment edge = Arena.ofAuto().allocate(4L * CHUNK, 64);

  private final List<float[]> registers = new ArrayList<>();
  private final float[][] large = new float[16][0];
  private short[] longHalves = new short[0];
  private float[] sums = new float[0];
  private MemorySegment panel = MemorySegment.NULL;

  /**
   * An array of at least {@code size} elements; a second call may invalidate the first's result.
   */
  float[] sums(int size) {
    if (sums.length < size) {
      sums = new float[size];
    }
    return sums;
  }

  /**
   * One of 16 arrays that keep their contents while others are asked for: of at least {@code size}
   * elements, and a vector more.
   */
  float[] large(int which, int size) {
    if (large[which].length < size + Lanes.COUNT) {
      large[which] = new float[size + Lanes.COUNT];
    }
    return large[which];
  }

  /**
   * One of any number of arrays of a chunk, which keep their contents while others are asked for.
   */
  float[] register(int which) {
    while (registers.size() <= which) {
      registers.add(new float[CHUNK]);
    }
    return registers.get(which);
  }

  /** An array of at least {@code size} 16-bit elements. */
  short[] halves(int size) {
    if (longHalves.length < size) {
      longHalves = new short[size];
    }
    return longHalves;
  }

  /**
   * 64-byte aligned memory of at least {@code bytes}; a second call may invalidate the first's
   * result.
   */
  MemorySegment panel(long bytes) {
    if (panel.byteSize() < bytes) {
      panel = Arena.ofAuto().allocate(bytes, 64);
    }
    return panel;
  }
}
