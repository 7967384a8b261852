package dev.mezzo.benchmarks.workloads;

import dev.mezzo.Tensor;
import dev.mezzo.Training;
import dev.mezzo.examples.Gpt2;
import dev.mezzo.examples.Gpt2Text;
import dev.mezzo.examples.MixedGpt2Text;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.AdamW;
import dev.mezzo.types.Shape;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** GPT-2 on one random batch of whole contexts. */
public final class Gpt2Workload implements Workload {

  private final Gpt2.Size size;
  private final int batch;

  /** A workload of {@code batch} sequences a step. */
  public Gpt2Workload(Gpt2.Size size, int batch) {
    this.size = size;
    this.batch = batch;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public long flop() {
    long features = size.features();
    long weights = size.blocks() * 12L * features * features + features * size.vocabulary();
    long causal = 2L * size.blocks() * size.context() / 2 * features;
    return 2L * batch * size.context() * 3 * (weights + causal);
  }

  @Override
  public String optimizer() {
    return "adamw";
  }

  @Override
  public Session open(TrainingForm form) {
    RandomGenerator random = new SplittableRandom(1); // far faster than Random
    MixedGpt2Text training =
        new Recipe(form, AdamW.of(3e-4f))
            .open(MixedGpt2Text.training(new Gpt2Text(Gpt2.create(size, random))));
    Shape shape = Shape.of(batch, size.context());
    Tensor ids = tokens(shape, random);
    Tensor following = tokens(shape, random);
    return new Session() {
      @Override
      public Training training() {
        return training;
      }

      @Override
      public Step next() {
        return () -> training.step(ids, following);
      }

      @Override
      public void close() {
        training.close();
        ids.close();
        following.close();
      }
    };
  }

  private Tensor tokens(Shape shape, RandomGenerator random) {
    return Tensor.ofInts(shape, random.ints(shape.size(), 0, size.vocabulary()).toArray());
  }
}
