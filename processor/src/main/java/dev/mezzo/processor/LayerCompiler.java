package dev.mezzo.processor;

import static java.util.Objects.requireNonNull;

import dev.mezzo.processor.check.Checks;
import dev.mezzo.processor.emit.GeneratedSource;
import dev.mezzo.processor.emit.LayerEmitter;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.options.Option;
import dev.mezzo.processor.options.Options;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.LayerPlanner;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.read.CompiledForm;
import dev.mezzo.processor.read.LayerReading;
import dev.mezzo.processor.read.Round;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.annotation.processing.Filer;
import javax.annotation.processing.FilerException;

/** Takes the layers of one round through the stages, sub-layers first. */
final class LayerCompiler {
  private final Round round;
  private final Map<ClassName, LayerInterface> finished;
  private final Options options;
  private final Filer filer;
  private final Set<ClassName> trainings = new HashSet<>();
  private final Set<ClassName> done = new HashSet<>();
  private final Set<ClassName> open = new LinkedHashSet<>();

  /**
   * Prepares a round.
   *
   * @param finished the layers of earlier rounds, to which those of this one are added
   */
  LayerCompiler(
      Round round, Map<ClassName, LayerInterface> finished, Options options, Filer filer) {
    this.round = round;
    this.finished = finished;
    this.options = options;
    this.filer = filer;
  }

  void compile() {
    round.print(round.problemsOutside());
    round.layers().forEach(this::compile);
  }

  private void compile(ClassName layer) {
    if (!done.add(layer)) {
      return;
    }
    open.add(layer);
    List<Problem> problems = new ArrayList<>();
    try {
      compile(layer, problems);
    } catch (RuntimeException | AssertionError | StackOverflowError bug) {
      problems.add(Catalogue.BUG.at(round.position(layer), layer, bug));
      trace(bug, options);
    }
    open.remove(layer);
    round.print(problems);
  }

  /** Prints where an internal failure happened, if that is asked for. */
  static void trace(Throwable bug, Options options) {
    if (options.has(Option.TRACE)) {
      bug.printStackTrace();
    }
  }

  private void compile(ClassName layer, List<Problem> problems) {
    Optional<LayerReading> reading = round.read(layer);
    if (reading.isEmpty()) {
      return;
    }
    problems.addAll(reading.get().problems());
    problems.addAll(Checks.check(reading.get().declaration()));
    Optional<LayerModel> read = reading.get().model();
    read.ifPresent(model -> problems.addAll(Checks.check(model)));
    if (read.isPresent() && areResolved(read.get(), problems) && !hasErrors(problems)) {
      generate(read.get(), problems);
    }
  }

  private void generate(LayerModel layer, List<Problem> problems) {
    LayerPlan plan = LayerPlanner.plan(layer, this::known);
    problems.addAll(Checks.check(layer, plan.precisions()));
    if (round.isWritten(layer.type().mixed())) {
      problems.add(nameTaken(layer));
    }
    if (hasErrors(problems)) {
      return;
    }
    if (layer.lossScaling().isEmpty()) {
      finished.put(layer.type(), plan.signature());
    }
    write(layer, LayerEmitter.emit(plan), problems);
  }

  private void write(LayerModel layer, GeneratedSource source, List<Problem> problems) {
    String name = source.name().qualified();
    try (Writer writer = filer.createSourceFile(name, round.element(layer.type())).openWriter()) {
      writer.write(source.code());
    } catch (FilerException exists) {
      problems.add(nameTaken(layer));
    } catch (IOException failure) {
      problems.add(Catalogue.CANNOT_WRITE.at(layer.position(), name, failure));
    }
  }

  private static Problem nameTaken(LayerModel layer) {
    ClassName type = layer.type();
    return Catalogue.NAME_TAKEN.at(layer.position(), type.name(), type.mixed().name());
  }

  private LayerInterface known(ClassName layer) {
    return requireNonNull(finished.get(layer), () -> "interface of " + layer);
  }

  private static boolean hasErrors(List<Problem> problems) {
    return problems.stream().anyMatch(Problem::isError);
  }

  /** Whether the interfaces of all sub-layers are known. */
  private boolean areResolved(LayerModel layer, List<Problem> problems) {
    if (layer.lossScaling().isPresent()) {
      trainings.add(layer.type());
    }
    boolean resolved = true;
    for (SubLayerModel subLayer : layer.subLayers()) {
      resolve(subLayer, layer.type(), problems);
      resolved &= finished.containsKey(subLayer.type());
    }
    return resolved;
  }

  /** Makes the interface of a sub-layer known; if it cannot, and nobody has said why, says so. */
  private void resolve(SubLayerModel subLayer, ClassName parent, List<Problem> problems) {
    ClassName type = subLayer.type();
    if (finished.containsKey(type)) {
      return;
    }
    if (open.contains(type)) {
      problems.add(
          Catalogue.LAYER_CYCLE.at(
              subLayer.position(), subLayer.name(), parent.name(), cycle(type)));
    } else if (round.layers().contains(type)) {
      compile(type);
      if (round.isDeferred(type)) {
        round.defer(parent, subLayer.position(), type.name());
      } else if (trainings.contains(type)) {
        problems.add(missing(subLayer, "a training class is no layer; hold its layers instead"));
      }
    } else {
      switch (round.compiledForm(type)) {
        case CompiledForm.Known(LayerInterface face) -> finished.put(type, face);
        case CompiledForm.OtherFormat(int format) ->
            problems.add(
                Catalogue.UNKNOWN_MIXED_FORM.at(
                    subLayer.position(),
                    subLayer.name(),
                    type.name(),
                    type.mixed().name(),
                    format,
                    LayerInterface.FORMAT));
        case CompiledForm.Missing() ->
            problems.add(
                missing(subLayer, "compile '" + type.name() + "' with Mezzo's processor, too"));
      }
    }
  }

  private static Problem missing(SubLayerModel subLayer, String cure) {
    return Catalogue.MISSING_MIXED_FORM.at(
        subLayer.position(),
        subLayer.name(),
        subLayer.type().name(),
        subLayer.type().mixed().name(),
        cure);
  }

  /** As in {@code A → B → A}. */
  private String cycle(ClassName from) {
    return Stream.concat(open.stream().dropWhile(layer -> !layer.equals(from)), Stream.of(from))
        .map(ClassName::name)
        .collect(Collectors.joining(" → "));
  }
}
