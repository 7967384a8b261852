package dev.mezzo.processor.read;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.options.Options;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;

/** Only reads, and keeps what was read. */
final class ReadingProcessor extends AbstractProcessor {
  private final Map<String, LayerReading> readings = new LinkedHashMap<>();

  /** Reads the layers of one source file. */
  static Map<String, LayerReading> read(String name, String source) {
    ReadingProcessor processor = new ReadingProcessor();
    Compilation compilation =
        Compiler.javac()
            .withProcessors(processor)
            .compile(JavaFileObjects.forSourceString(name, source));
    if (processor.readings.isEmpty()) {
      throw new AssertionError("no layer was read: " + compilation.diagnostics());
    }
    return processor.readings;
  }

  /** The layers by name. */
  Map<String, LayerReading> readings() {
    return readings;
  }

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    return Set.of("*");
  }

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment environment) {
    if (!environment.processingOver()) {
      Round round =
          SourceReader.of(processingEnv, Options.of(Map.of())).orElseThrow().next(environment);
      for (ClassName layer : round.layers()) {
        round.read(layer).ifPresent(reading -> readings.put(layer.name(), reading));
      }
    }
    return false;
  }
}
