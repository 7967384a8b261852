package dev.mezzo.examples.training;

import static dev.mezzo.Ops.reshape;

import dev.mezzo.StepResult;
import dev.mezzo.Tensor;
import dev.mezzo.examples.Classifier;
import dev.mezzo.examples.Cnn;
import dev.mezzo.examples.CnnClassifier;
import dev.mezzo.examples.MixedClassifier;
import dev.mezzo.examples.MixedCnnClassifier;
import dev.mezzo.examples.MixedResNetClassifier;
import dev.mezzo.examples.Mlp;
import dev.mezzo.examples.ResNet18;
import dev.mezzo.examples.ResNetClassifier;
import dev.mezzo.examples.data.FashionMnist;
import java.util.Random;
import java.util.random.RandomGenerator;

/** The networks that classify Fashion-MNIST. */
public enum Network {
  /** {@link Mlp}. */
  MLP("784-1024-1024-10 MLP") {
    @Override
    TrainedClassifier open(RandomGenerator random, Recipe recipe) {
      MixedClassifier training =
          recipe.open(MixedClassifier.training(new Classifier(Mlp.create(random))));
      return new TrainedClassifier() {
        @Override
        public MixedClassifier training() {
          return training;
        }

        @Override
        public StepResult step(Tensor images, Tensor labels) {
          return training.step(images, labels);
        }

        @Override
        public Tensor logits(Tensor images) {
          return training.net().forward(images);
        }
      };
    }
  },
  /** {@link Cnn}. */
  CNN("CNN: conv 32-64, pool, conv 128-128, pool, 6272-256-10") {
    @Override
    TrainedClassifier open(RandomGenerator random, Recipe recipe) {
      MixedCnnClassifier training =
          recipe.open(MixedCnnClassifier.training(new CnnClassifier(Cnn.create(random))));
      return new TrainedClassifier() {
        @Override
        public MixedCnnClassifier training() {
          return training;
        }

        @Override
        public StepResult step(Tensor images, Tensor labels) {
          return training.step(images, labels);
        }

        @Override
        public Tensor logits(Tensor images) {
          return training.net().forward(images);
        }
      };
    }
  },
  /** {@link ResNet18}. */
  RESNET18("ResNet-18, CIFAR form") {
    @Override
    TrainedClassifier open(RandomGenerator random, Recipe recipe) {
      MixedResNetClassifier training =
          recipe.open(
              MixedResNetClassifier.training(new ResNetClassifier(ResNet18.create(1, random))));
      return new TrainedClassifier() {
        @Override
        public MixedResNetClassifier training() {
          return training;
        }

        @Override
        public StepResult step(Tensor images, Tensor labels) {
          try (Tensor pixels = pixels(images)) {
            return training.step(pixels, labels);
          }
        }

        @Override
        public Tensor logits(Tensor images) {
          try (Tensor pixels = pixels(images)) {
            return training.net().forward(pixels);
          }
        }

        private Tensor pixels(Tensor images) {
          return reshape(images, -1, FashionMnist.SIDE, FashionMnist.SIDE, 1);
        }
      };
    }
  };

  private final String description;

  Network(String description) {
    this.description = description;
  }

  /** Kind and sizes of the layers. */
  public String description() {
    return description;
  }

  /**
   * Opens a training of a new network.
   *
   * @param seed of the initial weights
   */
  public TrainedClassifier open(long seed, Recipe recipe) {
    return open(new Random(seed), recipe);
  }

  abstract TrainedClassifier open(RandomGenerator random, Recipe recipe);
}
