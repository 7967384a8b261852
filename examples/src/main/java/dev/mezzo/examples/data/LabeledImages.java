package dev.mezzo.examples.data;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Images with their classes, in an order. Immutable; the pixels are kept as they were read (a byte
 * each, mostly), are shared by all orders and widened batch by batch.
 */
public final class LabeledImages {

  /** What a byte stands for: byte / 255 in FP32. */
  private static final float[] WIDENED = new float[256];

  static {
    for (int i = 0; i < WIDENED.length; i++) {
      WIDENED[i] = i / 255f;
    }
  }

  private final IdxArray images;
  private final byte[] labels;
  private final int[] order;

  private LabeledImages(IdxArray images, byte[] labels, int[] order) {
    this.images = images;
    this.labels = labels;
    this.order = order;
  }

  /** In the order of the files, whose counts were checked to agree. */
  static LabeledImages of(IdxArray images, IdxArray.Bytes labels) {
    int[] order = IntStream.range(0, labels.values().length).toArray();
    return new LabeledImages(images, labels.values(), order);
  }

  /** Number of images. */
  public int count() {
    return order.length;
  }

  /** Pixels of an image. */
  public int pixels() {
    return images.dims().get(1) * images.dims().get(2);
  }

  /** The class of an image. */
  public int label(int index) {
    return labels[order[index]];
  }

  /** Writes an image's pixels, FP32, 0 to 1, row-major, to {@code to} from {@code at} on. */
  public void copyImage(int index, float[] to, int at) {
    int pixels = pixels();
    int from = order[index] * pixels;
    switch (images) {
      case IdxArray.Bytes bytes -> {
        byte[] values = bytes.values();
        for (int i = 0; i < pixels; i++) {
          to[at + i] = WIDENED[values[from + i] & 0xff];
        }
      }
      case IdxArray.Floats floats -> System.arraycopy(floats.values(), from, to, at, pixels);
    }
  }

  /**
   * The same images in the order that the seed gives: Fisher-Yates with {@link Random}, whose
   * sequence Java's specification fixes, so the same on every machine.
   */
  public LabeledImages shuffled(long seed) {
    Random random = new Random(seed);
    int[] shuffled = order.clone();
    for (int i = shuffled.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = shuffled[i];
      shuffled[i] = shuffled[j];
      shuffled[j] = swapped;
    }
    return new LabeledImages(images, labels, shuffled);
  }

  /** The first images; all of them where there are fewer. */
  public LabeledImages first(int count) {
    int[] first = Arrays.copyOf(order, Math.min(count, order.length));
    return new LabeledImages(images, labels, first);
  }

  /** Batches in this order; the last may be smaller. */
  public Batches batches(int size) {
    return new Batches(this, size, true);
  }

  /** Batches in this order without a last one that is smaller. */
  public Batches fullBatches(int size) {
    return new Batches(this, size, false);
  }
}
