package dev.mezzo.examples.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * Reads one IDX file, gzipped or plain (told by its first two bytes, not by its name).
 *
 * <p>The format: two zero bytes, the type of the elements (0x08 unsigned byte, 0x0D float), the
 * number of dimensions, each dimension as a 32-bit integer, the elements; all big-endian. The file
 * is read to its end, so that gzip's checksum is checked, and must end with its last element.
 */
final class IdxReader {

  static final String REPLACE =
      "replace the file by an intact one (Debian: apt-get install --reinstall"
          + " dataset-fashion-mnist; else https://github.com/zalandoresearch/fashion-mnist)";

  private static final int UNSIGNED_BYTE = 0x08;
  private static final int FLOAT = 0x0D;
  private static final int CHUNK = 1 << 16;
  private static final int TRUSTED = 1 << 26;
  private static final int LARGEST = 1 << 30;

  private final String file;
  private final InputStream in;
  private long offset;

  private IdxReader(String file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /** Reads labels: unsigned bytes, one dimension. */
  static IdxArray.Bytes readLabels(IdxFile file) {
    return (IdxArray.Bytes) read(file, 1, "labels");
  }

  /** Reads images: unsigned bytes or finite floats, three dimensions. */
  static IdxArray readImages(IdxFile file) {
    return read(file, 3, "images");
  }

  private static IdxArray read(IdxFile file, int rank, String content) {
    try (InputStream raw = new BufferedInputStream(file.content().open(), CHUNK)) {
      raw.mark(2);
      boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      InputStream in = gzip ? new GZIPInputStream(raw, CHUNK) : raw;
      return new IdxReader(file.name(), in).array(rank, content);
    } catch (NoSuchFileException e) {
      throw new DataException(file.name() + ": no such file; " + REPLACE);
    } catch (IOException e) {
      throw DataException.at(file.name(), 0, "cannot be read: " + reason(e), REPLACE);
    }
  }

  private IdxArray array(int rank, String content) {
    int type = magic(rank, content);
    int[] dims = IntStream.range(0, rank).map(axis -> dimension()).toArray();
    int elements = elements(dims, type == FLOAT ? 4 : 1);
    byte[] bytes = read(type == FLOAT ? 4 * elements : elements);
    if (readUpTo(new byte[1]) > 0) {
      throw DataException.at(
          file,
          offset - 1,
          "the header promises " + describe(dims) + ", which end here, but the file goes on",
          REPLACE);
    }
    List<Integer> shape = Arrays.stream(dims).boxed().toList();
    return type == FLOAT ? floats(bytes, elements, shape) : new IdxArray.Bytes(file, shape, bytes);
  }

  private int magic(int rank, String content) {
    int magic = integer();
    int type = magic >>> 8;
    boolean known = type == UNSIGNED_BYTE || (type == FLOAT && rank == 3);
    if (!known || (magic & 0xff) != rank) {
      String expected = rank == 1 ? "0x00000801" : "0x00000803 (bytes) or 0x00000D03 (floats)";
      throw DataException.at(
          file,
          0,
          "magic number 0x%08X, but %s begin with %s".formatted(magic, content, expected),
          "check that images and labels are not swapped, or " + REPLACE);
    }
    return type;
  }

  private int dimension() {
    long at = offset;
    int dim = integer();
    if (dim <= 0) {
      throw DataException.at(file, at, "dimension " + dim + " is not positive", REPLACE);
    }
    return dim;
  }

  private int elements(int[] dims, int bytes) {
    long product = bytes;
    for (int dim : dims) {
      product = product > LARGEST ? product : product * dim;
    }
    if (product > LARGEST) {
      throw DataException.at(
          file, 4, "the header promises " + describe(dims) + ", more than 1 GiB", REPLACE);
    }
    return (int) (product / bytes);
  }

  private IdxArray floats(byte[] bytes, int elements, List<Integer> shape) {
    float[] values = new float[elements];
    FloatBuffer buffer = ByteBuffer.wrap(bytes).asFloatBuffer();
    buffer.get(values);
    IdxArray.Floats array = new IdxArray.Floats(file, shape, values);
    for (int i = 0; i < elements; i++) {
      if (!Float.isFinite(values[i])) {
        int pixels = elements / shape.getFirst();
        throw DataException.at(
            file,
            array.offset(i),
            "pixel %d of image %d is %s".formatted(i % pixels, i / pixels, values[i]),
            "remove the image or set the pixel to a number in [0, 1]");
      }
    }
    return array;
  }

  private int integer() {
    return ByteBuffer.wrap(read(4)).getInt();
  }

  /** Reads so many bytes, in chunks: a header that lies costs little memory. */
  private byte[] read(int count) {
    byte[] bytes = new byte[Math.min(count, TRUSTED)];
    int filled = 0;
    while (filled < count) {
      if (filled == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * bytes.length));
      }
      int got = readUpTo(bytes, filled, Math.min(bytes.length - filled, CHUNK));
      if (got <= 0) {
        throw DataException.at(
            file,
            offset,
            "the file ends here, %d bytes too early".formatted(count - filled),
            REPLACE);
      }
      filled += got;
    }
    return bytes;
  }

  private int readUpTo(byte[] bytes) {
    return readUpTo(bytes, 0, bytes.length);
  }

  private int readUpTo(byte[] bytes, int from, int length) {
    try {
      int got = in.read(bytes, from, length);
      offset += Math.max(got, 0);
      return got;
    } catch (IOException e) {
      throw DataException.at(file, offset, "cannot be unpacked beyond here: " + reason(e), REPLACE);
    }
  }

  private static String describe(int[] dims) {
    return Arrays.stream(dims)
            .mapToObj(Integer::toString)
            .reduce((a, b) -> a + " x " + b)
            .orElse("0")
        + " elements";
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
