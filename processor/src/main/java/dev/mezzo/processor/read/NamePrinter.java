package dev.mezzo.processor.read;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.read.FunctionScope.Binding;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import org.jspecify.annotations.Nullable;

/**
 * Prints names for the generated class: types qualified, the layer's own members through {@code
 * model}; and knows which were printed. Null stands for what has been reported.
 */
final class NamePrinter {
  private final LayerContext context;
  private final FunctionScope scope;
  private final Set<String> locals = new LinkedHashSet<>();
  private boolean readsModel;

  NamePrinter(LayerContext context, FunctionScope scope) {
    this.context = context;
    this.scope = scope;
  }

  /** The plain locals that were named. */
  List<String> locals() {
    return List.copyOf(locals);
  }

  /** Notes plain locals that code uses which was printed elsewhere. */
  void uses(List<String> others) {
    locals.addAll(others);
  }

  boolean readsModel() {
    return readsModel;
  }

  /** A name alone: a local variable's, a field's, a type's, {@code this}. */
  @Nullable String identifier(TreePath path, IdentifierTree tree) {
    if (LayerSource.isThis(tree)) {
      return model();
    }
    Element element = context.resolver().element(path);
    Binding binding = scope.binding(element);
    if (binding == null) {
      return member(path, element);
    }
    return switch (binding) {
      case FunctionScope.OfPlain(String name) -> {
        locals.add(name);
        yield name;
      }
      case FunctionScope.OfLayer(LayerField field, var place) -> {
        place.ifPresent(index -> locals.addAll(index.locals()));
        yield ofModel(place.map(index -> field.access(index.code())).orElse(field.access()));
      }
      case FunctionScope.OfEntry _ -> unsupported(path, Constructs.ENTRY);
      case FunctionScope.OfArray _ -> unsupported(path, Constructs.TENSORS);
      case FunctionScope.OfRecord _ -> unsupported(path, Constructs.RECORD);
      case FunctionScope.OfValue _,
          FunctionScope.OfParameter _,
          FunctionScope.Unassigned _,
          FunctionScope.Broken _ ->
          null;
    };
  }

  /** A field or type that is named without a receiver, or a static one with it. */
  @Nullable String member(TreePath path, Element element) {
    if (element instanceof TypeElement type) {
      return reachable(path, type, "class") ? TypeText.of(type) : null;
    }
    if (!(element instanceof VariableElement field) || !element.getKind().isField()) {
      return unsupported(path, Constructs.PLAIN_EXPRESSION);
    }
    LayerField own = context.layer().fields().get(field);
    if (own != null) {
      return ofModel(own.access());
    }
    if (!field.getModifiers().contains(Modifier.STATIC)) {
      return context.elements().getAllMembers(context.layer().type()).contains(field)
          ? ofModel(field.getSimpleName().toString())
          : unsupported(path, Constructs.PLAIN_EXPRESSION);
    }
    if (RuntimeTypes.isState(field.asType())) {
      StateUses.STATIC.report(context, path, (ExpressionTree) path.getLeaf());
      return null;
    }
    if (field.getModifiers().contains(Modifier.PRIVATE) && field.getConstantValue() != null) {
      return context.elements().getConstantExpression(field.getConstantValue());
    }
    return reachable(path, field, "field")
        ? TypeText.of(TypeText.owner(field)) + "." + field.getSimpleName()
        : null;
  }

  String model() {
    readsModel = true;
    return "model";
  }

  String ofModel(String access) {
    return model() + "." + access;
  }

  /** Whether the generated class may name it; reports if not. */
  boolean reachable(TreePath path, Element element, String what) {
    boolean isPrivate = element.getModifiers().contains(Modifier.PRIVATE);
    if (isPrivate) {
      context
          .complaints()
          .add(
              path,
              Catalogue.INACCESSIBLE_FIELD,
              what,
              element.getSimpleName(),
              TypeText.className(context.layer().type()).mixed().name());
    }
    return !isPrivate;
  }

  private @Nullable String unsupported(TreePath path, Constructs construct) {
    context.complaints().unsupported(path, construct, scope.function());
    return null;
  }
}
