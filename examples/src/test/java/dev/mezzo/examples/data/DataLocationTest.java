package dev.mezzo.examples.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataLocationTest {

  @TempDir Path folder;
  private Path debian;
  private Path cache;
  private Map<String, String> environment;

  @BeforeEach
  void folders() throws IOException {
    debian = Files.createDirectories(folder.resolve("debian"));
    cache = Files.createDirectories(folder.resolve("cache/mezzo/fashion-mnist"));
    environment = Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString());
  }

  @Test
  void theNamedFolderFirst() throws IOException {
    Files.createFile(debian.resolve("train-images-idx3-ubyte.gz"));
    assertEquals(
        new DataLocation.Folder(cache, "--data"),
        DataLocation.find(Optional.of(cache), debian, environment));
  }

  @Test
  void thenDebian() throws IOException {
    Files.createFile(debian.resolve("train-images-idx3-ubyte.gz"));
    Files.createFile(cache.resolve("train-images-idx3-ubyte.gz"));
    DataLocation found = DataLocation.find(Optional.empty(), debian, environment);
    assertEquals(debian + " (Debian's dataset-fashion-mnist)", found.description());
  }

  @Test
  void thenTheCacheEvenIfIncomplete() throws IOException {
    Files.createFile(cache.resolve("t10k-labels-idx1-ubyte"));
    DataLocation found = DataLocation.find(Optional.empty(), debian, environment);
    assertEquals(cache + " (the user's cache)", found.description());
    DataException e = assertThrows(DataException.class, () -> FashionMnist.train(found));
    assertTrue(
        e.getMessage().startsWith(cache.resolve("train-images-idx3-ubyte") + ": no such file"),
        e.getMessage());
  }

  @Test
  void thenTheBundledSubset() {
    DataLocation found = DataLocation.find(Optional.empty(), debian, environment);
    assertInstanceOf(DataLocation.Bundled.class, found);
    assertTrue(found.description().contains("10,000 + 2,000"), found.description());
  }

  @Test
  void aFileInPlaceOfAFolder() throws IOException {
    Path file = Files.createFile(folder.resolve("images.gz"));
    DataException e =
        assertThrows(
            DataException.class, () -> DataLocation.find(Optional.of(file), debian, Map.of()));
    assertTrue(e.getMessage().startsWith(file + " is no folder; name "), e.getMessage());
  }

  @Test
  void aNamedFolderThatIsNotThere() {
    Path gone = folder.resolve("gone");
    DataException e =
        assertThrows(
            DataException.class, () -> DataLocation.find(Optional.of(gone), debian, environment));
    assertTrue(e.getMessage().startsWith(gone + ": no such folder; "), e.getMessage());
  }

  @Test
  void theCacheOfAUserWithoutXdg() {
    Path home = Path.of(System.getProperty("user.home"));
    assertEquals(home.resolve(".cache/mezzo/fashion-mnist"), DataLocation.cache(Map.of()));
  }
}
