package dev.mezzo.processor.read;

import com.sun.source.tree.MethodTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Construction;
import dev.mezzo.processor.model.DeclaredShape;
import dev.mezzo.processor.model.DeclaredShapes;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.util.ElementFilter;

/** Gathers what is known of one layer's shapes, while its methods are read. */
final class DeclaredShapesReader {
  private final LayerSource layer;
  private final SourceTrees trees;
  private final DimsAnnotations annotations;
  private final Map<String, Map<Value, DeclaredShape>> values = new HashMap<>();
  private final Map<String, DeclaredShape> results = new HashMap<>();

  DeclaredShapesReader(LayerSource layer, SourceTrees trees, Complaints complaints) {
    this.layer = layer;
    this.trees = trees;
    this.annotations = new DimsAnnotations(trees, complaints);
  }

  /** Notes what a method's annotation says of its result. */
  void result(String function, TreePath path) {
    MethodTree method = (MethodTree) path.getLeaf();
    annotations
        .read(path, method.getModifiers(), method.getName().toString(), true)
        .ifPresent(shape -> results.put(function, shape));
  }

  /** Notes what the annotation of a local variable or parameter says of a tensor. */
  void value(String function, Value value, TreePath path) {
    variable(path, true)
        .ifPresent(
            shape -> values.computeIfAbsent(function, _ -> new HashMap<>()).put(value, shape));
  }

  /** Reports an annotation on what is no tensor. */
  void plain(TreePath path) {
    variable(path, false);
  }

  /** All that is known. */
  DeclaredShapes read() {
    Map<String, DeclaredShape> fields = new HashMap<>();
    Set<String> numbers = new HashSet<>();
    for (LayerField field : layer.fields().values()) {
      TreePath path = trees.trees().getPath(field.element());
      boolean tensor = field.kind() == Kind.PARAMETER || field.kind() == Kind.TENSOR;
      variable(path, tensor).ifPresent(shape -> fields.put(field.name(), shape));
      if (field.element().asType().getKind() == TypeKind.INT) {
        numbers.add(field.name());
      }
    }
    for (ExecutableElement constructor :
        ElementFilter.constructorsIn(layer.type().getEnclosedElements())) {
      constructor.getParameters().stream()
          .filter(parameter -> parameter.asType().getKind() == TypeKind.INT)
          .forEach(parameter -> numbers.add(parameter.getSimpleName().toString()));
    }
    List<Construction> constructions = ConstructionReader.read(layer, trees);
    return new DeclaredShapes(fields, values, results, numbers, constructions);
  }

  private Optional<DeclaredShape> variable(TreePath path, boolean tensor) {
    return path != null && path.getLeaf() instanceof VariableTree variable
        ? annotations.read(path, variable.getModifiers(), variable.getName().toString(), tensor)
        : Optional.empty();
  }
}
