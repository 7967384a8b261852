package dev.mezzo.examples.training;

import static dev.mezzo.Ops.argmax;
import static dev.mezzo.Ops.cast;

import dev.mezzo.HalfFormat;
import dev.mezzo.Tensor;
import dev.mezzo.examples.data.Batch;
import dev.mezzo.examples.data.LabeledImages;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network in training takes images for, in the precision that it trains in.
 *
 * @param predictions the class of each image
 * @param accuracy share of the images that are classified rightly
 */
public record Evaluation(List<Integer> predictions, double accuracy) {

  private static final int BATCH = 1000;

  /** Copies the list. */
  public Evaluation {
    predictions = List.copyOf(predictions);
  }

  /**
   * Classifies all images.
   *
   * @param half the format that the training was built with
   */
  public static Evaluation of(TrainedClassifier model, HalfFormat half, LabeledImages images) {
    List<Integer> classes = new ArrayList<>();
    for (Batch batch : images.batches(BATCH)) {
      try (Tensor pixels = cast(batch.images(), half.dtype());
          Tensor logits = model.logits(pixels);
          Tensor predicted = argmax(logits)) {
        for (int label : predicted.toInts()) {
          classes.add(label);
        }
      }
    }
    int right = 0;
    for (int i = 0; i < classes.size(); i++) {
      right += classes.get(i) == images.label(i) ? 1 : 0;
    }
    return new Evaluation(classes, (double) right / classes.size());
  }
}
