package dev.mezzo.examples.data;

import java.util.List;
import java.util.Optional;

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 grey pixels, in ten classes.
 *
 * @see <a href="https://github.com/zalandoresearch/fashion-mnist">Xiao, Rasul, Vollgraf:
 *     Fashion-MNIST</a>
 */
public final class FashionMnist {

  /** Pixels of a row and rows of an image. */
  public static final int SIDE = 28;

  /** The classes' names; a label is an index into them. */
  public static final List<String> CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  static final String TEST_LABELS = "t10k-labels-idx1-ubyte";
  static final List<String> FILES = List.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS);

  private FashionMnist() {}

  /** The training images of the data that {@link DataLocation#find} finds. */
  public static LabeledImages train() {
    return train(DataLocation.find(Optional.empty()));
  }

  /** The test images of the data that {@link DataLocation#find} finds. */
  public static LabeledImages test() {
    return test(DataLocation.find(Optional.empty()));
  }

  /**
   * The training images there.
   *
   * @throws DataException if a file is missing or broken
   */
  public static LabeledImages train(DataLocation location) {
    return read(location, TRAIN_IMAGES, TRAIN_LABELS);
  }

  /**
   * The test images there.
   *
   * @throws DataException if a file is missing or broken
   */
  public static LabeledImages test(DataLocation location) {
    return read(location, TEST_IMAGES, TEST_LABELS);
  }

  private static LabeledImages read(DataLocation location, String imageFile, String labelFile) {
    IdxArray images = IdxReader.readImages(location.file(imageFile));
    IdxArray.Bytes labels = IdxReader.readLabels(location.file(labelFile));
    for (int axis = 1; axis <= 2; axis++) {
      if (images.dims().get(axis) != SIDE) {
        throw DataException.at(
            images.file(),
            4 + 4 * axis,
            "images are %d x %d pixels, but must be %d x %d"
                .formatted(images.dims().get(1), images.dims().get(2), SIDE, SIDE),
            IdxReader.REPLACE);
      }
    }
    if (!images.dims().getFirst().equals(labels.dims().getFirst())) {
      throw DataException.at(
          labels.file(),
          4,
          "%d labels, but %s has %d images"
              .formatted(labels.dims().getFirst(), images.file(), images.dims().getFirst()),
          "take both files from the same data set");
    }
    for (int i = 0; i < labels.values().length; i++) {
      int label = Byte.toUnsignedInt(labels.values()[i]);
      if (label >= CLASSES.size()) {
        throw DataException.at(
            labels.file(),
            labels.offset(i),
            "label %d of image %d, but classes are 0 to %d".formatted(label, i, CLASSES.size() - 1),
            IdxReader.REPLACE);
      }
    }
    return LabeledImages.of(images, labels);
  }
}
