package dev.mezzo.examples.cli;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mezzo.HalfFormat;
import dev.mezzo.PrecisionAdvice;
import dev.mezzo.StepStatistics;
import dev.mezzo.Training;
import dev.mezzo.io.WholeFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all advice has in common: how many steps, for which format, and where to. */
public final class AdviceOptions {

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "steps to look at, default ${DEFAULT-VALUE}",
      defaultValue = "5")
  int steps;

  @Option(
      names = "--half",
      paramLabel = "fp16|bf16",
      description = "the format to advise on, default ${DEFAULT-VALUE}",
      defaultValue = "fp16")
  HalfFormat half;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of weights and data; default ${DEFAULT-VALUE}",
      defaultValue = "1")
  long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "write all numbers to FILE")
  @Nullable Path json;

  /** For picocli. */
  public AdviceOptions() {}

  /** Says what cannot work, before there is much work. */
  void check() {
    Bounds.atLeast(spec, "--steps", 1, steps);
    WholeFile.check(json);
  }

  /**
   * Runs the steps, prints, and writes what was asked for.
   *
   * @param step one step of the training, which looks at each
   */
  void advise(PrintWriter out, Training training, Runnable step) throws JsonProcessingException {
    PrecisionAdvice advice = PrecisionAdvice.of(statistics(training, step), half);
    out.print(advice);
    if (json != null) {
      WholeFile.write(json, JsonMapper.builder().build().writeValueAsString(advice) + "\n");
      out.println("All numbers: " + json);
    }
    out.flush();
  }

  private StepStatistics statistics(Training training, Runnable step) {
    StepStatistics all = null;
    for (int i = 0; i < steps; i++) {
      step.run();
      StepStatistics one = training.statistics().orElseThrow();
      all = all == null ? one : all.plus(one);
    }
    return requireNonNull(all, "statistics of no step");
  }
}
