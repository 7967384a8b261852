package dev.mezzo;

import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The micro-batches whose gradients wait for a step, and the sum of their losses. */
final class MicroBatches {

  private int count;
  private @Nullable Tensor losses;
  private Passes passes = new Passes();

  /** Passes of a step, to be run again. */
  static final class Passes implements AutoCloseable {
    private final List<Training.Pass> all = new ArrayList<>();
    private final List<Tensor> inputs = new ArrayList<>();

    /** In order. */
    List<Training.Pass> all() {
      return all;
    }

    void add(Training.Pass pass, Tensor... given) {
      all.add(pass);
      for (Tensor input : given) {
        inputs.add(input.retain());
      }
    }

    @Override
    public void close() {
      inputs.forEach(Tensor::close);
      inputs.clear();
      all.clear();
    }
  }

  /** Keeps one, and the tensors that it reads. */
  void keep(Training.Pass pass, Tensor... inputs) {
    passes.add(pass, inputs);
  }

  /** Those that are kept, which the caller closes. */
  Passes takePasses() {
    Passes taken = passes;
    passes = new Passes();
    return taken;
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /**
   * How many there are, as the next one begins: they are taken over by it. Were it to end with an
   * exception there would be none, as gradients would be half of it.
   */
  int begin() {
    int before = count;
    count = 0;
    return before;
  }

  /** One more, after those that were there before. The loss is borrowed. */
  void add(Tensor loss, int before) {
    Tensor sum = sum(loss, before);
    dropLosses();
    losses = sum;
    count = before + 1;
  }

  /** The mean of a loss and those before, which the caller owns. */
  Tensor mean(Tensor loss, int before) {
    if (before == 0) {
      return loss.retain();
    }
    try (Tensor sum = sum(loss, before)) {
      dropLosses();
      return Ops.scale(sum, 1f / (before + 1));
    }
  }

  private Tensor sum(Tensor loss, int before) {
    Tensor wide = Ops.cast(loss, DType.FP32);
    if (before == 0 || losses == null) {
      return wide;
    }
    try (wide) {
      return Ops.add(losses, wide);
    }
  }

  /** Nothing waits any more. */
  void drop() {
    dropLosses();
    passes.close();
    passes = new Passes();
  }

  private void dropLosses() {
    count = 0;
    if (losses != null) {
      losses.close();
      losses = null;
    }
  }
}
