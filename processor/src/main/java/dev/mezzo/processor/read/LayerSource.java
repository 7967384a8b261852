package dev.mezzo.processor.read;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.read.resolve.LocalVariables;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;

/** The class that is being read: its fields and methods, by element. */
final class LayerSource {
  private final SourceTrees trees;
  private final TypeElement type;
  private final TreePath path;
  private final Map<Element, LayerField> fields;
  private final Map<ExecutableElement, TreePath> methods = new LinkedHashMap<>();
  private final Map<String, ParameterModel> ofSubLayers = new LinkedHashMap<>();

  /**
   * Gathers the methods of a class whose fields are read.
   *
   * @param fields in declaration order, by field
   */
  LayerSource(SourceTrees trees, TypeElement type, TreePath path, Map<Element, LayerField> fields) {
    this.trees = trees;
    this.type = type;
    this.path = path;
    this.fields = fields;
    for (Tree member : ((ClassTree) path.getLeaf()).getMembers()) {
      if (member instanceof MethodTree) {
        TreePath method = new TreePath(path, member);
        if (trees.declared(method) instanceof ExecutableElement element) {
          methods.put(element, method);
        }
      }
    }
  }

  TypeElement type() {
    return type;
  }

  TreePath path() {
    return path;
  }

  /** In declaration order. */
  Map<Element, LayerField> fields() {
    return fields;
  }

  /** In declaration order; of records also those that are not written out. */
  Map<ExecutableElement, TreePath> methods() {
    return methods;
  }

  /**
   * Where a method with a body is written that the layer's methods call: in the class itself, or
   * elsewhere in its file. Another file may not be there when this one is compiled again alone.
   */
  Optional<TreePath> method(ExecutableElement method) {
    TreePath own = methods.get(method);
    if (own != null) {
      return Optional.of(own);
    }
    return Optional.ofNullable(trees.trees().getPath(method))
        .filter(found -> found.getCompilationUnit() == path.getCompilationUnit())
        .filter(found -> ((MethodTree) found.getLeaf()).getBody() != null);
  }

  /** What a call on the layer itself runs: the layer's own method, where it overrides that one. */
  ExecutableElement overriding(ExecutableElement method, Elements elements) {
    return methods.keySet().stream()
        .filter(own -> elements.overrides(own, method, type))
        .findFirst()
        .orElse(method);
  }

  /** The layer's own field that an expression reads: {@code f}, {@code this.f}, or an accessor. */
  Optional<LayerField> field(TreePath expression) {
    return switch (expression.getLeaf()) {
      case IdentifierTree name when isUnshadowed(expression, name.getName().toString()) ->
          named(name.getName().toString());
      case MemberSelectTree select when isThis(select.getExpression()) ->
          named(select.getIdentifier().toString());
      case MethodInvocationTree call when isOnThis(call) && call.getArguments().isEmpty() ->
          named(calledName(call)).filter(LayerField::isComponent);
      default -> Optional.empty();
    };
  }

  /** Whether the expression is {@code this}. */
  static boolean isThis(ExpressionTree expression) {
    return expression instanceof IdentifierTree identifier
        && identifier.getName().contentEquals("this");
  }

  /** Whether a call's receiver is the layer itself. */
  static boolean isOnThis(MethodInvocationTree call) {
    return switch (call.getMethodSelect()) {
      case IdentifierTree _ -> true;
      case MemberSelectTree select -> isThis(select.getExpression());
      default -> false;
    };
  }

  /** The parameters of sub-layers that methods have asked for so far. */
  Collection<ParameterModel> ofSubLayers() {
    return ofSubLayers.values();
  }

  /** A parameter that a sub-layer is asked for: {@code embedding.weight()}. */
  ParameterModel parameter(LayerField field, ExecutableElement accessor, SourcePosition position) {
    String name = accessor.getSimpleName().toString();
    return ofSubLayers.computeIfAbsent(
        field.name() + "." + name,
        path ->
            new ParameterModel(
                unused(RecordReader.name(field.name(), name)),
                path,
                field.access() + "." + name + "()",
                Holder.FIELD,
                false,
                isMaster(TypeText.owner(accessor), name),
                position));
  }

  private String unused(String name) {
    return named(name).isEmpty() ? name : unused(name + "Of");
  }

  /** As its class says; what has no field of that name is taken for a master. */
  private static boolean isMaster(TypeElement owner, String name) {
    return AnnotationValues.has(owner, MasterFp32.class)
        || ElementFilter.fieldsIn(owner.getEnclosedElements()).stream()
            .filter(field -> field.getSimpleName().contentEquals(name))
            .allMatch(field -> AnnotationValues.has(field, MasterFp32.class));
  }

  /** The methods that a call on the layer itself may mean. */
  List<ExecutableElement> called(MethodInvocationTree call) {
    String name = isOnThis(call) ? calledName(call) : "";
    return methods.keySet().stream()
        .filter(method -> method.getSimpleName().contentEquals(name))
        .filter(method -> method.getParameters().size() == call.getArguments().size())
        .toList();
  }

  private Optional<LayerField> named(String name) {
    return fields.values().stream().filter(field -> field.name().equals(name)).findFirst();
  }

  private static boolean isUnshadowed(TreePath use, String name) {
    return LocalVariables.declaration(use, name).isEmpty();
  }

  private static String calledName(MethodInvocationTree call) {
    return switch (call.getMethodSelect()) {
      case IdentifierTree name -> name.getName().toString();
      case MemberSelectTree select -> select.getIdentifier().toString();
      default -> "";
    };
  }
}
