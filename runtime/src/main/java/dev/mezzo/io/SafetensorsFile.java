package dev.mezzo.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file that is read: the length of its header in 8 bytes, little-endian; the header,
 * in JSON; the elements. The header is read and checked when the file is opened: names, types and
 * shapes, and that the tensors fill the file without gap or overlap.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class SafetensorsFile implements AutoCloseable {

  /** The longest header that the format allows. */
  static final int MOST_HEADER = 100_000_000;

  private static final int PORTION = 1 << 30;
  private static final String CURE =
      "; it is another kind of file, or was not copied or downloaded in full";

  private final Path path;
  private final FileChannel channel;
  private final long dataBegin;
  private final SafetensorsHeader header;

  private SafetensorsFile(
      Path path, FileChannel channel, long dataBegin, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.dataBegin = dataBegin;
    this.header = header;
  }

  /**
   * Opens a file.
   *
   * @throws CheckpointException if it is no safetensors file, or not a whole one
   * @throws UncheckedIOException if it is not there or cannot be read, naming it
   */
  public static SafetensorsFile open(Path path) {
    FileChannel channel = null;
    try {
      if (Files.isDirectory(path)) {
        throw new CheckpointException(path, "is a folder, but must be a safetensors file");
      }
      channel = FileChannel.open(path, StandardOpenOption.READ);
      return open(path, channel);
    } catch (IOException e) {
      close(channel, e);
      throw failed(path, e);
    } catch (RuntimeException e) {
      close(channel, e);
      throw e;
    }
  }

  private static SafetensorsFile open(Path path, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < Long.BYTES) {
      throw new CheckpointException(path, "is no safetensors file: it has " + size + " bytes");
    }
    ByteBuffer first = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readAll(channel, first, 0);
    long length = first.getLong(0);
    if (length < 2 || length > Math.min(MOST_HEADER, size - Long.BYTES)) {
      throw new CheckpointException(
          path,
          "is no safetensors file: the header would have %s of the file's %d bytes"
                  .formatted(Long.toUnsignedString(length), size)
              + CURE);
    }
    ByteBuffer json = ByteBuffer.allocate((int) length);
    readAll(channel, json, Long.BYTES);
    long dataBegin = Long.BYTES + length;
    try {
      SafetensorsHeader header =
          SafetensorsHeader.parse(
              StandardCharsets.UTF_8.newDecoder().decode(json.flip()).toString());
      header.checkPlaces(size - dataBegin);
      return new SafetensorsFile(path, channel, dataBegin, header);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          path, "is no whole safetensors file: " + e.getMessage() + CURE, e);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(
          path, "is no safetensors file: its header is not in UTF-8" + CURE, e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** What its writer said of it. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  /** All tensors by their names, in the order of the header. */
  public Map<String, StoredTensor> tensors() {
    return Collections.unmodifiableMap(header.tensors());
  }

  /** The tensor of a name; empty if there is none. */
  public Optional<StoredTensor> tensor(String name) {
    return Optional.ofNullable(header.tensors().get(name));
  }

  /**
   * The elements of a tensor of this file, row-major, little-endian, in new memory of {@code
   * arena}.
   *
   * @throws UncheckedIOException if they cannot be read, naming the file
   */
  public MemorySegment read(StoredTensor tensor, Arena arena) {
    long bytes = tensor.end() - tensor.begin();
    MemorySegment memory = arena.allocate(bytes, Long.BYTES);
    try {
      for (long done = 0; done < bytes; done += PORTION) {
        ByteBuffer part = memory.asSlice(done, Math.min(PORTION, bytes - done)).asByteBuffer();
        readAll(channel, part, dataBegin + tensor.begin() + done);
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
    return memory;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  private static void readAll(FileChannel channel, ByteBuffer to, long from) throws IOException {
    long at = from;
    while (to.hasRemaining()) {
      int read = channel.read(to, at);
      if (read < 0) {
        throw new EOFException("it ended while it was read");
      }
      at += read;
    }
  }

  private static void close(@Nullable FileChannel channel, Exception why) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        why.addSuppressed(e);
      }
    }
  }

  private static UncheckedIOException failed(Path path, IOException cause) {
    return new UncheckedIOException(
        "cannot read %s: %s"
            .formatted(
                path,
                switch (cause) {
                  case NoSuchFileException gone -> "there is no such file";
                  case AccessDeniedException denied -> "permission denied";
                  default -> cause.getMessage();
                }),
        cause);
  }
}
