package dev.mezzo;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory behind a tensor and its views: one block of the device's pool, which goes back when
 * the last handle is closed. Shared between handles; thread-safe.
 */
final class Storage {

  private final Device device;
  private final long bytes;
  private final Holders holders;
  private @Nullable MemorySegment block;
  private boolean persistent;
  private final List<String> readers = new ArrayList<>();
  private @Nullable String claim;
  private long version;
  private @Nullable String elsewhere;

  Storage(Device device, long bytes) {
    this.device = device;
    this.bytes = bytes;
    this.block = device.pool().take(bytes);
    this.holders = new Holders(device.memory(), bytes);
  }

  Device device() {
    return device;
  }

  /** Bytes in use: of the elements, not of the block. */
  long bytes() {
    return bytes;
  }

  /** The elements' memory. */
  synchronized MemorySegment data() {
    if (block == null) {
      throw new IllegalStateException(
          elsewhere == null
              ? "the tensor's memory was given back: it is used after close"
              : elsewhere);
    }
    return block.asSlice(0, bytes);
  }

  /** Whether more than one handle reads this memory. */
  boolean shared() {
    return holders.shared();
  }

  /** Whether this holds a parameter or its shadow, which a tape does not count as saved. */
  synchronized boolean persistent() {
    return persistent;
  }

  synchronized void markPersistent() {
    persistent = true;
  }

  /**
   * Reserves the contents for one owner, who changes them: until {@link #unclaim}, another claim,
   * and a write from the host, is an error. They may be read.
   *
   * @param why what the error says
   */
  synchronized void claim(String why) {
    if (claim != null) {
      throw new IllegalStateException(claim);
    }
    claim = why;
  }

  synchronized void unclaim() {
    claim = null;
  }

  /**
   * Keeps copies of the contents: until {@link #unread} a write from the host is an error, and so
   * is giving them up. Whoever changes them says so by {@link #changed}.
   *
   * @param why what the error says
   */
  synchronized void read(String why) {
    readers.add(why);
  }

  synchronized void unread(String why) {
    readers.remove(why);
  }

  /** Called before the host writes. */
  synchronized void checkUnclaimed() {
    if (claim != null) {
      throw new IllegalStateException(claim);
    }
    checkUnread();
  }

  private void checkUnread() {
    if (!readers.isEmpty()) {
      throw new IllegalStateException(readers.getFirst());
    }
  }

  /** How often the owner has changed the contents. */
  synchronized long version() {
    return version;
  }

  /** The contents are others; returns the new {@link #version}. */
  synchronized long changed() {
    return ++version;
  }

  /**
   * Gives the block back while the values live elsewhere; using them meanwhile is an error.
   *
   * @param where what the error says
   */
  synchronized void giveUp(String where) {
    checkUnread();
    if (block != null) {
      elsewhere = where;
      holders.without();
      device.pool().give(block);
      block = null;
    }
  }

  /** Takes a block again after {@link #giveUp}, contents undefined. */
  synchronized void takeBack() {
    if (elsewhere != null) {
      block = device.pool().take(bytes);
      holders.with();
      elsewhere = null;
    }
  }

  synchronized boolean givenUp() {
    return elsewhere != null;
  }

  Holders holders() {
    return holders;
  }

  /**
   * One tensor less. The block whose last tensor was closed goes back to the pool. One that is held
   * by a tensor which was never closed does not: a kernel may still be running on it when the
   * tensor has become unreachable.
   */
  void close() {
    if (holders.close()) {
      release();
    }
  }

  private synchronized void release() {
    if (block != null) {
      device.pool().give(block);
      block = null;
    }
  }
}
