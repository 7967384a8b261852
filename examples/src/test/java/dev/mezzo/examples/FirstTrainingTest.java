package dev.mezzo.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Ops;
import dev.mezzo.Tensor;
import dev.mezzo.examples.data.Batch;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FirstTrainingTest {

  @Test
  void theModelIsTrainedInFp32() {
    DataLocation bundled = new DataLocation.Bundled();
    Classifier model = new Classifier(Mlp.create(new Random(7)));
    FirstTraining.train(model, FashionMnist.train(bundled).shuffled(1).first(2000));
    double accuracy = accuracy(model, FashionMnist.test(bundled).shuffled(1).first(500));
    assertTrue(accuracy > 0.6, "accuracy " + accuracy);
  }

  private static double accuracy(Classifier model, LabeledImages images) {
    int right = 0;
    for (Batch batch : images.batches(100)) {
      try (Tensor logits = model.net().forward(batch.images());
          Tensor classes = Ops.argmax(logits)) {
        int[] labels = batch.labels().toInts();
        int[] found = classes.toInts();
        for (int i = 0; i < labels.length; i++) {
          right += labels[i] == found[i] ? 1 : 0;
        }
      }
    }
    return (double) right / images.count();
  }
}
