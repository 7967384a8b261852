package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Weights that one kernel of {@code updates.cu} takes together: its struct {@code Weights}. */
final class WeightList {

  /** As many as the arguments of a kernel hold, which are 4096 bytes. */
  private static final int MOST = 64;

  private static final int CHUNK = Kernels.THREADS * Kernels.WIDTH;

  private final List<Weight> weights = new ArrayList<>();
  private int chunks;

  boolean isFull() {
    return weights.size() == MOST;
  }

  void add(Weight weight) {
    weights.add(weight);
    chunks = Math.toIntExact(chunks + Math.ceilDiv(weight.gradient.size(), (long) CHUNK));
  }

  /** Pieces of a block's size that the weights are cut into. */
  int chunks() {
    return chunks;
  }

  Arguments.ByValue struct() {
    Struct struct = new Struct();
    int before = 0;
    for (int i = 0; i < MOST; i++) {
      Weight weight = i < weights.size() ? weights.get(i) : null;
      struct.add(address(weight == null ? null : weight.gradient.data()));
      struct.add(address(weight == null ? null : weight.first));
      struct.add(address(weight == null ? null : weight.second));
      struct.add(address(weight == null ? null : data(weight.master)));
      struct.add(address(weight == null ? null : data(weight.shadow)));
      struct.add(weight == null ? 0 : weight.gradient.size());
      struct.add(before);
      struct.add(weight == null ? 0 : weight.types());
      before += weight == null ? 0 : (int) Math.ceilDiv(weight.gradient.size(), (long) CHUNK);
    }
    return struct.add(weights.size()).add(chunks).value();
  }

  private static long address(@Nullable MemorySegment memory) {
    return memory == null ? 0 : memory.address();
  }

  private static @Nullable MemorySegment data(@Nullable Operand operand) {
    return operand == null ? null : operand.data();
  }

  /**
   * What a kernel does with one weight.
   *
   * @param first of the state's arrays; of a check, the weight's flag
   * @param second of the state's arrays
   */
  record Weight(
      Operand gradient,
      @Nullable MemorySegment first,
      @Nullable MemorySegment second,
      @Nullable Operand master,
      @Nullable Operand shadow) {

    /** Of gradient, master and shadow, a byte each. */
    private int types() {
      return Codes.of(gradient.dtype())
          | (type(master) << Byte.SIZE)
          | (type(shadow) << (2 * Byte.SIZE));
    }

    private static int type(@Nullable Operand operand) {
      return operand == null ? 0 : Codes.of(operand.dtype());
    }
  }
}
