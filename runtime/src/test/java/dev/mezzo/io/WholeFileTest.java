package dev.mezzo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class WholeFileTest {

  @TempDir Path folder;

  @Test
  void makesFoldersAndReplaces() throws IOException {
    Path inside = folder.resolve("a/b");
    Path file = inside.resolve("report.json");
    WholeFile.write(file, "old, and longer");
    WholeFile.write(file, "nëw");
    assertEquals("nëw", Files.readString(file));
    assertEquals(List.of("report.json"), names(inside));
  }

  @Test
  void whereAFolderIs() throws IOException {
    Path file = Files.createDirectory(folder.resolve("report.json"));
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> WholeFile.write(file, "text"));
    assertEquals("cannot write " + file + ": it is a folder", e.getMessage());
    assertEquals(List.of("report.json"), names(folder));
  }

  @Test
  void whereAFileIsInTheWay() throws IOException {
    Path inTheWay = Files.createFile(folder.resolve("file"));
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class,
            () -> WholeFile.write(inTheWay.resolve("report.json"), "text"));
    assertTrue(String.valueOf(e.getMessage()).startsWith("cannot write " + inTheWay));
  }

  /** Where a folder cannot be written to, also by root: before the work, and without a trace. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void isCheckedByTrying() throws IOException {
    Path nowhere = Path.of("/proc/nowhere/report.json");
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> WholeFile.check(nowhere));
    assertEquals(
        "cannot write " + nowhere + ": no file can be made there; name another place",
        e.getMessage());
    WholeFile.check(folder.resolve("a/b/report.json"), folder.resolve("report.json"), null);
    assertEquals(List.of(), names(folder));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDisk() {
    Path full = Path.of("/dev/full");
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> WholeFile.write(full, "text"));
    assertEquals(
        "cannot write /dev/full: No space left on device; make room, or name another place",
        e.getMessage());
  }

  /** By a pipe, which anybody may make: as root, a device would be gone. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void whatIsNoFileIsWrittenToAndStays() throws IOException, InterruptedException {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Files.readString(pipe);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    WholeFile.write(pipe, "text");
    if (Files.isRegularFile(pipe)) {
      throw new AssertionError("the pipe was replaced by a file");
    }
    assertEquals("text", read.join());
    assertEquals(List.of("pipe"), names(folder));
  }

  @Test
  void aLinkStaysOne() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    WholeFile.write(link, "text");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("text", Files.readString(file));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }
}
