package dev.mezzo.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * Files that are being written and have no name of their own yet. When the program ends, also by
 * Ctrl-C, those that are there are deleted, and no more are made: threads go on while hooks run, so
 * that {@link java.io.File#deleteOnExit} may come before the file that it is to delete.
 */
final class PartFiles {

  private static final Set<Path> OPEN = new HashSet<>();
  private static boolean ending;

  static {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(PartFiles::end, "mezzo-part-files"));
    } catch (IllegalStateException e) {
      ending = true; // by now
    }
  }

  private PartFiles() {}

  /** Makes a file, empty, and opens it for writing. */
  static FileChannel create(Path part) throws IOException {
    synchronized (OPEN) {
      if (ending) {
        throw new IOException("the program is ending");
      }
      OPEN.add(part);
      return FileChannel.open(
          part,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
    }
  }

  /** Deletes a file, unless it has been moved or was never there. */
  static void delete(Path part) throws IOException {
    synchronized (OPEN) {
      OPEN.remove(part);
      Files.deleteIfExists(part);
    }
  }

  private static void end() {
    synchronized (OPEN) {
      ending = true;
      for (Path part : OPEN) {
        try {
          Files.deleteIfExists(part);
        } catch (IOException e) {
          System.getLogger(PartFiles.class.getName())
              .log(System.Logger.Level.WARNING, "cannot delete " + part, e);
        }
      }
    }
  }
}
