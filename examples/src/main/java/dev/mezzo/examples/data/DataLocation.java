package dev.mezzo.examples.data;

import java.io.FileNotFoundException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where the four files of Fashion-MNIST are. */
public sealed interface DataLocation {

  /** Where Debian's package dataset-fashion-mnist puts them. */
  Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

  /** What to say of this location, as in {@code the bundled subset: 10,000 + 2,000 images}. */
  String description();

  /** The file that is called {@code name} in the data set, gzipped or plain. */
  IdxFile file(String name);

  /**
   * The folder that the user named; else Debian's; else the user's cache; else the bundled subset.
   * A folder of the latter two counts if it has any of the files: an incomplete one is an error
   * later, not a reason to take other data in silence.
   */
  static DataLocation find(Optional<Path> named) {
    return find(named, DEBIAN, System.getenv());
  }

  /** The same, with Debian's folder and the environment given. */
  static DataLocation find(Optional<Path> named, Path debian, Map<String, String> environment) {
    if (named.isPresent()) {
      Path folder = named.get();
      if (!Files.isDirectory(folder)) {
        throw new DataException(
            folder
                + (Files.exists(folder) ? " is no folder" : ": no such folder")
                + "; name the one that holds "
                + FashionMnist.TRAIN_IMAGES
                + " and the other three files, gzipped or plain, or leave --data out");
      }
      return new Folder(folder, "--data");
    }
    if (Folder.hasAny(debian)) {
      return new Folder(debian, "Debian's dataset-fashion-mnist");
    }
    Path cache = cache(environment);
    return Folder.hasAny(cache) ? new Folder(cache, "the user's cache") : new Bundled();
  }

  /** {@code $XDG_CACHE_HOME/mezzo/fashion-mnist}, by default under {@code ~/.cache}. */
  static Path cache(Map<String, String> environment) {
    String home = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base = home.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(home);
    return base.resolve("mezzo").resolve("fashion-mnist");
  }

  /**
   * A folder.
   *
   * @param path the folder
   * @param reason why it was chosen
   */
  record Folder(Path path, String reason) implements DataLocation {
    @Override
    public String description() {
      return path + " (" + reason + ")";
    }

    @Override
    public IdxFile file(String name) {
      for (Path candidate : List.of(path.resolve(name + ".gz"), path.resolve(name))) {
        if (Files.isRegularFile(candidate)) {
          return new IdxFile(candidate.toString(), () -> Files.newInputStream(candidate));
        }
      }
      throw new DataException(
          path.resolve(name) + ": no such file, nor with .gz; " + IdxReader.REPLACE);
    }

    private static boolean hasAny(Path folder) {
      return FashionMnist.FILES.stream()
          .anyMatch(
              name ->
                  Files.exists(folder.resolve(name)) || Files.exists(folder.resolve(name + ".gz")));
    }
  }

  /** The subset in the jar: 1,000 training and 200 test images of each class. */
  record Bundled() implements DataLocation {
    @Override
    public String description() {
      return "the bundled subset, 10,000 + 2,000 images (all 60,000 + 10,000: apt-get install"
          + " dataset-fashion-mnist, or --data DIR)";
    }

    @Override
    public IdxFile file(String name) {
      String resource = "fashion-mnist/" + name + ".gz";
      return new IdxFile(
          "bundled " + name,
          () -> {
            InputStream in = DataLocation.class.getResourceAsStream(resource);
            if (in == null) {
              throw new FileNotFoundException("resource " + resource + " is missing in the jar");
            }
            return in;
          });
    }
  }
}
