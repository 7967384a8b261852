package dev.mezzo;

import static dev.mezzo.LossGradients.crossEntropyGradient;
import static dev.mezzo.Ops.cast;
import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;

/** What the processor writes of {@link Classifier}, by hand. */
final class HandMixedClassifier extends Training {
  private final DType half;
  private final HandMixedMlp net;

  private HandMixedClassifier(Classifier model, TrainingSettings settings) {
    super(settings);
    Mixing mixing = mixing();
    this.half = mixing.half();
    this.net = mixing.layer(model.net(), "net", HandMixedMlp::new);
  }

  static TrainingBuilder<HandMixedClassifier> training(Classifier model) {
    return new TrainingBuilder<>(
        LossScale.dynamic(), settings -> new HandMixedClassifier(model, settings));
  }

  HandMixedMlp net() {
    return net;
  }

  StepResult step(Tensor images, Tensor labels) {
    return step(
        tape -> {
          Tensor loss = loss(tape, images, labels);
          backward(tape, lossScale(loss));
          return loss;
        });
  }

  PendingStep start(Tensor images, Tensor labels) {
    return start(
        tape -> {
          Tensor loss = loss(tape, images, labels);
          backward(tape, lossScale(loss));
          return loss;
        },
        images,
        labels);
  }

  float evaluate(Tensor images, Tensor labels) {
    return value(loss(Tape.inference(), images, labels));
  }

  private Tensor loss(Tape tape, Tensor images, Tensor labels) {
    Tensor images16 = cast(images, half);
    Tensor logits = net.forward(tape, images16);
    images16.close();
    Tensor loss = crossEntropy(logits, labels);
    tape.save(logits); // crossEntropy's gradient reads it
    tape.save(labels); // crossEntropy's gradient reads it
    logits.close();
    return loss;
  }

  private void backward(Tape tape, Tensor dLoss) {
    Tensor labels = tape.restoreTensor();
    Tensor logits = tape.restoreTensor();
    Tensor dLogits = crossEntropyGradient(dLoss, logits, labels);
    logits.close();
    labels.close();
    net.backward(tape, dLogits, false);
    dLogits.close();
  }

  /** The model. */
  record Classifier(HandMixedMlp.Mlp net) {
    Tensor loss(Tensor images, Tensor labels) {
      return crossEntropy(net.forward(images), labels);
    }
  }
}
