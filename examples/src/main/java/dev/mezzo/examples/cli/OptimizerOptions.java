package dev.mezzo.examples.cli;

import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Schedule;
import dev.mezzo.optim.Sgd;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How the weights follow their gradients. */
final class OptimizerOptions {

  /** The rules. */
  enum Kind {
    SGD,
    ADAMW
  }

  /** The courses of the learning rate. */
  enum Course {
    CONSTANT,
    STEP,
    COSINE
  }

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--optimizer",
      paramLabel = "sgd|adamw",
      description = "how weights follow their gradients, default ${DEFAULT-VALUE}",
      defaultValue = "sgd")
  Kind kind;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = "learning rate; by default 0.05 for sgd, 0.001 for adamw")
  @Nullable Float rate;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      description = "of sgd, from 0 to below 1, default ${DEFAULT-VALUE}",
      defaultValue = "0.9")
  float momentum;

  @Option(names = "--nesterov", description = "Nesterov's momentum, for sgd")
  boolean nesterov;

  @Option(
      names = "--weight-decay",
      paramLabel = "W",
      description = "how weights shrink, by default 0 for sgd, 0.01 for adamw")
  @Nullable Float weightDecay;

  @Option(
      names = "--schedule",
      paramLabel = "constant|step|cosine",
      description =
          "the rate stays; or falls to a tenth after each third of the training; or falls to 0"
              + " along half a cosine; default ${DEFAULT-VALUE}",
      defaultValue = "constant")
  Course course;

  @Option(
      names = "--warm-up",
      paramLabel = "STEPS",
      description = "the rate rises over so many steps first, default ${DEFAULT-VALUE}",
      defaultValue = "0")
  int warmUp;

  /** For picocli. */
  OptimizerOptions() {}

  /** The optimizer of a training of so many steps. */
  Optimizer optimizer(int steps) {
    check();
    return switch (kind) {
      case SGD -> sgd(schedule(0.05f, steps));
      case ADAMW -> adamW(schedule(0.001f, steps));
    };
  }

  private void check() {
    Bounds.atLeast(spec, "--warm-up", 0, warmUp);
    Bounds.fraction(spec, "--momentum", momentum);
    if (rate != null) {
      Bounds.notNegative(spec, "--lr", rate);
    }
    if (weightDecay != null) {
      Bounds.notNegative(spec, "--weight-decay", weightDecay);
    }
    if (nesterov && kind != Kind.SGD) {
      throw new ParameterException(spec.commandLine(), "--nesterov is for --optimizer sgd");
    }
    if (nesterov && momentum == 0) {
      throw new ParameterException(spec.commandLine(), "--nesterov needs a --momentum above 0");
    }
  }

  /** As in {@code SGD, rate 0.05, momentum 0.9}. */
  String describe() {
    StringBuilder text = new StringBuilder();
    switch (kind) {
      case SGD -> {
        text.append("SGD, rate ").append(rate == null ? 0.05f : rate);
        text.append(nesterov ? ", Nesterov's momentum " : ", momentum ").append(momentum);
      }
      case ADAMW -> text.append("AdamW, rate ").append(rate == null ? 0.001f : rate);
    }
    if (weightDecay != null) {
      text.append(", weight decay ").append(weightDecay);
    }
    if (course != Course.CONSTANT) {
      text.append(course == Course.COSINE ? ", cosine schedule" : ", step schedule");
    }
    if (warmUp > 0) {
      text.append(", warm-up of ").append(warmUp).append(" steps");
    }
    return text.toString();
  }

  private Sgd sgd(Schedule schedule) {
    Sgd sgd = Sgd.of(schedule).withMomentum(momentum);
    Sgd accelerated = nesterov ? sgd.withNesterov() : sgd;
    return weightDecay == null ? accelerated : accelerated.withWeightDecay(weightDecay);
  }

  private AdamW adamW(Schedule schedule) {
    AdamW adamW = AdamW.of(schedule);
    return weightDecay == null ? adamW : adamW.withWeightDecay(weightDecay);
  }

  private Schedule schedule(float usual, int steps) {
    float first = rate == null ? usual : rate;
    int rest = Math.max(1, steps - warmUp);
    Schedule schedule =
        switch (course) {
          case CONSTANT -> Schedule.constant(first);
          case STEP -> Schedule.step(first, 0.1f, Math.ceilDiv(rest, 3));
          case COSINE -> Schedule.cosine(first, 0f, rest);
        };
    return warmUp == 0 ? schedule : Schedule.warmUp(warmUp, schedule);
  }
}
