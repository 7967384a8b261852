package dev.mezzo.examples.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

final class IdxReaderTest {

  private static final int IMAGES = 0x0803;
  private static final int FLOAT_IMAGES = 0x0D03;
  private static final int LABELS = 0x0801;

  @Test
  void readsBytes() {
    byte[] plain = idx(IMAGES, 6, 2, 1, 3).put(new byte[] {0, 1, 2, 3, 4, (byte) 255}).array();
    IdxArray.Bytes images = (IdxArray.Bytes) IdxReader.readImages(file(plain));
    assertEquals(List.of(2, 1, 3), images.dims());
    assertArrayEquals(new byte[] {0, 1, 2, 3, 4, -1}, images.values());
    assertEquals(16 + 5, images.offset(5));
  }

  @Test
  void readsGzipWhateverTheNameSays() throws IOException {
    byte[] packed = gzip(idx(LABELS, 3, 3).put(new byte[] {7, 8, 9}).array());
    assertArrayEquals(new byte[] {7, 8, 9}, IdxReader.readLabels(file(packed)).values());
  }

  @Test
  void readsMoreThanAChunk() throws IOException {
    byte[] labels = new byte[200_001];
    Arrays.fill(labels, (byte) 3);
    labels[200_000] = 4;
    byte[] packed = gzip(idx(LABELS, labels.length, labels.length).put(labels).array());
    assertArrayEquals(labels, IdxReader.readLabels(file(packed)).values());
  }

  @Test
  void readsFloats() {
    byte[] plain = idx(FLOAT_IMAGES, 8, 2, 1, 1).putFloat(0.25f).putFloat(1f).array();
    IdxArray.Floats images = (IdxArray.Floats) IdxReader.readImages(file(plain));
    assertArrayEquals(new float[] {0.25f, 1f}, images.values());
  }

  @Test
  void nanPixel() {
    byte[] plain =
        idx(FLOAT_IMAGES, 16, 2, 1, 2)
            .putFloat(0f)
            .putFloat(1f)
            .putFloat(1f)
            .putFloat(Float.NaN)
            .array();
    assertFails(
        "some.file, byte 28: pixel 1 of image 1 is NaN; ", () -> IdxReader.readImages(file(plain)));
  }

  @Test
  void infinitePixel() {
    byte[] plain = idx(FLOAT_IMAGES, 4, 1, 1, 1).putFloat(Float.NEGATIVE_INFINITY).array();
    assertFails(
        "some.file, byte 16: pixel 0 of image 0 is -Infinity; ",
        () -> IdxReader.readImages(file(plain)));
  }

  @Test
  void labelsWhereImagesShouldBe() {
    byte[] plain = idx(LABELS, 1, 1).array();
    assertFails(
        "some.file, byte 0: magic number 0x00000801, but images begin with 0x00000803",
        () -> IdxReader.readImages(file(plain)));
  }

  @Test
  void floatLabels() {
    byte[] plain = idx(0x0D01, 4, 1).array();
    assertFails(
        "some.file, byte 0: magic number 0x00000D01, but labels begin with 0x00000801",
        () -> IdxReader.readLabels(file(plain)));
  }

  @Test
  void truncatedPlain() {
    byte[] plain = idx(LABELS, 3, 5).array();
    assertFails(
        "some.file, byte 11: the file ends here, 2 bytes too early",
        () -> IdxReader.readLabels(file(plain)));
  }

  @Test
  void truncatedInTheHeader() {
    assertFails(
        "some.file, byte 6: the file ends here, 2 bytes too early",
        () -> IdxReader.readLabels(file(new byte[] {0, 0, 8, 1, 0, 0})));
  }

  @Test
  void empty() {
    assertFails(
        "some.file, byte 0: the file ends here, 4 bytes too early",
        () -> IdxReader.readLabels(file(new byte[0])));
  }

  @Test
  void truncatedGzip() throws IOException {
    byte[] packed = gzip(idx(LABELS, 50_000, 50_000).put(noise(50_000)).array());
    byte[] half = Arrays.copyOf(packed, packed.length / 2);
    DataException e = assertThrows(DataException.class, () -> IdxReader.readLabels(file(half)));
    assertTrue(
        e.getMessage().matches("some.file, byte \\d{5}: cannot be unpacked beyond here: .*"),
        e.getMessage());
  }

  @Test
  void corruptGzip() throws IOException {
    byte[] packed = gzip(idx(LABELS, 50_000, 50_000).put(noise(50_000)).array());
    packed[packed.length / 2] ^= 0x55;
    DataException e = assertThrows(DataException.class, () -> IdxReader.readLabels(file(packed)));
    assertTrue(e.getMessage().startsWith("some.file, byte "), e.getMessage());
  }

  @Test
  void trailingBytes() {
    byte[] plain = idx(LABELS, 4, 2).array();
    assertFails(
        "some.file, byte 10: the header promises 2 elements, which end here, but the file goes on",
        () -> IdxReader.readLabels(file(plain)));
  }

  @Test
  void noElements() {
    byte[] plain = idx(LABELS, 0, 0).array();
    assertFails(
        "some.file, byte 4: dimension 0 is not positive", () -> IdxReader.readLabels(file(plain)));
  }

  @Test
  void dimensionsThatOverflow() {
    byte[] plain = idx(IMAGES, 0, 1 << 30, 1 << 30, 1 << 30).array();
    assertFails(
        "some.file, byte 4: the header promises 1073741824 x 1073741824 x 1073741824 elements",
        () -> IdxReader.readImages(file(plain)));
  }

  /** The header asks for a gigabyte; not nearly as much is allocated. */
  @Test
  void dimensionsThatLie() {
    byte[] plain = idx(LABELS, 10, 1 << 30).array();
    assertFails(
        "some.file, byte 18: the file ends here, 1073741814 bytes too early",
        () -> IdxReader.readLabels(file(plain)));
  }

  @Test
  void missing() {
    IdxFile missing =
        new IdxFile(
            "some.file",
            () -> {
              throw new FileNotFoundException("gone");
            });
    assertFails("some.file, byte 0: cannot be read: gone", () -> IdxReader.readLabels(missing));
  }

  private static void assertFails(String message, Runnable read) {
    DataException e = assertThrows(DataException.class, read::run);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  private static IdxFile file(byte[] content) {
    return new IdxFile("some.file", () -> new ByteArrayInputStream(content));
  }

  /** A header and room for so many bytes. */
  private static ByteBuffer idx(int magic, int bytes, int... dims) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dims.length + bytes);
    buffer.putInt(magic);
    for (int dim : dims) {
      buffer.putInt(dim);
    }
    return buffer;
  }

  private static byte[] noise(int count) {
    byte[] bytes = new byte[count];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }
}
