package dev.mezzo.io;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes a safetensors file: whole, or not at all. As in the format's own writer the header is
 * filled up to 8 bytes and larger elements come first, so that every element is aligned.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class SafetensorsWriter {

  private static final int PORTION = 1 << 24;

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** A file of nothing yet. */
  public SafetensorsWriter() {}

  /** Says something of the file. Returns this. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a tensor. Returns this.
   *
   * @param elements asked for once, while the file is written
   * @throws IllegalArgumentException if there is one of that name
   */
  public SafetensorsWriter add(String name, DType dtype, Shape shape, Elements elements) {
    if (entries.put(name, new Entry(StoredType.of(dtype), shape, elements)) != null) {
      throw new IllegalArgumentException("two tensors are called '" + name + "'; rename one");
    }
    return this;
  }

  /**
   * Writes all.
   *
   * @throws UncheckedIOException naming the file, which is then as it was before
   */
  public void write(Path file) {
    List<StoredTensor> places = new ArrayList<>();
    List<String> names = new ArrayList<>(entries.keySet());
    names.sort(Comparator.comparingInt(name -> -entry(name).type().bytes()));
    long end = 0;
    for (String name : names) {
      Entry entry = entry(name);
      long begin = end;
      end += entry.bytes();
      places.add(new StoredTensor(name, entry.type(), entry.shape(), begin, end));
    }
    byte[] header = header(SafetensorsHeader.write(metadata, places));
    WholeFile.write(
        file,
        channel -> {
          writeAll(channel, MemorySegment.ofArray(header));
          for (String name : names) {
            write(channel, entry(name));
          }
        });
  }

  private Entry entry(String name) {
    return Objects.requireNonNull(entries.get(name));
  }

  /** The header's length and the header, filled up with spaces. */
  private static byte[] header(String json) {
    byte[] text = SafetensorsHeader.bytes(json);
    int length = Math.ceilDiv(text.length, Long.BYTES) * Long.BYTES;
    byte[] header = new byte[Long.BYTES + length];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(text);
    return header;
  }

  private static void write(WritableByteChannel channel, Entry entry) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(entry.bytes(), Long.BYTES);
      entry.elements().copyTo(memory);
      writeAll(channel, memory);
    }
  }

  /** In portions, since a channel copies what is not in native memory as a whole. */
  private static void writeAll(WritableByteChannel channel, MemorySegment memory)
      throws IOException {
    for (long done = 0; done < memory.byteSize(); done += PORTION) {
      long count = Math.min(PORTION, memory.byteSize() - done);
      ByteBuffer part = memory.asSlice(done, count).asByteBuffer();
      while (part.hasRemaining()) {
        channel.write(part);
      }
    }
  }

  /** The elements of a tensor. */
  @FunctionalInterface
  public interface Elements {

    /** Copies all, row-major and little-endian, to host memory of their size. */
    void copyTo(MemorySegment host);
  }

  private record Entry(StoredType type, Shape shape, Elements elements) {
    long bytes() {
      return shape.size() * type.bytes();
    }
  }
}
