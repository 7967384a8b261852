package dev.mezzo.examples.cli;

import dev.mezzo.examples.data.DataLocation;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the images are. */
public final class DataOptions {

  @Option(
      names = "--data",
      paramLabel = "DIR|bundled",
      description =
          "folder of Fashion-MNIST's four IDX files, gzipped or plain; by default that of Debian's"
              + " package dataset-fashion-mnist, else%n~/.cache/mezzo/fashion-mnist, else a bundled"
              + " subset, which the word bundled asks for")
  @Nullable Path data;

  /** For picocli. */
  public DataOptions() {}

  /** The location that the options name, or the first that has data. */
  public DataLocation location() {
    return Path.of("bundled").equals(data)
        ? new DataLocation.Bundled()
        : DataLocation.find(Optional.ofNullable(data));
  }
}
