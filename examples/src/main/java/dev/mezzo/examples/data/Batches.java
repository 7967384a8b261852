package dev.mezzo.examples.data;

import dev.mezzo.Tensor;
import dev.mezzo.types.Shape;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Images batch by batch, on the default device. The iterator owns the tensors: a batch is closed
 * when the next one is asked for, so that a loop needs no close and holds one batch at a time.
 * {@link Tensor#retain} keeps a tensor longer.
 */
public final class Batches implements Iterable<Batch> {

  private final LabeledImages data;
  private final int size;
  private final int count;

  Batches(LabeledImages data, int size, boolean last) {
    if (size < 1) {
      throw new IllegalArgumentException("batch size must be at least 1, but is " + size);
    }
    this.data = data;
    this.size = size;
    this.count = last ? Math.ceilDiv(data.count(), size) : data.count() / size;
  }

  /** Number of batches. */
  public int count() {
    return count;
  }

  @Override
  public Iterator<Batch> iterator() {
    return new Iterator<>() {
      private final float[] pixels = new float[Math.min(size, data.count()) * data.pixels()];
      private int next;
      private @Nullable Batch current;

      @Override
      public boolean hasNext() {
        if (next == count) {
          closeCurrent();
        }
        return next < count;
      }

      @Override
      public Batch next() {
        closeCurrent();
        if (next == count) {
          throw new NoSuchElementException("all " + count + " batches were read");
        }
        Batch batch = batch(next++, pixels);
        current = batch;
        return batch;
      }

      private void closeCurrent() {
        if (current != null) {
          current.close();
          current = null;
        }
      }
    };
  }

  private Batch batch(int index, float[] staging) {
    int from = index * size;
    int images = Math.min(size, data.count() - from);
    int values = images * data.pixels();
    float[] pixels = values == staging.length ? staging : new float[values];
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      data.copyImage(from + i, pixels, i * data.pixels());
      labels[i] = data.label(from + i);
    }
    return new Batch(
        Tensor.of(Shape.of(images, data.pixels()), pixels),
        Tensor.ofInts(Shape.of(images), labels));
  }
}
