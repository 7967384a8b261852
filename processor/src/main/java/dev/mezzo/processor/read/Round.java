package dev.mezzo.processor.read;

import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.SourceExcerpt;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.Elements;

/** The layers of one round of annotation processing. */
public final class Round {
  private final SourceTrees trees;
  private final Elements elements;
  private final LayerReader reader;
  private final Map<ClassName, TypeElement> layers = new LinkedHashMap<>();
  private final List<Problem> problemsOutside;
  private final Set<String> sources;
  private final Map<String, Problem> deferred;

  Round(
      SourceTrees trees,
      Elements elements,
      OperationReader operations,
      List<TypeElement> layers,
      List<Problem> problemsOutside,
      Set<String> sources,
      Map<String, Problem> deferred) {
    this.trees = trees;
    this.elements = elements;
    this.reader = new LayerReader(trees, elements, operations);
    this.problemsOutside = problemsOutside;
    this.sources = sources;
    this.deferred = deferred;
    layers.forEach(layer -> this.layers.put(TypeText.className(layer), layer));
  }

  /** Those of this round, and those that have waited for it. */
  public List<ClassName> layers() {
    return List.copyOf(layers.keySet());
  }

  /** What is wrong in this round outside of layers: operations, gradients, other declarations. */
  public List<Problem> problemsOutside() {
    return problemsOutside;
  }

  /**
   * Reads one of the layers; empty where it refers to what does not exist, or not yet: then it
   * waits for the next round.
   */
  public Optional<LayerReading> read(ClassName layer) {
    try {
      return Optional.of(reader.read(element(layer)));
    } catch (UnresolvedException unresolved) {
      Optional<TreePath> name = unresolved.path();
      defer(
          layer,
          name.map(trees::at).orElseGet(() -> position(layer)),
          name.map(Round::text).orElse(String.valueOf(unresolved.getMessage())));
      return Optional.empty();
    } catch (RuntimeException failure) {
      if (!isMissingClassFile(failure)) {
        throw failure;
      }
      defer(layer, position(layer), String.valueOf(failure.getMessage()));
      return Optional.empty();
    }
  }

  /** Lets a layer wait for the next round, because of something that does not exist yet. */
  public void defer(ClassName layer, SourcePosition position, String missing) {
    deferred.put(layer.qualified(), Catalogue.NOT_RESOLVED.at(position, layer.name(), missing));
  }

  /** Whether a layer waits for the next round. */
  public boolean isDeferred(ClassName layer) {
    return deferred.containsKey(layer.qualified());
  }

  /** The class of one of the layers, to which generated files are attributed. */
  public TypeElement element(ClassName layer) {
    TypeElement element = layers.get(layer);
    if (element == null) {
      throw new IllegalArgumentException("no layer of this round: " + layer);
    }
    return element;
  }

  /** The text of one of the layers, and where the positions stand in it. */
  public SourceExcerpt excerpt(ClassName layer, Set<SourcePosition> positions) throws IOException {
    return trees.excerpt(element(layer), positions);
  }

  /** Where one of the layers stands. */
  public SourcePosition position(ClassName layer) {
    TreePath path = trees.trees().getPath(element(layer));
    return trees.at(path);
  }

  /** Whether the user has written a class of that name. */
  public boolean isWritten(ClassName name) {
    return sources.contains(name.qualified());
  }

  /** The mixed form of a layer that is compiled already. */
  public CompiledForm compiledForm(ClassName layer) {
    TypeElement mixed = elements.getTypeElement(layer.mixed().qualified());
    if (mixed == null) {
      return new CompiledForm.Missing();
    }
    return MixedForms.format(mixed)
        .<CompiledForm>map(
            format ->
                format == LayerInterface.FORMAT
                    ? new CompiledForm.Known(MixedForms.read(mixed))
                    : new CompiledForm.OtherFormat(format))
        .orElseGet(CompiledForm.Missing::new);
  }

  /** What a layer of another compilation says of its shapes. */
  public Optional<ShapeRule> compiledShape(ClassName layer) {
    return Optional.ofNullable(elements.getTypeElement(layer.qualified()))
        .flatMap(CompiledShapes::read);
  }

  /** Prints problems in the order of the source, each on its tree. */
  public void print(List<Problem> problems) {
    trees.print(problems);
  }

  /**
   * A class file that another one needs is not on the class path; javac's exception is internal.
   */
  private static boolean isMissingClassFile(RuntimeException failure) {
    return failure.getClass().getSimpleName().equals("CompletionFailure");
  }

  private static String text(TreePath path) {
    return switch (path.getLeaf()) {
      case MethodInvocationTree call -> call.getMethodSelect().toString();
      case VariableTree variable -> String.valueOf(variable.getType());
      case Tree other -> other.toString();
    };
  }
}
