package dev.mezzo.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file beside its place and moves it there, so that nobody ever sees half of it. What is
 * no file of its own, a device or a pipe, is written to and never replaced; a link stays one.
 */
public final class WholeFile {

  private static final String CURE = "; make room, or name another place";

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
    Path part = partOf(whole);
    try {
      writeOut(part, content);
      move(part, whole);
    } finally {
      PartFiles.delete(part);
    }
  }

  /** Not a temporary file of Java's, which nobody else might read. */
  private static Path partOf(Path whole) {
    String name = "." + whole.getFileName() + "." + ProcessHandle.current().pid() + ".part";
    return whole.resolveSibling(name);
  }

  /** To the disk, too: the name must not outlive a crash that the contents do not. */
  private static void writeOut(Path part, Content content) throws IOException {
    try (FileChannel channel = PartFiles.create(part)) {
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
   * Says before the work that a file cannot be written behind it: tries, and leaves nothing.
   *
   * @param files null for those that were not asked for
   * @throws UncheckedIOException naming the file
   */
  public static void check(@Nullable Path... files) {
    Set<Path> others = new HashSet<>();
    for (Path file : files) {
      if (file != null) {
        try {
          check(file, others);
        } catch (IOException e) {
          throw failed(file, e);
        }
      }
    }
  }

  private static void check(Path file, Set<Path> others) throws IOException {
    Path whole = file.toAbsolutePath().normalize();
    Path there = whole.getParent();
    if (there == null || Files.isDirectory(whole)) {
      throw new IOException("it is a folder");
    }
    if (Files.exists(whole) && !Files.isRegularFile(whole)) {
      if (!Files.isWritable(whole)) {
        throw new AccessDeniedException(file.toString());
      }
      return;
    }
    if (!others.add(whole)) {
      throw new IOException("it is asked for twice; name two files");
    }
    while (there != null && Files.notExists(there)) {
      there = there.getParent();
    }
    if (there == null || !Files.isDirectory(there)) {
      throw new IOException(there + " is no folder");
    }
    Path real = Files.exists(whole) ? whole.toRealPath() : whole;
    Path part = partOf(there.equals(whole.getParent()) ? real : there.resolve("check"));
    try {
      PartFiles.create(part).close();
    } finally {
      PartFiles.delete(part);
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
    String why =
        switch (cause) {
          case AccessDeniedException denied ->
              "permission denied; name a place that you may write to";
          case NoSuchFileException gone -> "no file can be made there; name another place";
          case FileAlreadyExistsException taken -> taken.getFile() + " is no folder";
          case FileSystemException other when other.getReason() != null -> other.getReason() + CURE;
          default -> {
            String message = String.valueOf(cause.getMessage());
            yield message.startsWith("No space") ? message + CURE : message;
          }
        };
    return new UncheckedIOException("cannot write " + file + ": " + why, cause);
  }

  /** What is in a file. */
  @FunctionalInterface
  public interface Content {

    /** Writes all of it; the channel stays open. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }
}
