package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.OfRecord;
import dev.mezzo.processor.read.TensorReader.Naming;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of tensors. A record is its components: it exists only where a method is left, as
 * an array of them. Null stands for what could not be read and is reported.
 */
final class RecordReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;

  RecordReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
  }

  /** The names of a record's components. */
  static List<String> components(TypeMirror type) {
    TypeElement element = (TypeElement) ((DeclaredType) type).asElement();
    return element.getRecordComponents().stream()
        .map(component -> component.getSimpleName().toString())
        .toList();
  }

  /** Where a component is declared, if that is in source. */
  static Optional<TreePath> declaration(TypeMirror type, String component, SourceTrees trees) {
    return ElementFilter.fieldsIn(((DeclaredType) type).asElement().getEnclosedElements()).stream()
        .filter(field -> field.getSimpleName().contentEquals(component))
        .findFirst()
        .map(field -> trees.trees().getPath(field));
  }

  /** What a component is called in generated code: {@code stateH}. */
  static String name(String record, String component) {
    return record + Character.toUpperCase(component.charAt(0)) + component.substring(1);
  }

  /** The record that an expression is. */
  @Nullable OfRecord read(TreePath path, String own) {
    TreePath expression = Flow.unwrapped(path);
    TypeMirror type = context.resolver().type(expression);
    return switch (expression.getLeaf()) {
      case IdentifierTree _
          when scope.binding(context.resolver().element(expression)) instanceof OfRecord known ->
          known;
      case NewClassTree tree when tree.getClassBody() == null -> made(expression, tree, type, own);
      case MethodInvocationTree _ -> result(expression, type, own);
      case Tree _ when ChoiceReader.isChoice(expression) -> chosen(expression, type, own);
      default -> {
        context.complaints().unsupported(path, Constructs.RECORD, scope.function());
        yield null;
      }
    };
  }

  /** {@code deep ? new State(h, c) : s}. */
  private @Nullable OfRecord chosen(TreePath path, TypeMirror type, String own) {
    List<String> names = components(type);
    List<Argument.OfTensor> parts =
        tensors
            .choices()
            .record(
                path,
                names,
                own,
                way -> {
                  OfRecord one = read(way, "chosen");
                  return one == null ? List.of() : one.parts();
                });
    return parts.isEmpty() ? null : new OfRecord(names, parts);
  }

  private @Nullable OfRecord made(TreePath path, NewClassTree tree, TypeMirror type, String own) {
    List<String> names = components(type);
    List<Argument.OfTensor> parts = new ArrayList<>();
    List<? extends ExpressionTree> arguments = tree.getArguments();
    for (int i = 0; i < arguments.size(); i++) {
      Naming naming = new Naming(name(own, names.get(i)), false);
      Argument.@Nullable OfTensor part = tensors.read(child(path, arguments.get(i)), naming);
      if (part != null) {
        parts.add(part);
      }
    }
    return parts.size() < names.size() ? null : new OfRecord(names, parts);
  }

  /** The components of what a call returns, each under a name. */
  private @Nullable OfRecord result(TreePath path, TypeMirror type, String own) {
    if (!(tensors.read(path, new Naming(own, false)) instanceof Argument.OfValue array)) {
      return null;
    }
    List<String> names = components(type);
    var given = new FunctionScope.OfArray(array.value(), false);
    List<Argument.OfTensor> parts = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Argument.Plain index = Argument.Plain.number(i, context.at(path));
      Naming naming = new Naming(name(own, names.get(i)), false);
      parts.add(tensors.arrays().element(path, given, index, naming));
    }
    return new OfRecord(names, parts);
  }

  /** {@code state.h()}; empty where the expression is none. */
  Optional<Argument.OfTensor> component(TreePath path) {
    if (!(path.getLeaf() instanceof MethodInvocationTree call)
        || !(call.getMethodSelect() instanceof MemberSelectTree select)) {
      return Optional.empty();
    }
    TreePath receiver = child(child(path, select), select.getExpression());
    if (!context.resolver().isValue(receiver)
        || !RuntimeTypes.isTensorRecord(context.resolver().type(receiver), context.elements())) {
      return Optional.empty();
    }
    OfRecord record = read(receiver, "record");
    int index = record == null ? -1 : record.names().indexOf(select.getIdentifier().toString());
    return index < 0 || record == null ? Optional.empty() : Optional.of(record.parts().get(index));
  }

  /** Whether an expression asks a record of tensors for something. */
  boolean isComponent(TreePath path) {
    return path.getLeaf() instanceof MethodInvocationTree call
        && call.getArguments().isEmpty()
        && call.getMethodSelect() instanceof MemberSelectTree select
        && context.resolver().isValue(child(child(path, select), select.getExpression()))
        && RuntimeTypes.isTensorRecord(
            context.resolver().type(child(child(path, select), select.getExpression())),
            context.elements());
  }

  /** Whether the method that a statement stands in returns a record of tensors. */
  boolean isReturnedBy(TreePath statement) {
    TreePath method = statement;
    while (!(method.getLeaf() instanceof MethodTree)) {
      method = method.getParentPath();
    }
    return context.trees().declared(method) instanceof ExecutableElement element
        && RuntimeTypes.isTensorRecord(element.getReturnType(), context.elements());
  }

  /** What a method returns: its components in an array. */
  Argument.OfTensor returned(List<Argument.OfTensor> parts, String name, TreePath path) {
    Value array = scope.newArray(scope.names().derived(name));
    var call = new Call.OfArray(List.copyOf(parts));
    scope.add(new Statement.Apply(array, call, context.at(path)));
    return new Argument.OfValue(array, context.at(path));
  }
}
