package dev.mezzo.processor;

import static java.util.Objects.requireNonNull;

import dev.mezzo.processor.check.Checks;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.emit.ContractEmitter;
import dev.mezzo.processor.emit.GeneratedSource;
import dev.mezzo.processor.emit.LayerEmitter;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.LayerContract;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.SourceExcerpt;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.options.Format;
import dev.mezzo.processor.options.Option;
import dev.mezzo.processor.options.Options;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.LayerPlanner;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.read.CompiledForm;
import dev.mezzo.processor.read.LayerReading;
import dev.mezzo.processor.read.Round;
import dev.mezzo.processor.report.LayerReport;
import dev.mezzo.processor.report.PlanDocument;
import dev.mezzo.processor.report.ReportPage;
import dev.mezzo.processor.shape.LayerShapes;
import dev.mezzo.processor.shape.ShapeInference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.annotation.processing.Filer;

/** Takes the layers of one round through the stages, sub-layers first. */
final class LayerCompiler {
  private final Round round;
  private final Map<ClassName, LayerInterface> finished;
  private final Map<ClassName, ShapeRule> shapes;
  private final ReportPage page;
  private final Options options;
  private final LayerFiles files;
  private final Set<ClassName> trainings = new HashSet<>();
  private final Set<ClassName> done = new HashSet<>();
  private final Set<ClassName> open = new LinkedHashSet<>();

  /**
   * Prepares a round.
   *
   * @param finished the layers of earlier rounds, to which those of this one are added
   * @param shapes their shapes, likewise
   * @param page to which the layers are added, where a report is asked for
   */
  LayerCompiler(
      Round round,
      Map<ClassName, LayerInterface> finished,
      Map<ClassName, ShapeRule> shapes,
      ReportPage page,
      Options options,
      Filer filer) {
    this.round = round;
    this.finished = finished;
    this.shapes = shapes;
    this.page = page;
    this.options = options;
    this.files = new LayerFiles(round, filer);
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
    } catch (RuntimeException | AssertionError | StackOverflowError | LinkageError bug) {
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
    reading.get().contract().ifPresent(contract -> generate(contract, problems));
    Optional<LayerModel> read = reading.get().model();
    read.ifPresent(model -> problems.addAll(Checks.check(model)));
    if (read.isPresent() && areResolved(read.get(), problems) && !hasErrors(problems)) {
      generate(read.get(), problems);
    }
  }

  private void generate(LayerContract contract, List<Problem> problems) {
    for (ClassName parent : contract.parents()) {
      var subject = subject(contract.type(), parent);
      resolve(parent, contract.type(), subject, contract.position(), problems);
    }
    if (round.isWritten(contract.type().mixed())) {
      problems.add(LayerFiles.nameTaken(contract.type(), contract.position()));
    }
    if (!hasErrors(problems) && finished.keySet().containsAll(contract.parents())) {
      finished.put(contract.type(), contract.border());
      files.write(contract.type(), contract.position(), ContractEmitter.emit(contract), problems);
    }
  }

  private void generate(LayerModel layer, List<Problem> problems) {
    LayerPlan plan = LayerPlanner.plan(layer, this::known, options.has(Option.FUSION));
    LayerShapes inferred = ShapeInference.infer(layer, this::shape);
    problems.addAll(inferred.problems());
    problems.addAll(Checks.check(layer, plan, inferred, options.formats()));
    shapes.put(layer.type(), inferred.signature());
    if (round.isWritten(layer.type().mixed())) {
      problems.add(LayerFiles.nameTaken(layer.type(), layer.position()));
    }
    if (hasErrors(problems)) {
      return;
    }
    if (layer.lossScaling().isEmpty()) {
      finished.put(layer.type(), plan.signature());
    }
    GeneratedSource source = LayerEmitter.emit(plan, options.has(Option.CHECKS), formats());
    files.write(layer.type(), layer.position(), source, problems);
    if (!hasErrors(problems)) {
      String document = PlanDocument.of(plan, inferred.values());
      files.write(layer, document, problems);
      if (options.has(Option.REPORT)) {
        report(plan, document, source, problems);
      }
    }
  }

