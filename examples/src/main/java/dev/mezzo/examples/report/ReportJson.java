package dev.mezzo.examples.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.mezzo.ExponentHistogram;
import dev.mezzo.examples.training.GradientStatistics;
import dev.mezzo.examples.training.RunResult;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A report as JSON: keys in snake case; numbers that are not finite are null. */
public final class ReportJson {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .addModule(
              new SimpleModule()
                  .addSerializer(Float.class, new FiniteOrNull())
                  .addSerializer(Double.class, new FiniteOrNull())
                  .addSerializer(float.class, new FiniteOrNull())
                  .addSerializer(double.class, new FiniteOrNull()))
          .build();

  private ReportJson() {}

  /** Indented, ended by a newline. */
  public static String of(Report report) {
    Document document =
        new Document(report.setup(), report.runs().stream().map(ReportJson::form).toList());
    return of((Object) document);
  }

  /** Any other document, in the same way. */
  public static String of(Object document) {
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
        run.accuracy(),
        run.finalLoss(),
        run.medianSeconds(),
        run.finalScale(),
        run.memory().weights(),
        run.memory().shadows(),
        run.memory().gradients(),
        run.memory().optimizerState(),
        run.memory().savedActivations(),
        new Gradients(
            statistics.steps(),
            statistics.belowBeforeScaling(),
            statistics.belowAfterScaling(),
            statistics.zeros(),
            statistics.updates(),
            statistics.lost(),
            statistics.lostShare(),
            exponents(statistics.exponents())),
        run.epochAccuracies(),
        run.losses(),
        run.scales());
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
  private static final class FiniteOrNull extends JsonSerializer<Number> {
    @Override
    public void serialize(Number value, JsonGenerator to, SerializerProvider provider)
        throws IOException {
      if (!Double.isFinite(value.doubleValue())) {
        to.writeNull();
      } else if (value instanceof Float) {
        to.writeNumber(value.floatValue());
      } else {
        to.writeNumber(value.doubleValue());
      }
    }
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
      double testAccuracy,
      double finalLoss,
      double stepSeconds,
      double finalScale,
      long weightBytes,
      long shadowBytes,
      long gradientBytes,
      long optimizerStateBytes,
      long savedActivationBytes,
      Gradients gradients,
      List<Double> epochAccuracies,
      List<Float> losses,
      List<Float> scales) {}

  /** Shares of all gradients in the sampled steps; of the updates for the last two. */
  private record Gradients(
      int sampledSteps,
      double belowFp16BeforeScaling,
      double belowFp16AfterScaling,
      double zero,
      long updates,
      long updatesLost,
      double updatesLostShare,
      Exponents exponents) {}

  /** counts[i]: gradients g, unscaled, with floor(log2 |g|) = least + i. */
  private record Exponents(int least, List<Long> counts, long zeros, long notFinite) {}
}
