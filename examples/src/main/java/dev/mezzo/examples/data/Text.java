package dev.mezzo.examples.data;

import dev.mezzo.Tensor;
import dev.mezzo.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * A text as bytes of UTF-8, which are the tokens; its last tenth is for validation.
 *
 * @param description where it comes from, and how long it is
 */
public record Text(String description, byte[] train, byte[] validation) {

  /** How many tokens there are. */
  public static final int VOCABULARY = 256;

  private static final int LEAST = 10_000;

  /**
   * The text of a file.
   *
   * @throws DataException if it cannot be read, is not UTF-8, or is too short
   */
  public static Text of(Path file) {
    if (Files.isDirectory(file)) {
      throw new DataException(file + " is a folder; give a text file in UTF-8");
    }
    try {
      return of(file.toString(), Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": no such file; give a text file in UTF-8");
    } catch (IOException | OutOfMemoryError e) {
      throw new DataException(file + " cannot be read: " + e + "; give a text file in UTF-8");
    }
  }

  static Text of(String name, byte[] bytes) {
    int bad = firstBadByte(bytes);
    if (bad >= 0) {
      throw DataException.at(name, bad, "this is not UTF-8", "give a text file in UTF-8");
    }
    if (bytes.length < LEAST) {
      throw new DataException(
          "%s has %d bytes, but at least %d are needed to train and to validate; give a longer text"
              .formatted(name, bytes.length, LEAST));
    }
    int border = bytes.length / 10 * 9;
    while ((bytes[border] & 0xC0) == 0x80) {
      border--; // not within a character
    }
    return new Text(
        String.format(Locale.ROOT, "%s, %,d bytes", name, bytes.length),
        Arrays.copyOf(bytes, border),
        Arrays.copyOfRange(bytes, border, bytes.length));
  }

  private static int firstBadByte(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      StandardCharsets.UTF_8.newDecoder().decode(buffer);
      return -1;
    } catch (CharacterCodingException e) {
      return buffer.position();
    }
  }

  /** Sequences with the tokens that follow theirs; the caller closes both tensors. */
  public record Sequences(Tensor ids, Tensor next) implements AutoCloseable {
    @Override
    public void close() {
      ids.close();
      next.close();
    }
  }

  /** Sequences from random places of the training part. */
  public Sequences random(int batch, int time, boolean timeFirst, RandomGenerator random) {
    int[] starts = random.ints(batch, 0, train.length - time).toArray();
    return sequences(train, starts, time, timeFirst);
  }

  /** Sequences spread over the validation part, the same whenever asked for. */
  public Sequences fixed(int batch, int time, boolean timeFirst) {
    int[] starts = new int[batch];
    Arrays.setAll(starts, i -> (int) ((long) (validation.length - time - 1) * i / batch));
    return sequences(validation, starts, time, timeFirst);
  }

  private static Sequences sequences(byte[] text, int[] starts, int time, boolean timeFirst) {
    int batch = starts.length;
    int[] ids = new int[batch * time];
    int[] next = new int[batch * time];
    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < time; t++) {
        int at = timeFirst ? t * batch + b : b * time + t;
        ids[at] = Byte.toUnsignedInt(text[starts[b] + t]);
        next[at] = Byte.toUnsignedInt(text[starts[b] + t + 1]);
      }
    }
    Shape shape = timeFirst ? Shape.of(time, batch) : Shape.of(batch, time);
    return new Sequences(Tensor.ofInts(shape, ids), Tensor.ofInts(shape, next));
  }
}
