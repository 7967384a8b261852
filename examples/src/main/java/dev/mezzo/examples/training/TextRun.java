package dev.mezzo.examples.training;

import dev.mezzo.MemoryUse;
import dev.mezzo.Ops;
import dev.mezzo.StepResult;
import dev.mezzo.Tensor;
import dev.mezzo.examples.data.Text;
import dev.mezzo.types.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** One training of a model of text, on the default device. */
public final class TextRun {

  private static final double TEMPERATURE = 0.8;
  private static final int UNKNOWN = 0xFFFD;

  private final Settings settings;
  private final Text text;
  private final RunListener listener;
  private final List<Float> losses = new ArrayList<>();
  private final List<Double> seconds = new ArrayList<>();
  private final List<Validation> validations = new ArrayList<>();
  private int before;

  /** How a model is trained. */
  public record Settings(
      TextModel model,
      Recipe recipe,
      int steps,
      int batch,
      int time,
      int validateEvery,
      Checkpoints checkpoints) {}

  /**
   * How well unseen text is told.
   *
   * @param step after which
   * @param loss mean cross entropy, in nats a byte
   * @param accuracy share of bytes that were the likeliest
   */
  public record Validation(int step, double loss, double accuracy) {}

  /**
   * What came of it.
   *
   * @param sample a piece of text, and what the model writes after it
   */
  public record Result(
      TrainingForm form,
      List<Float> losses,
      List<Validation> validations,
      List<Double> seconds,
      MemoryUse memory,
      long skipped,
      String sample) {

    /** The median of the steps' times. */
    public double stepSeconds() {
      double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
  }

  /** A run; {@link #run} makes it. */
  public TextRun(Settings settings, Text text, RunListener listener) {
    this.settings = settings;
    this.text = text;
    this.listener = listener;
  }

  /** Trains, validates, and writes a sample of {@code sampleBytes}. */
  public Result run(int sampleBytes) {
    Random random = new Random(settings.recipe().seed());
    try (TrainedText model = settings.model().open(settings.time(), settings.recipe())) {
      before = settings.checkpoints().resume(model.training(), settings.steps());
      listener.begins(settings.recipe().form(), before, settings.steps());
      for (int i = 0; i < before; i++) {
        batch(model, random).close(); // the places in the text that were drawn before
      }
      while (made() < settings.steps()) {
        step(model, random);
        if (made() % settings.validateEvery() == 0 || made() == settings.steps()) {
          validate(model);
          settings.checkpoints().save(model.training(), listener);
        }
      }
      if (validations.isEmpty()) {
        validate(model);
      }
      return new Result(
          settings.recipe().form(),
          losses,
          validations,
          seconds,
          model.training().memoryUse(),
          model.training().skippedSteps(),
          sample(model, sampleBytes));
    }
  }

  private void step(TrainedText model, Random random) {
    try (Text.Sequences batch = batch(model, random)) {
      long start = System.nanoTime();
      StepResult result = model.step(batch.ids(), batch.next());
      seconds.add((System.nanoTime() - start) / 1e9);
      losses.add(result.loss());
      listener.step(made(), result, model.training().skippedSteps());
    }
  }

  private Text.Sequences batch(TrainedText model, Random random) {
    return text.random(settings.batch(), settings.time(), model.timeFirst(), random);
  }

  /** Steps so far, those before this run included. */
  private int made() {
    return before + losses.size();
  }

  private void validate(TrainedText model) {
    try (Text.Sequences batch = text.fixed(settings.batch(), settings.time(), model.timeFirst());
        Tensor logits = model.logits(batch.ids());
        Tensor likeliest = Ops.argmax(logits)) {
      int[] found = likeliest.toInts();
      int[] right = batch.next().toInts();
      int equal = 0;
      for (int i = 0; i < right.length; i++) {
        equal += found[i] == right[i] ? 1 : 0;
      }
      double accuracy = (double) equal / right.length;
      double loss = model.loss(batch.ids(), batch.next());
      validations.add(new Validation(made(), loss, accuracy));
      listener.validated(loss, accuracy);
    }
  }

  /** The beginning of the validation text, and what the model writes after it. */
  private String sample(TrainedText model, int bytes) {
    int given = Math.min(Math.max(1, settings.time() / 2), 64);
    byte[] written = Arrays.copyOf(text.validation(), given + bytes);
    Random random = new Random(settings.recipe().seed());
    for (int i = given; i < written.length; i++) {
      written[i] = (byte) next(model, written, i, random);
    }
    return printable(new String(written, StandardCharsets.UTF_8));
  }

  /**
   * What a model writes that knows little yet, without what terminals and pages take for orders.
   */
  private static String printable(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? UNKNOWN : c)
        .forEach(shown::appendCodePoint);
    return shown.toString();
  }

  private int next(TrainedText model, byte[] written, int end, Random random) {
    int time = Math.min(end, settings.time());
    int[] ids = new int[time];
    Arrays.setAll(ids, i -> Byte.toUnsignedInt(written[end - time + i]));
    Shape shape = model.timeFirst() ? Shape.of(time, 1) : Shape.of(1, time);
    try (Tensor window = Tensor.ofInts(shape, ids);
        Tensor logits = model.logits(window)) {
      float[] all = logits.toFloats();
      double[] weights = new double[Text.VOCABULARY];
      double sum = 0;
      int last = all.length - weights.length;
      double greatest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < weights.length; k++) {
        greatest = Math.max(greatest, all[last + k]);
      }
      for (int k = 0; k < weights.length; k++) {
        weights[k] = Math.exp((all[last + k] - greatest) / TEMPERATURE);
        sum += weights[k];
      }
      double left = random.nextDouble() * sum;
      int chosen = 0;
      while (chosen < weights.length - 1 && left >= weights[chosen]) {
        left -= weights[chosen++];
      }
      return chosen;
    }
  }
}
