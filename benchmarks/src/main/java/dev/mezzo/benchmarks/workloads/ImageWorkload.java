package dev.mezzo.benchmarks.workloads;

import dev.mezzo.HalfFormat;
import dev.mezzo.Training;
import dev.mezzo.examples.data.Batch;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.training.Evaluation;
import dev.mezzo.examples.training.Network;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TrainedClassifier;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Sgd;
import java.util.Iterator;
import java.util.OptionalDouble;

/** A classifier of Fashion-MNIST, reshuffled every epoch. */
public final class ImageWorkload implements Workload {

  private static final long MLP_FIRST = 784 * 1024;
  private static final long MLP_ALL = MLP_FIRST + 1024 * 1024 + 1024 * 10;
  private static final long CNN_FIRST = 784 * 9 * 32;
  private static final long CNN_ALL =
      CNN_FIRST + 784 * 288 * 64 + 196 * 576 * 128 + 196 * 1152 * 128 + 6272 * 256 + 256 * 10;

  private final Network network;
  private final int batch;
  private final long flop;
  private final Optimizer optimizer;
  private final LabeledImages train;
  private final LabeledImages test;

  /**
   * A workload.
   *
   * @param macs multiply-adds of one image's forward pass
   * @param first of which in the first layer
   */
  private ImageWorkload(
      Network network,
      int batch,
      long macs,
      long first,
      Optimizer optimizer,
      LabeledImages train,
      LabeledImages test) {
    this.network = network;
    this.batch = batch;
    this.flop = 2L * batch * (3 * macs - first);
    this.optimizer = optimizer;
    this.train = train;
    this.test = test;
  }

  /** W1. */
  public static ImageWorkload mlp(LabeledImages train, LabeledImages test) {
    Optimizer sgd = Sgd.of(0.05f).withMomentum(0.9f);
    return new ImageWorkload(Network.MLP, 256, MLP_ALL, MLP_FIRST, sgd, train, test);
  }

  /** W2. */
  public static ImageWorkload cnn(LabeledImages train, LabeledImages test) {
    Optimizer sgd = Sgd.of(0.02f).withMomentum(0.9f);
    return new ImageWorkload(Network.CNN, 128, CNN_ALL, CNN_FIRST, sgd, train, test);
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public long flop() {
    return flop;
  }

  @Override
  public String optimizer() {
    return "sgd";
  }

  @Override
  public Session open(TrainingForm form) {
    return new Epochs(network.open(1, new Recipe(form, optimizer)));
  }

  private final class Epochs implements Session {

    private final TrainedClassifier model;
    private long epoch;
    private Iterator<Batch> batches;

    Epochs(TrainedClassifier model) {
      this.model = model;
      this.batches = nextEpoch();
    }

    @Override
    public Training training() {
      return model.training();
    }

    @Override
    public Step next() {
      if (!batches.hasNext()) {
        batches = nextEpoch();
      }
      Batch ready = batches.next();
      return () -> model.step(ready.images(), ready.labels());
    }

    @Override
    public OptionalDouble accuracy(HalfFormat half) {
      return OptionalDouble.of(Evaluation.of(model, half, test).accuracy());
    }

    private Iterator<Batch> nextEpoch() {
      epoch++;
      return train.shuffled(epoch).fullBatches(batch).iterator();
    }
  }
}
