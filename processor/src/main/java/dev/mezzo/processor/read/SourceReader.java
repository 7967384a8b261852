package dev.mezzo.processor.read;

import com.sun.source.util.Trees;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.processor.options.Option;
import dev.mezzo.processor.options.Options;
import dev.mezzo.processor.problem.Problem;
import java.lang.annotation.Annotation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import org.jspecify.annotations.Nullable;

/** Finds the layers of a compilation, round by round. */
public final class SourceReader {
  private static final List<Class<? extends Annotation>> LAYER_ANNOTATIONS =
      List.of(Half.class, Full.class, LossScaled.class);

  private final Trees trees;
  private final Elements elements;
  private final Types types;
  private final Options options;
  private final Set<String> sources = new HashSet<>();
  private Map<String, Problem> deferred = new LinkedHashMap<>();
  private @Nullable SourceTrees last;

  private SourceReader(ProcessingEnvironment environment, Options options) {
    this.options = options;
    this.trees = Trees.instance(environment);
    this.elements = environment.getElementUtils();
    this.types = environment.getTypeUtils();
  }

  /** The reader of a compilation; empty where the compiler is not javac. */
  public static Optional<SourceReader> of(ProcessingEnvironment environment, Options options) {
    return JavacEnvironment.unwrap(environment).map(javac -> new SourceReader(javac, options));
  }

  /** The next round. */
  public Round next(RoundEnvironment environment) {
    ElementFilter.typesIn(environment.getRootElements())
        .forEach(root -> sources.add(root.getQualifiedName().toString()));
    Set<TypeElement> layers = new LinkedHashSet<>();
    for (String name : deferred.keySet()) {
      TypeElement layer = elements.getTypeElement(name);
      if (layer != null) {
        layers.add(layer);
      }
    }
    deferred = new LinkedHashMap<>();
    for (Class<? extends Annotation> annotation : LAYER_ANNOTATIONS) {
      layers.addAll(ElementFilter.typesIn(environment.getElementsAnnotatedWith(annotation)));
    }
    SourceTrees roundTrees = new SourceTrees(trees, elements, types, options.has(Option.STRICT));
    last = roundTrees;
    OperationReader operations = new OperationReader(types);
    List<Problem> problems =
        Stream.concat(
                SourceOperations.check(environment, operations, roundTrees).stream(),
                SourceMasters.check(environment, layers, roundTrees))
            .toList();
    return new Round(
        roundTrees,
        elements,
        operations,
        List.copyOf(layers),
        problems,
        Set.copyOf(sources),
        deferred);
  }

  /** Prints which layers have waited in vain: there is no further round. */
  public void finish() {
    if (last != null) {
      last.print(List.copyOf(deferred.values()));
    }
  }
}
