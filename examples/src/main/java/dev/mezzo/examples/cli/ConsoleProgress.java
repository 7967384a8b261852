package dev.mezzo.examples.cli;

import dev.mezzo.StepResult;
import dev.mezzo.examples.training.RunListener;
import dev.mezzo.examples.training.RunResult;
import dev.mezzo.examples.training.TrainingForm;
import java.io.Console;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows on standard error how a run goes: on a terminal a bar, with loss, accuracy, loss scale and
 * skipped steps; else a line for each epoch. Both have a line for each checkpoint.
 */
final class ConsoleProgress implements RunListener, AutoCloseable {

  private static final int NAME = 10;

  private final PrintStream err;
  private final boolean terminal;
  private String name = "";
  private int steps;
  private int step;
  private double loss = Double.NaN;
  private String tested = "";
  private boolean trains;
  private float scale;
  private long skipped;
  private @Nullable ProgressBar bar;

  ConsoleProgress(PrintStream err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** For standard error. */
  @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null again where there is no terminal
  static ConsoleProgress onStandardError() {
    Console console = System.console();
    return new ConsoleProgress(System.err, console != null && console.isTerminal());
  }

  @Override
  public void begins(TrainingForm form, int made, int steps) {
    this.name = form.name();
    this.steps = steps;
    this.step = made;
    this.trains = false;
    this.loss = Double.NaN;
    this.tested = "";
    this.skipped = 0;
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(name + " ".repeat(Math.max(0, NAME - name.length())))
              .setInitialMax(steps)
              .startsFrom(made, Duration.ZERO)
              .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
              .setUpdateIntervalMillis(200)
              .hideEta() // leaves room for the numbers on 80 columns
              .setConsumer(new ConsoleProgressBarConsumer(err))
              .build();
    }
  }

  @Override
  public void step(int step, StepResult result, long skipped) {
    this.step = step;
    this.trains = true;
    this.scale = result.scale();
    this.skipped = skipped;
    if (Float.isFinite(result.loss())) {
      loss = Double.isNaN(loss) ? result.loss() : 0.95 * loss + 0.05 * result.loss();
    } else {
      loss = result.loss();
    }
    if (bar != null) {
      bar.stepTo(step);
      bar.setExtraMessage(" " + numbers());
    }
  }

  @Override
  public void epoch(int epoch, double accuracy) {
    tested(String.format(Locale.ROOT, "acc %.1f%%", 100 * accuracy), "  epoch " + epoch);
  }

  @Override
  public void validated(double loss, double accuracy) {
    tested(String.format(Locale.ROOT, "val %.3f acc %.1f%%", loss, 100 * accuracy), "");
  }

  private void tested(String found, String when) {
    tested = found;
    if (bar != null) {
      bar.setExtraMessage(" " + numbers());
    } else {
      err.printf(Locale.ROOT, "%-10s%s  step %d of %d  %s%n", name, when, step, steps, numbers());
    }
  }

  @Override
  public void saved(Path file) {
    String clear = bar == null ? "" : "\r\u001b[K"; // the bar is drawn again below
    err.printf(Locale.ROOT, "%s%-10s  step %d saved to %s%n", clear, name, step, file);
  }

  @Override
  public void ends(RunResult result) {
    close();
  }

  /** Leaves the bar as it is, the cursor on the next line. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  private String numbers() {
    if (!trains) {
      return tested;
    }
    String seen = tested.isEmpty() ? "" : " " + tested;
    return String.format(
        Locale.ROOT, "loss %.3f%s scale %.0f skips %d", loss, seen, scale, skipped);
  }
}
