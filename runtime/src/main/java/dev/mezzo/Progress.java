package dev.mezzo;

import dev.mezzo.io.CheckpointException;
import dev.mezzo.io.SafetensorsFile;
import dev.mezzo.io.SafetensorsWriter;
import dev.mezzo.scaling.LossScale;
import java.util.Optional;
import java.util.function.Function;

/**
 * How far a training has come, besides its tensors: with these it goes on as if it had never
 * stopped. In a file they are strings of its metadata.
 *
 * @param seed of dropout
 */
record Progress(
    long appliedSteps, long skippedSteps, int skippedInARow, long seed, LossScale scaling) {

  private static final String FORMAT = "mezzo.format";
  private static final String THIS_FORMAT = "1";

  /** Writes all. */
  void writeTo(SafetensorsWriter file) {
    file.metadata(FORMAT, THIS_FORMAT)
        .metadata("mezzo.appliedSteps", Long.toString(appliedSteps))
        .metadata("mezzo.skippedSteps", Long.toString(skippedSteps))
        .metadata("mezzo.skippedInARow", Integer.toString(skippedInARow))
        .metadata("mezzo.seed", Long.toString(seed))
        .metadata("mezzo.lossScale.scale", Float.toString(scaling.scale()))
        .metadata("mezzo.lossScale.growth", Float.toString(scaling.growth()))
        .metadata("mezzo.lossScale.backoff", Float.toString(scaling.backoff()))
        .metadata("mezzo.lossScale.interval", Integer.toString(scaling.interval()))
        .metadata("mezzo.lossScale.floor", Float.toString(scaling.floor()))
        .metadata("mezzo.lossScale.ceiling", Float.toString(scaling.ceiling()))
        .metadata("mezzo.lossScale.hysteresis", Integer.toString(scaling.hysteresis()))
        .metadata("mezzo.lossScale.goodSteps", Integer.toString(scaling.goodSteps()))
        .metadata("mezzo.lossScale.overflows", Integer.toString(scaling.overflows()));
  }

  /**
   * Reads all.
   *
   * @throws CheckpointException if the file holds weights alone, or what no training comes to
   */
  static Progress of(SafetensorsFile file) {
    String format = file.metadata().get(FORMAT);
    if (format == null) {
      throw new CheckpointException(
          file.path(), "holds weights, but no training that could go on; use loadWeights");
    }
    if (!format.equals(THIS_FORMAT)) {
      throw new CheckpointException(
          file.path(),
          "has format %s of Mezzo, but this version reads %s; use the version that wrote it, or loadWeights"
              .formatted(format, THIS_FORMAT));
    }
    Progress progress =
        new Progress(
            read(file, "appliedSteps", Long::parseLong),
            read(file, "skippedSteps", Long::parseLong),
            read(file, "skippedInARow", Integer::parseInt),
            read(file, "seed", Long::parseLong),
            scaling(file));
    if (progress.appliedSteps < 0
        || progress.appliedSteps > Integer.MAX_VALUE
        || progress.skippedSteps < 0
        || progress.skippedInARow < 0) {
      throw new CheckpointException(file.path(), "counts steps that cannot be: " + progress);
    }
    return progress;
  }

  private static LossScale scaling(SafetensorsFile file) {
    try {
      LossScale read =
          new LossScale(
              read(file, "lossScale.scale", Float::parseFloat),
              read(file, "lossScale.growth", Float::parseFloat),
              read(file, "lossScale.backoff", Float::parseFloat),
              read(file, "lossScale.interval", Integer::parseInt),
              read(file, "lossScale.floor", Float::parseFloat),
              read(file, "lossScale.ceiling", Float::parseFloat),
              read(file, "lossScale.hysteresis", Integer::parseInt),
              read(file, "lossScale.goodSteps", Integer::parseInt),
              read(file, "lossScale.overflows", Integer::parseInt));
      if (read.goodSteps() < 0 || read.overflows() < 0) {
        throw new IllegalArgumentException("loss scale: counts below 0");
      }
      return read;
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file.path(), String.valueOf(e.getMessage()));
    }
  }

  private static <N> N read(SafetensorsFile file, String name, Function<String, N> parse) {
    String key = "mezzo." + name;
    return Optional.ofNullable(file.metadata().get(key))
        .flatMap(text -> parsed(text, parse))
        .orElseThrow(
            () ->
                new CheckpointException(
                    file.path(),
                    "'%s' is %s, but must be a number; it was changed or not written by Mezzo"
                        .formatted(key, file.metadata().get(key))));
  }

  private static <N> Optional<N> parsed(String text, Function<String, N> parse) {
    try {
      return Optional.of(parse.apply(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
