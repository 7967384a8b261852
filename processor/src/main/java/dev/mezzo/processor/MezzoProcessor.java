package dev.mezzo.processor;

import com.google.auto.service.AutoService;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.options.Option;
import dev.mezzo.processor.options.Options;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.read.SourceReader;
import dev.mezzo.processor.report.ReportPage;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.Processor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic;
import org.jspecify.annotations.Nullable;

/** Writes the mixed precision form of every annotated layer. */
@AutoService(Processor.class)
public final class MezzoProcessor extends AbstractProcessor {
  private final Map<ClassName, LayerInterface> finished = new HashMap<>();
  private final Map<ClassName, ShapeRule> shapes = new HashMap<>();
  private final ReportPage page = new ReportPage();
  private Options options = Options.of(Map.of());
  private @Nullable SourceReader reader;
  private boolean refused;

  /** Called by javac, which finds the class through {@link java.util.ServiceLoader}. */
  public MezzoProcessor() {}

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    return Set.of("dev.mezzo.annotations.*");
  }

  @Override
  public Set<String> getSupportedOptions() {
    return Set.copyOf(Option.keys());
  }

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public synchronized void init(ProcessingEnvironment environment) {
    super.init(environment);
    refused = true; // if it fails, that is said here
    guarded("of this compilation", () -> start(environment));
  }

  private void start(ProcessingEnvironment environment) {
    options = Options.of(environment.getOptions());
    options.flaws().forEach(this::print);
    reader = SourceReader.of(environment, options).orElse(null);
    refused = false;
  }

  /**
   * Claims the annotations, which are Mezzo's own: unclaimed, they would each cost a user of {@code
   * -Xlint:processing} a warning. Other processors are asked about all others as before.
   */
  @Override
  @SuppressWarnings("DoNotClaimAnnotations") // for the reason above
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    guarded("in this round", () -> process(round));
    return true;
  }

  /** Does what may fail outside of any layer: javac would print a stack trace, and stop. */
  private void guarded(String where, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | AssertionError | StackOverflowError | LinkageError bug) {
      processingEnv
          .getMessager()
          .printMessage(Diagnostic.Kind.ERROR, Catalogue.BUG.message(where, bug));
      LayerCompiler.trace(bug, options);
    }
  }

  private void process(RoundEnvironment round) {
    Optional<SourceReader> javac = Optional.ofNullable(reader);
    if (javac.isEmpty()) {
      refuse();
    } else if (round.processingOver()) {
      javac.get().finish();
      report();
    } else {
      new LayerCompiler(
              javac.get().next(round), finished, shapes, page, options, processingEnv.getFiler())
          .compile();
    }
  }

  private void print(Options.Flaw flaw) {
    processingEnv
        .getMessager()
        .printMessage(
            Diagnostic.Kind.ERROR,
            Catalogue.MALFORMED_OPTION.message(flaw.option(), flaw.found(), flaw.cure()));
  }

  private void report() {
    if (page.isEmpty()) {
      return;
    }
    try {
      new ReportFile(processingEnv.getFiler(), options).write(page);
    } catch (IOException failure) {
      processingEnv
          .getMessager()
          .printMessage(
              Diagnostic.Kind.ERROR, Catalogue.CANNOT_WRITE.message("the report", failure));
    }
  }

  private void refuse() {
    if (!refused) {
      refused = true;
      String compiler = processingEnv.getClass().getName();
      processingEnv
          .getMessager()
          .printMessage(Diagnostic.Kind.ERROR, Catalogue.OTHER_COMPILER.message(compiler));
    }
  }
}
