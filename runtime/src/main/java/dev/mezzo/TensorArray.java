package dev.mezzo;

import dev.mezzo.types.Layout;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an array or list of tensors is in generated code: it owns what is in it. In backward one
 * holds the gradients of another one's elements; a place without one stands for zeros.
 *
 * <p>Tensors that are given are borrowed, unless said otherwise; those that are returned belong to
 * the caller. For one thread at a time.
 */
public final class TensorArray implements AutoCloseable {
  private @Nullable Tensor[] tensors;
  private int size;

  /** With so many places, all empty. */
  public TensorArray(int places) {
    this.tensors = new @Nullable Tensor[places];
    this.size = places;
  }

  /** Of these tensors. */
  public static TensorArray of(Tensor... tensors) {
    TensorArray array = new TensorArray(0);
    for (Tensor tensor : tensors) {
      array.set(array.size, tensor);
    }
    return array;
  }

  /** Of these tensors, which are given up. */
  public static TensorArray owning(Tensor... tensors) {
    TensorArray array = new TensorArray(0);
    array.tensors = tensors.clone();
    array.size = tensors.length;
    return array;
  }

  /** Of a record's tensors, which are given up: what its components return. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  public static <R> TensorArray owning(R record, Function<? super R, Tensor>... components) {
    return owning(Arrays.stream(components).map(each -> each.apply(record)).toArray(Tensor[]::new));
  }

  /** Number of places. */
  public int size() {
    return size;
  }

  /**
   * The tensor at a place.
   *
   * @throws IndexOutOfBoundsException if there is no such place
   * @throws IllegalStateException if nothing has been put there
   */
  public Tensor get(int index) {
    return tensor(index).retain();
  }

  private Tensor tensor(int index) {
    Tensor tensor = tensors[checked(index, size)];
    if (tensor == null) {
      throw new IllegalStateException(
          "element %d of %d has not been assigned".formatted(index, size));
    }
    return tensor;
  }

  /**
   * Puts a tensor at a place instead of what was there, or at a new one behind the last.
   *
   * @throws IndexOutOfBoundsException if there is no such place
   */
  public void set(int index, Tensor tensor) {
    grow(checked(index, size + 1) + 1);
    Tensor before = tensors[index];
    tensors[index] = tensor.retain();
    if (before != null) {
      before.close();
    }
  }

  /** All tensors, borrowed; each place must have one. */
  public Tensor[] toArray() {
    Tensor[] all = new Tensor[size];
    for (int i = 0; i < size; i++) {
      all[i] = tensor(i);
    }
    return all;
  }

  /** The layouts of all tensors. */
  public Layout[] layouts() {
    return Arrays.stream(toArray()).map(Tensor::layout).toArray(Layout[]::new);
  }

  /** Adds a gradient to what is there. */
  public void plus(int index, Tensor gradient) {
    addOwned(index, gradient.retain());
  }

  /** Adds a gradient to each place; they are given up. */
  public void plus(Tensor[] gradients) {
    for (int i = 0; i < gradients.length; i++) {
      addOwned(i, gradients[i]);
    }
  }

  private void addOwned(int index, Tensor gradient) {
    grow(index + 1);
    tensors[index] = GradientSum.plus(tensors[index], gradient);
  }

  /** Takes away what has added up, or zeros where nothing has: the element begins here. */
  public Tensor take(int index, Layout layout) {
    grow(index + 1);
    Tensor taken = tensors[index];
    tensors[index] = null;
    return GradientSum.orZeros(taken, layout);
  }

  /** Gives up what has added up: nobody wants it. */
  public void drop(int index) {
    if (index < size) {
      Tensor unwanted = tensors[index];
      tensors[index] = null;
      if (unwanted != null) {
        unwanted.close();
      }
    }
  }

  /** The gradients of all elements, borrowed; zeros where nothing has added up. */
  public Tensor[] filled(Layout[] layouts) {
    grow(layouts.length);
    for (int i = 0; i < layouts.length; i++) {
      tensors[i] = GradientSum.orZeros(tensors[i], layouts[i]);
    }
    return toArray();
  }

  /** A second owner of all that is in it now. */
  TensorArray copy() {
    return of(toArray());
  }

  private void grow(int places) {
    if (places > tensors.length) {
      tensors = Arrays.copyOf(tensors, Math.max(places, 2 * tensors.length));
    }
    size = Math.max(size, places);
  }

  private static int checked(int index, int size) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("element %d of %d".formatted(index, size));
    }
    return index;
  }

  /** Gives up all that is in it. */
  @Override
  public void close() {
    for (int i = 0; i < size; i++) {
      drop(i);
    }
  }
}
