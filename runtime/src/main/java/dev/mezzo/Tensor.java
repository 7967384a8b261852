package dev.mezzo;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An array of numbers on a {@link Device}: shape, element type, memory.
 *
 * <p>Ownership: whoever makes a tensor owns one reference to it, and gives it back with {@link
 * #close}; {@link #retain} adds one. Operations borrow their operands and return a new tensor,
 * which the caller owns. Memory whose last reference is closed is used again at once; a tensor that
 * is never closed is left to the garbage collector, so closing is a matter of speed and memory, not
 * of correctness. Closing too often, or using a closed tensor, is an {@link IllegalStateException}.
 *
 * <p>Views ({@link Ops#reshape}, {@link Ops#transpose}) are tensors of their own on the same
 * memory. Any thread may use a tensor, retain it and close it; who writes to it ({@link #copyFrom},
 * {@link #fill}) sees to it that nobody reads it meanwhile.
 */
public sealed class Tensor implements AutoCloseable permits Parameter {

  private static final int SHOWN = 8;

  private final Storage storage;
  private final Layout layout;
  private final AtomicInteger references = new AtomicInteger(1);
  private final Memory.Handle handle;

  Tensor(Storage storage, Layout layout) {
    this.storage = storage;
    this.layout = layout;
    this.handle = storage.device().memory().opened(this, storage.holders(), layout);
  }

  /** An FP32 tensor on the default device, of {@code values} in row-major order. */
  public static Tensor of(Shape shape, float... values) {
    return allocate(shape, DType.FP32).copyFrom(values);
  }

  /** An INT32 tensor on the default device, of {@code values} in row-major order. */
  public static Tensor ofInts(Shape shape, int... values) {
    return allocate(shape, DType.INT32).copyFrom(values);
  }

  /** A tensor of zeros on the default device. */
  public static Tensor zeros(Shape shape, DType dtype) {
    return zeros(Device.current(), shape, dtype);
  }

  /** A tensor of zeros. */
  public static Tensor zeros(Device device, Shape shape, DType dtype) {
    return allocate(device, shape, dtype).fill(0f);
  }

  /** A tensor on the default device, contents undefined. */
  public static Tensor allocate(Shape shape, DType dtype) {
    return allocate(Device.current(), shape, dtype);
  }

  /** A tensor, contents undefined. */
  public static Tensor allocate(Device device, Shape shape, DType dtype) {
    return new Tensor(storage(device, shape, dtype), new Layout(shape, dtype, false));
  }

  /** Contents undefined; stored as {@code layout} says. */
  static Tensor allocate(Device device, Layout layout) {
    return new Tensor(storage(device, layout.shape(), layout.dtype()), layout);
  }

  static Storage storage(Device device, Shape shape, DType dtype) {
    return new Storage(device, Math.multiplyExact(shape.size(), (long) dtype.bytes()));
  }

  /** Dimensions. */
  public final Shape shape() {
    return layout.shape();
  }

  /** Type of the elements. */
  public final DType dtype() {
    return layout.dtype();
  }

  /** Shape, element type, and whether the last two dimensions are stored transposed. */
  public final Layout layout() {
    return layout;
  }

  /** Where the memory is and the operations run. */
  public final Device device() {
    return storage.device();
  }

  /** One reference more; to be closed as well. Returns this. */
  public Tensor retain() {
    if (references.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
      throw closedBefore("retain");
    }
    return this;
  }

  /** One reference less; at the last one the memory is given back. */
  @Override
  public final void close() {
    int before = references.getAndUpdate(count -> Math.max(0, count - 1));
    if (before == 0) {
      throw new IllegalStateException("tensor " + describe() + " is closed twice");
    }
    if (before == 1) {
      device().memory().closed(handle);
      storage.close();
    }
  }

  /** Whether the last reference was closed. */
  public final boolean isClosed() {
    return references.get() == 0;
  }

  /**
   * The elements, for kernels of {@link Device#backend}.
   *
   * @throws IllegalStateException if the tensor is closed, or is a transposed view, which {@link
   *     #contiguous} copies
   */
  public final Operand operand() {
    if (layout.transposed()) {
      throw new IllegalStateException(
          "tensor " + describe() + " is a transposed view; take contiguous() of it");
    }
    return stored();
  }

  /**
   * The elements in the order in which they are stored: with the last two dimensions swapped if
   * transposed.
   */
  final Operand stored() {
    checkOpen("use");
    return new Operand(storage.data(), dtype(), shape().size());
  }

  /**
   * This tensor, retained, or a row-major copy if it is a transposed view. The caller owns the
   * result.
   */
  public final Tensor contiguous() {
    if (!layout.transposed()) {
      return retain();
    }
    Shape shape = shape();
    Tensor copy = allocate(device(), shape, dtype());
    if (shape.size() > 0) {
      int storedRows = shape.dim(-1);
      int storedCols = shape.dim(-2);
      int batch = Math.toIntExact(shape.size() / storedRows / storedCols);
      device().backend().transpose(stored(), copy.operand(), batch, storedRows, storedCols);
    }
    return copy;
  }

  /** Another handle on the same memory. The caller owns it. */
  final Tensor view(Shape shape, boolean transposed) {
    checkOpen("view");
    return new Tensor(storage, new Layout(shape, dtype(), transposed));
  }

  final Storage storage() {
    return storage;
  }

  /**
   * Whether nobody else holds this tensor or a view of its memory, so that its only owner may write
   * to it.
   */
  final boolean exclusive() {
    return references.get() == 1 && !storage.shared();
  }

  /** Sets every element; for INT32, to the value's integer part. Returns this. */
  public final Tensor fill(float value) {
    storage.checkUnclaimed();
    device().backend().fill(stored(), value);
    return this;
  }

  /**
   * Copies values in row-major order, rounded to nearest, ties to even. Returns this.
   *
   * @throws ShapeException if their number is not the shape's size, or the elements are INT32
   */
  public final Tensor copyFrom(float[] values) {
    HostCopy.upload(this, values);
    return this;
  }

  /** Copies values in row-major order to an INT32 tensor. Returns this. */
  public final Tensor copyFrom(int[] values) {
    HostCopy.upload(this, values);
    return this;
  }

  /** The elements of a float tensor in row-major order, exactly. Waits for the device. */
  public final float[] toFloats() {
    return HostCopy.floats(this);
  }

  /** The elements of an INT32 tensor in row-major order. Waits for the device. */
  public final int[] toInts() {
    return HostCopy.ints(this);
  }

  /** The only element, of a tensor of size 1. Waits for the device. */
  public final float item() {
    if (shape().size() != 1) {
      throw new ShapeException("item: " + shape() + " must have exactly one element");
    }
    return dtype() == DType.INT32 ? toInts()[0] : toFloats()[0];
  }

  /**
   * As in {@code Tensor (2, 3) FP32 [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}; of a long tensor the first
   * elements.
   */
  @Override
  public String toString() {
    String kind = getClass().getSimpleName() + " " + describe();
    return isClosed() ? kind + ", closed" : kind + " " + HostCopy.show(this, SHOWN);
  }

  private String describe() {
    return shape() + " " + dtype() + (layout.transposed() ? " transposed" : "");
  }

  private void checkOpen(String what) {
    if (isClosed()) {
      throw closedBefore(what);
    }
  }

  private IllegalStateException closedBefore(String what) {
    return new IllegalStateException(what + " of tensor " + describe() + " after it was closed");
  }
}
