package dev.mezzo.examples.data;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the subset in this module's resources from the whole data set: of each class the first
 * 1,000 training and the first 200 test images, in the files' order. {@code java … BundleSubset
 * FROM TO}; see docs/data.md.
 */
public final class BundleSubset {

  private BundleSubset() {}

  /** Reads the folder {@code args[0]}, writes four files to {@code args[1]}. */
  public static void main(String[] args) throws IOException {
    DataLocation from = DataLocation.find(Optional.of(Path.of(args[0])));
    Path to = Files.createDirectories(Path.of(args[1]));
    write(FashionMnist.train(from), 1000, to, FashionMnist.TRAIN_IMAGES, FashionMnist.TRAIN_LABELS);
    write(FashionMnist.test(from), 200, to, FashionMnist.TEST_IMAGES, FashionMnist.TEST_LABELS);
  }

  private static void write(
      LabeledImages all, int ofEachClass, Path to, String imageFile, String labelFile)
      throws IOException {
    int[] chosen = firstOfEachClass(all, ofEachClass);
    try (DataOutputStream images = gzip(to.resolve(imageFile + ".gz"));
        DataOutputStream labels = gzip(to.resolve(labelFile + ".gz"))) {
      images.writeInt(0x0803);
      images.writeInt(chosen.length);
      images.writeInt(FashionMnist.SIDE);
      images.writeInt(FashionMnist.SIDE);
      labels.writeInt(0x0801);
      labels.writeInt(chosen.length);
      float[] pixels = new float[all.pixels()];
      for (int index : chosen) {
        all.copyImage(index, pixels, 0);
        for (float pixel : pixels) {
          images.writeByte(Math.round(255 * pixel));
        }
        labels.writeByte(all.label(index));
      }
    }
  }

  private static int[] firstOfEachClass(LabeledImages all, int count) {
    int[] taken = new int[FashionMnist.CLASSES.size()];
    return IntStream.range(0, all.count())
        .filter(index -> taken[all.label(index)]++ < count)
        .toArray();
  }

  private static DataOutputStream gzip(Path file) throws IOException {
    OutputStream out = Files.newOutputStream(file);
    return new DataOutputStream(
        new GZIPOutputStream(out, 1 << 16) {
          {
            def.setLevel(Deflater.BEST_COMPRESSION);
          }
        });
  }
}
