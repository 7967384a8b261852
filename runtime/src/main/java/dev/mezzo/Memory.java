package dev.mezzo;

import dev.mezzo.types.Layout;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a device's tensors hold. A tensor that is never closed is counted as live until the
 * garbage collector has found it; then {@link #abandonedTensors} counts it. With the system
 * property {@code mezzo.memory.trace=true} the place where each live tensor was made is known.
 * Thread-safe.
 */
public final class Memory {

  private static final boolean TRACE = Boolean.getBoolean("mezzo.memory.trace");

  private final AtomicLong liveBytes = new AtomicLong();
  private final AtomicLong peakBytes = new AtomicLong();
  private final AtomicLong savedBytes = new AtomicLong();
  private final AtomicLong peakSavedBytes = new AtomicLong();
  private final AtomicLong abandoned = new AtomicLong();
  private final Set<Handle> handles = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<Tensor> unreachable = new ReferenceQueue<>();

  Memory() {}

  /** Bytes of all tensors that are not closed; views count once. */
  public long liveBytes() {
    collect();
    return liveBytes.get();
  }

  /** Tensors that are not closed, views and parameters included. */
  public long liveTensors() {
    collect();
    return handles.size();
  }

  /** The most {@link #liveBytes} since the start or {@link #resetPeaks}. */
  public long peakBytes() {
    return peakBytes.get();
  }

  /** Bytes that tapes hold for backward, without parameters and their shadows. */
  public long savedBytes() {
    return savedBytes.get();
  }

  /** The most {@link #savedBytes} since the start or {@link #resetPeaks}. */
  public long peakSavedBytes() {
    return peakSavedBytes.get();
  }

  /**
   * Tensors that became unreachable without having been closed, as far as the garbage collector has
   * told.
   */
  public long abandonedTensors() {
    collect();
    return abandoned.get();
  }

  /** Starts the peaks again at what is held now. */
  public void resetPeaks() {
    collect();
    peakBytes.set(liveBytes.get());
    peakSavedBytes.set(savedBytes.get());
  }

  /**
   * The live tensors, grouped by where they were made, most frequent first; the places only with
   * {@code mezzo.memory.trace}.
   */
  public List<String> liveSites() {
    collect();
    return handles.stream()
        .collect(Collectors.groupingBy(Handle::description, Collectors.counting()))
        .entrySet()
        .stream()
        .sorted((a, b) -> Long.compare(b.getValue(), a.getValue()))
        .map(entry -> entry.getValue() + " x " + entry.getKey())
        .toList();
  }

  @Override
  public String toString() {
    return "%,d bytes in %,d tensors, at most %,d; saved for backward %,d, at most %,d"
        .formatted(liveBytes(), liveTensors(), peakBytes(), savedBytes(), peakSavedBytes());
  }

  void allocated(long bytes) {
    collect();
    long live = liveBytes.addAndGet(bytes);
    peakBytes.accumulateAndGet(live, Math::max);
  }

  void released(long bytes) {
    liveBytes.addAndGet(-bytes);
  }

  /** Called by a tape for each storage that it begins (or, negative, ceases) to hold. */
  void saved(long bytes) {
    long saved = savedBytes.addAndGet(bytes);
    peakSavedBytes.accumulateAndGet(saved, Math::max);
  }

  Handle opened(Tensor tensor, Holders holders, Layout layout) {
    holders.open();
    Handle handle = new Handle(tensor, unreachable, holders, layout, TRACE ? site() : null);
    handles.add(handle);
    return handle;
  }

  void closed(Handle handle) {
    handles.remove(handle);
    handle.clear();
  }

  private void collect() {
    Reference<? extends Tensor> found = unreachable.poll();
    while (found != null) {
      if (found instanceof Handle handle && handles.remove(handle)) {
        abandoned.incrementAndGet();
        handle.holders.close();
      }
      found = unreachable.poll();
    }
  }

  /** The first frames above the machinery of tensors. */
  private static String site() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> !isMachinery(frame.getClassName()))
                    .limit(4)
                    .map(StackWalker.StackFrame::toString)
                    .collect(Collectors.joining(" < ")));
  }

  private static boolean isMachinery(String name) {
    return name.equals(Memory.class.getName())
        || name.equals(Tensor.class.getName())
        || name.equals(Parameter.class.getName());
  }

  /** What outlives a tensor that was not closed. */
  static final class Handle extends PhantomReference<Tensor> {

    private final Holders holders;
    private final Layout layout;
    private final @Nullable String site;

    private Handle(
        Tensor tensor,
        ReferenceQueue<Tensor> queue,
        Holders holders,
        Layout layout,
        @Nullable String site) {
      super(tensor, queue);
      this.holders = holders;
      this.layout = layout;
      this.site = site;
    }

    private String description() {
      String what = layout.shape() + " " + layout.dtype();
      return site == null ? what : what + " made at " + site;
    }
  }
}
