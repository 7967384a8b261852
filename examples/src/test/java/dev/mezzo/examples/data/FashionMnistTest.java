package dev.mezzo.examples.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FashionMnistTest {

  private static final DataLocation BUNDLED = new DataLocation.Bundled();

  @TempDir Path folder;

  @Test
  void theBundledSubsetHasEachClassEquallyOften() {
    assertArrayEquals(ofEach(1000), classes(FashionMnist.train(BUNDLED)));
    assertArrayEquals(ofEach(200), classes(FashionMnist.test(BUNDLED)));
  }

  @Test
  void pixelsAreBetweenZeroAndOne() {
    LabeledImages test = FashionMnist.test(BUNDLED);
    float[] pixels = new float[784];
    test.copyImage(3, pixels, 0);
    float largest = 0;
    for (float pixel : pixels) {
      assertTrue(pixel >= 0 && pixel <= 1);
      largest = Math.max(largest, pixel);
    }
    assertTrue(largest > 0.5f);
  }

  @Test
  void shufflingIsFixedByTheSeed() {
    LabeledImages test = FashionMnist.test(BUNDLED);
    assertEquals(order(test.shuffled(7)), order(test.shuffled(7)));
    assertNotEquals(order(test.shuffled(7)), order(test.shuffled(8)));
    assertArrayEquals(classes(test), classes(test.shuffled(7)));
    assertEquals("[0, 8, 1, 3, 7, 1]", firstLabels(test.shuffled(7)));
  }

  @Test
  void labelsAndImagesStayTogether() {
    LabeledImages test = FashionMnist.test(BUNDLED);
    LabeledImages shuffled = test.shuffled(1).first(50);
    float[] expected = new float[784];
    float[] found = new float[784];
    for (int i = 0; i < shuffled.count(); i++) {
      shuffled.copyImage(i, found, 0);
      boolean present = false;
      for (int j = 0; j < test.count() && !present; j++) {
        if (test.label(j) == shuffled.label(i)) {
          test.copyImage(j, expected, 0);
          present = Arrays.equals(expected, found);
        }
      }
      assertTrue(present, "image " + i);
    }
  }

  @Test
  void countsThatDisagree() throws IOException {
    write(3, 28, new byte[] {0, 1});
    fails("train-labels-idx1-ubyte, byte 4: 2 labels, but ", "has 3 images; ");
  }

  @Test
  void aLabelThatIsNoClass() throws IOException {
    write(3, 28, new byte[] {0, 1, 10});
    fails("train-labels-idx1-ubyte, byte 10: label 10 of image 2, but classes are 0 to 9", "; ");
  }

  @Test
  void imagesOfAnotherSize() throws IOException {
    write(1, 27, new byte[] {0});
    fails("train-images-idx3-ubyte, byte 12: images are 28 x 27 pixels, but must be 28 x 28", "; ");
  }

  private void fails(String first, String then) {
    DataException e =
        assertThrows(
            DataException.class,
            () -> FashionMnist.train(new DataLocation.Folder(folder, "--data")));
    assertTrue(e.getMessage().startsWith(folder.resolve(first).toString()), e.getMessage());
    assertTrue(e.getMessage().contains(then), e.getMessage());
  }

  private void write(int images, int columns, byte[] labels) throws IOException {
    ByteBuffer imageFile = ByteBuffer.allocate(16 + images * 28 * columns);
    imageFile.putInt(0x0803).putInt(images).putInt(28).putInt(columns);
    Files.write(folder.resolve("train-images-idx3-ubyte"), imageFile.array());
    ByteBuffer labelFile = ByteBuffer.allocate(8 + labels.length);
    labelFile.putInt(0x0801).putInt(labels.length).put(labels);
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labelFile.array());
  }

  private static int[] ofEach(int count) {
    int[] counts = new int[10];
    Arrays.fill(counts, count);
    return counts;
  }

  private static int[] classes(LabeledImages data) {
    int[] counts = new int[10];
    IntStream.range(0, data.count()).forEach(i -> counts[data.label(i)]++);
    return counts;
  }

  private static String order(LabeledImages data) {
    return Arrays.toString(IntStream.range(0, data.count()).map(data::label).toArray());
  }

  private static String firstLabels(LabeledImages data) {
    return Arrays.toString(IntStream.range(0, 6).map(data::label).toArray());
  }
}
