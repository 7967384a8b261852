package dev.mezzo;

/**
 * How many tensors hold a storage, and whether it has memory. Apart from the storage, so that what
 * remembers a tensor that was not closed does not keep its memory: that goes with the tensor.
 * Thread-safe.
 */
final class Holders {

  private final Memory memory;
  private final long bytes;
  private int count;
  private boolean present = true;

  Holders(Memory memory, long bytes) {
    this.memory = memory;
    this.bytes = bytes;
    memory.allocated(bytes);
  }

  synchronized void open() {
    count++;
  }

  /** One tensor less. Returns whether it was the last. */
  synchronized boolean close() {
    count--;
    if (count > 0) {
      return false;
    }
    if (present) {
      memory.released(bytes);
    }
    return true;
  }

  synchronized boolean shared() {
    return count > 1;
  }

  /** The memory was given back while tensors hold the storage. */
  synchronized void without() {
    present = false;
    memory.released(bytes);
  }

  /** There is memory again. */
  synchronized void with() {
    present = true;
    memory.allocated(bytes);
  }
}