  /** The formats that the training is held to; none where all are allowed. */
  private Set<String> formats() {
    Set<Format> all = EnumSet.allOf(Format.class);
    return options.formats().equals(all)
        ? Set.of()
        : options.formats().stream().map(Enum::name).collect(Collectors.toCollection(TreeSet::new));
  }

  private void report(
      LayerPlan plan, String document, GeneratedSource source, List<Problem> problems) {
    ClassName layer = plan.layer().type();
    try {
      SourceExcerpt excerpt = round.excerpt(layer, LayerReport.positions(plan));
      page.add(LayerReport.of(plan, document, source.code(), excerpt));
    } catch (IOException failure) {
      problems.add(
          Catalogue.CANNOT_WRITE.at(plan.layer().position(), "the report of " + layer, failure));
    }
  }

  private LayerInterface known(ClassName layer) {
    return requireNonNull(finished.get(layer), () -> "interface of " + layer);
  }

  private Optional<ShapeRule> shape(ClassName layer) {
    return Optional.ofNullable(shapes.get(layer));
  }

  private static boolean hasErrors(List<Problem> problems) {
    return problems.stream().anyMatch(Problem::isError);
  }

  /** Whether the interfaces of all sub-layers are known. */
  private boolean areResolved(LayerModel layer, List<Problem> problems) {
    if (layer.lossScaling().isPresent()) {
      trainings.add(layer.type());
    }
    for (SubLayerModel subLayer : layer.subLayers()) {
      String subject =
          "sub-layer '%s' has type %s".formatted(subLayer.name(), subLayer.type().name());
      if (open.contains(subLayer.type())) {
        problems.add(cycle(subLayer, layer.type()));
      } else {
        resolve(subLayer.type(), layer.type(), subject, subLayer.position(), problems);
      }
    }
    for (ClassName contract : layer.contracts()) {
      String subject = subject(layer.type(), contract);
      resolve(contract, layer.type(), subject, layer.position(), problems);
    }
    boolean resolved =
        Stream.concat(
                layer.subLayers().stream().map(SubLayerModel::type), layer.contracts().stream())
            .allMatch(finished::containsKey);
    if (resolved) {
      problems.addAll(Checks.check(layer, this::known));
    }
    return resolved;
  }

  /** Makes the interface of another layer known; if it cannot, and nobody has said why, says so. */
  private void resolve(
      ClassName type,
      ClassName by,
      String subject,
      SourcePosition position,
      List<Problem> problems) {
    if (finished.containsKey(type)) {
      return;
    }
    if (round.layers().contains(type)) {
      compile(type);
      if (round.isDeferred(type)) {
        round.defer(by, position, type.name());
      } else if (trainings.contains(type)) {
        String cure = "a training class is no layer; hold its layers instead";
        problems.add(missing(type, subject, position, cure));
      }
    } else {
      switch (round.compiledForm(type)) {
        case CompiledForm.Known(LayerInterface face) -> {
          finished.put(type, face);
          round.compiledShape(type).ifPresent(shape -> shapes.put(type, shape));
        }
        case CompiledForm.OtherFormat(int format) ->
            problems.add(
                Catalogue.UNKNOWN_MIXED_FORM.at(
                    position, subject, type.mixed().name(), format, LayerInterface.FORMAT));
        case CompiledForm.Missing() -> {
          String cure = "compile '" + type.name() + "' with Mezzo's processor, too";
          problems.add(missing(type, subject, position, cure));
        }
      }
    }
  }

  private static String subject(ClassName type, ClassName contract) {
    return "'%s' is a %s".formatted(type.name(), contract.name());
  }

  private static Problem missing(
      ClassName type, String subject, SourcePosition position, String cure) {
    return Catalogue.MISSING_MIXED_FORM.at(position, subject, type.mixed().name(), cure);
  }

  private Problem cycle(SubLayerModel subLayer, ClassName parent) {
    return Catalogue.LAYER_CYCLE.at(
        subLayer.position(), subLayer.name(), parent.name(), cycle(subLayer.type()));
  }

  /** As in {@code A → B → A}. */
  private String cycle(ClassName from) {
    return Stream.concat(open.stream().dropWhile(layer -> !layer.equals(from)), Stream.of(from))
        .map(ClassName::name)
        .collect(Collectors.joining(" → "));
  }
}
