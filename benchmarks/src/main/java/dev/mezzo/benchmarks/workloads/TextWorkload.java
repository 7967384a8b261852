package dev.mezzo.benchmarks.workloads;

import dev.mezzo.Tensor;
import dev.mezzo.Training;
import dev.mezzo.examples.CharLstm;
import dev.mezzo.examples.Gpt;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TextNetwork;
import dev.mezzo.examples.training.TrainedText;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.types.Shape;
import java.util.Random;

/** A model of text on one fixed batch of random bytes. */
public final class TextWorkload implements Workload {

  private static final int VOCABULARY = 256;

  private final Model model;
  private final int batch;
  private final int time;
  private final long flop;
  private final String optimizer;

  private interface Model {
    TrainedText open(TrainingForm form);
  }

  /**
   * A workload.
   *
   * @param macs multiply-adds of one sequence's forward pass
   */
  private TextWorkload(Model model, int batch, int time, long macs, String optimizer) {
    this.model = model;
    this.batch = batch;
    this.time = time;
    this.flop = 2L * batch * 3 * macs;
    this.optimizer = optimizer;
  }

  /** W3. */
  public static TextWorkload gpt() {
    int time = 256;
    int features = 384;
    int blocks = Gpt.BLOCKS;
    long products = (long) time * (blocks * 12 * features * features + features * VOCABULARY);
    long causal = (long) blocks * 2 * time * time / 2 * features;
    Optimizer adamW = AdamW.of(3e-4f);
    return new TextWorkload(
        form ->
            TextNetwork.open(
                Gpt.create(VOCABULARY, time, features, 6, 1, new Random(1)),
                new Recipe(form, adamW)),
        8,
        time,
        products + causal,
        "adamw");
  }

  /** W4. */
  public static TextWorkload lstm() {
    int time = 64;
    int hidden = 512;
    long macs = (long) time * (2 * 4 * hidden * 2 * hidden + hidden * VOCABULARY);
    Optimizer adam = AdamW.of(1e-3f).withWeightDecay(0);
    return new TextWorkload(
        form ->
            TextNetwork.open(
                CharLstm.create(VOCABULARY, hidden, new Random(1)), new Recipe(form, adam)),
        32,
        time,
        macs,
        "adam");
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
    return optimizer;
  }

  @Override
  public Session open(TrainingForm form) {
    TrainedText opened = model.open(form);
    int[] ids = new int[batch * time];
    int[] next = new int[batch * time];
    Random random = new Random(2);
    for (int b = 0; b < batch; b++) {
      int last = random.nextInt(VOCABULARY);
      for (int t = 0; t < time; t++) {
        int at = opened.timeFirst() ? t * batch + b : b * time + t;
        ids[at] = last;
        last = random.nextInt(VOCABULARY);
        next[at] = last;
      }
    }
    Shape shape = opened.timeFirst() ? Shape.of(time, batch) : Shape.of(batch, time);
    return new Fixed(opened, Tensor.ofInts(shape, ids), Tensor.ofInts(shape, next));
  }

  private record Fixed(TrainedText model, Tensor ids, Tensor following) implements Session {

    @Override
    public Training training() {
      return model.training();
    }

    @Override
    public Step next() {
      return () -> model.step(ids, following);
    }
  }
}
