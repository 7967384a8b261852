package dev.mezzo.examples;

import dev.mezzo.Applied;
import dev.mezzo.Skipped;
import dev.mezzo.examples.data.Batch;
import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.optim.AdamW;
import java.util.Random;

/** The shortest training: one epoch in FP16, then the model itself, in FP32. */
public final class FirstTraining {

  private FirstTraining() {}

  /** Trains on the images that are found and classifies a few others. */
  public static void main(String[] args) {
    Classifier model = new Classifier(Mlp.create(new Random(7)));
    train(model, FashionMnist.train());
    for (Batch batch : FashionMnist.test().first(8).batches(8)) {
      System.out.println(model.net().forward(batch.images())); // the FP32 truth, trained
    }
  }

  static void train(Classifier model, LabeledImages images) {
    try (var training = MixedClassifier.training(model).optimizer(AdamW.of(1e-3f)).build()) {
      for (Batch batch : images.shuffled(7).batches(128)) {
        // step is typed after loss's own parameters
        switch (training.step(batch.images(), batch.labels())) {
          case Applied a -> System.out.println(a.step() + ": loss " + a.loss());
          case Skipped s -> System.out.println("step skipped: " + s.overflow());
        }
      }
    }
  }
}
