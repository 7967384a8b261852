package dev.mezzo.examples.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mezzo.ExponentHistogram;
import dev.mezzo.examples.training.GradientStatistics;
import dev.mezzo.examples.training.RunResult;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A report as JSON: keys in snake case; numbers that are not finite are null. */
public final class ReportJson {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private ReportJson() {}

  /** Indented, ended by a newline. */
  public static String of(Report report) {
    Document document =
        new Document(report.setup(), report.runs().stream().map(ReportJson::form).toList());
    try {
      return MAPPER.writeValueAsString(document) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report that is not JSON", e);
    }
  }

  private static Form form(RunResult run) {
    GradientStatistics statistics = run.statistics();
    return new Form(
        run.form().name(),
        run.form().description(),
        run.form().half().name(),
        run.form().masterWeights(),
        run.losses().size(),
        run.skipped(),
        run.stopped(),
        finite(run.accuracy()),
        finite(run.finalLoss()),
        finite(run.medianSeconds()),
        finite(run.finalScale()),
        run.memory().weights(),
        run.memory().shadows(),
        run.memory().gradients(),
        run.memory().optimizerState(),
        run.memory().savedActivations(),
        new Gradients(
            statistics.steps(),
            finite(statistics.belowBeforeScaling()),
            finite(statistics.belowAfterScaling()),
            finite(statistics.zeros()),
            statistics.updates(),
            statistics.lost(),
            finite(statistics.lostShare()),
            exponents(statistics.exponents())),
        run.epochAccuracies().stream().map(ReportJson::finite).toList(),
        run.losses().stream().map(ReportJson::finite).toList(),
        run.scales().stream().map(ReportJson::finite).toList());
  }

  private static Exponents exponents(ExponentHistogram histogram) {
    int least = least(histogram);
    int greatest = greatest(histogram);
    return new Exponents(
        least,
        IntStream.rangeClosed(least, greatest).mapToObj(histogram::count).toList(),
        histogram.zeros(),
        histogram.notFinite());
  }

  private static int least(ExponentHistogram histogram) {
    return IntStream.range(ExponentHistogram.LEAST, ExponentHistogram.END)
        .filter(e -> histogram.count(e) > 0)
        .findFirst()
        .orElse(0);
  }

  private static int greatest(ExponentHistogram histogram) {
    return IntStream.range(ExponentHistogram.LEAST, ExponentHistogram.END)
        .filter(e -> histogram.count(e) > 0)
        .max()
        .orElse(-1);
  }

  /** A float as its shortest decimal, not as the longer one of the double next to it. */
  private static @Nullable Number finite(Number value) {
    return Double.isFinite(value.doubleValue()) ? value : null;
  }

  private record Document(Setup setup, List<Form> forms) {}

  @JsonInclude(JsonInclude.Include.ALWAYS)
  private record Form(
      String name,
      String description,
      String half,
      boolean masterWeights,
      int steps,
      long skippedSteps,
      @Nullable String stopped,
      @Nullable Number testAccuracy,
      @Nullable Number finalLoss,
      @Nullable Number stepSeconds,
      @Nullable Number finalScale,
      long weightBytes,
      long shadowBytes,
      long gradientBytes,
      long optimizerStateBytes,
      long savedActivationBytes,
      Gradients gradients,
      List<? extends @Nullable Number> epochAccuracies,
      List<? extends @Nullable Number> losses,
      List<? extends @Nullable Number> scales) {}

  /** Shares of all gradients in the sampled steps; of the updates for the last two. */
  private record Gradients(
      int sampledSteps,
      @Nullable Number belowFp16BeforeScaling,
      @Nullable Number belowFp16AfterScaling,
      @Nullable Number zero,
      long updates,
      long updatesLost,
      @Nullable Number updatesLostShare,
      Exponents exponents) {}

  /** counts[i]: gradients g, unscaled, with floor(log2 |g|) = least + i. */
  private record Exponents(int least, List<Long> counts, long zeros, long notFinite) {}
}
