package dev.mezzo.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file beside its place and moves it there, so that nobody ever sees half of it. What is
 * no file of its own, a device or a pipe, is written to and never replaced; a link stays one.
 */
public final class WholeFile {

  private WholeFile() {}

  /**
   * Writes {@code text} in UTF-8, replacing what is there; makes the folder.
   *
   * @throws UncheckedIOException naming the file
   */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes {@code bytes}, replacing what is there; makes the folder.
   *
   * @throws UncheckedIOException naming the file
   */
  public static void write(Path file, byte[] bytes) {
    write(file, channel -> writeAll(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * Writes what {@code content} writes, replacing what is there; makes the folder.
   *
   * @throws UncheckedIOException naming the file
   */
  public static void write(Path file, Content content) {
    Path whole = file.toAbsolutePath();
    Path folder = whole.getParent();
    if (folder == null || Files.isDirectory(whole)) {
      throw failed(file, new IOException("it is a folder"));
    }
    try {
      if (Files.exists(whole) && !Files.isRegularFile(whole)) {
        try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
          content.writeTo(channel);
        }
      } else {
        Files.createDirectories(folder);
        replace(Files.exists(whole) ? whole.toRealPath() : whole, content);
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static void replace(Path whole, Content content) throws IOException {
    // Not a temporary file of Java's, which nobody else might read.
    String name = "." + whole.getFileName() + "." + ProcessHandle.current().pid() + ".part";
    Path part = whole.resolveSibling(name);
    part.toFile().deleteOnExit(); // also on Ctrl-C
    try {
      writeOut(part, content);
      move(part, whole);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** To the disk, too: the name must not outlive a crash that the contents do not. */
  private static void writeOut(Path part, Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            part,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      content.writeTo(channel);
      channel.force(true);
    }
  }

  private static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Says before the work that a file cannot be written behind it.
   *
   * @param file null where none was asked for
   * @throws UncheckedIOException naming the file
   */
  public static void check(@Nullable Path file) {
    if (file == null) {
      return;
    }
    Path there = file.toAbsolutePath().getParent();
    if (there == null || Files.isDirectory(file)) {
      throw failed(file, new IOException("it is a folder"));
    }
    while (there != null && Files.notExists(there)) {
      there = there.getParent();
    }
    if (there == null || !Files.isDirectory(there)) {
      throw failed(file, new IOException(there + " is no folder"));
    }
    if (!Files.isWritable(there)) {
      throw failed(file, new IOException(there + " may not be written to"));
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static UncheckedIOException failed(Path file, IOException cause) {
    String reason = cause.getClass() == IOException.class ? "" : cause.getClass().getSimpleName();
    return new UncheckedIOException(
        "cannot write " + file + ": " + (reason + " " + cause.getMessage()).strip(), cause);
  }

  /** What is in a file. */
  @FunctionalInterface
  public interface Content {

    /** Writes all of it; the channel stays open. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }
}
