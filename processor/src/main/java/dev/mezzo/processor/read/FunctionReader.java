package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;
import static java.util.Objects.requireNonNull;

import com.sun.source.tree.MethodTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.annotations.Recompute;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads one method on tensors, statement by statement. */
final class FunctionReader {
  private final LayerContext context;
  private final String name;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final OwnPrecision precision;
  private final Map<Value, FunctionModel.AnnotatedLocal> asked = new HashMap<>();
  private final Set<Value> again = new HashSet<>();

  private FunctionReader(LayerContext context, String name, MethodTree method) {
    this.context = context;
    this.name = name;
    this.scope =
        new FunctionScope(method.getName().toString(), new Names(avoided(context, method)));
    this.tensors = new TensorReader(context, scope);
    this.precision = new OwnPrecision(context, scope.function());
  }

  /** The method as a function of that name; what could not be read is missing and reported. */
  static FunctionModel read(LayerContext context, String name, TreePath path) {
    return new FunctionReader(context, name, (MethodTree) path.getLeaf()).read(path);
  }

  private FunctionModel read(TreePath path) {
    MethodTree method = (MethodTree) path.getLeaf();
    if (!method.getTypeParameters().isEmpty()) {
      unsupported(
          child(path, method.getTypeParameters().getFirst()),
          "a type parameter",
          "not yet understood",
          "write a method for each type");
    }
    if (!method.getThrows().isEmpty()) {
      unsupported(
          child(path, method.getThrows().getFirst()),
          "a throws clause",
          "not understood",
          "throw unchecked exceptions only");
    }
    context.shapes().result(name, path);
    List<Formal> formals = new ArrayList<>();
    for (VariableTree parameter : method.getParameters()) {
      formals.addAll(formal(child(path, parameter)));
    }
    if (method.getBody() != null) {
      new BlockReader(context, name, scope, tensors, this::ask)
          .read(Flow.statements(child(path, method.getBody())));
      boolean throwsAlways =
          scope.returned().isEmpty()
              && new Block(scope.statements())
                  .all()
                  .anyMatch(s -> s instanceof Statement.Effect effect && effect.ends());
      if (throwsAlways || !Flow.returns(method.getBody())) { // javac may say so, but only later
        context.complaints().unsupported(path, Constructs.NOTHING_RETURNED, name);
      }
    }
    scope.returned().ifPresent(returned -> leave(returned, path));
    return new FunctionModel(
        name,
        OwnPrecision.of(path, context),
        AnnotationValues.has(requireNonNull(context.trees().declared(path)), Recompute.class),
        formals,
        new Block(List.copyOf(scope.statements())),
        Set.copyOf(again),
        Map.copyOf(asked),
        context.at(path));
  }

  private List<Formal> formal(TreePath path) {
    Element element = context.resolver().element(path);
    String own = element.getSimpleName().toString();
    TypeMirror type = element.asType();
    if (RuntimeTypes.isTensor(type)) {
      Value value = scope.newValue(scope.names().own(own));
      scope.bind(element, new FunctionScope.OfValue(value));
      context.shapes().value(name, value, path);
      return List.of(new Formal.OfTensor(value));
    }
    if (RuntimeTypes.isTensorRecord(type, context.elements())) {
      return components(element, type);
    }
    if (RuntimeTypes.holdsTensors(type)) {
      scope.bind(element, new FunctionScope.Broken());
      context.complaints().unsupported(path, Constructs.SEVERAL_GIVEN, scope.function());
      return List.of();
    }
    context.shapes().plain(path);
    String unique = scope.names().own(own);
    scope.bind(element, new FunctionScope.OfPlain(unique));
    return List.of(new Formal.OfPlain(TypeText.of(type), unique));
  }

  /** A record is given as its components. */
  private List<Formal> components(Element element, TypeMirror type) {
    List<String> names = RecordReader.components(type);
    List<Formal> formals = new ArrayList<>();
    List<Argument.OfTensor> parts = new ArrayList<>();
    for (String component : names) {
      String own = RecordReader.name(element.getSimpleName().toString(), component);
      Value value = scope.newValue(scope.names().derived(own));
      RecordReader.declaration(type, component, context.trees())
          .ifPresent(path -> context.shapes().value(name, value, path));
      formals.add(new Formal.OfTensor(value));
      parts.add(new Argument.OfValue(value, context.at(context.layer().path())));
    }
    scope.bind(element, new FunctionScope.OfRecord(names, parts));
    return formals;
  }

  private void leave(FunctionScope.Returned returned, TreePath path) {
    Argument.OfTensor result =
        returned.record()
            ? tensors.records().returned(returned.parts(), "y", path)
            : returned.parts().getFirst();
    scope.add(new Statement.Return(result, returned.position()));
  }

  /** The operations of a local variable's initializer compute as the variable is annotated. */
  private void ask(TreePath path, VariableTree local, int from) {
    List<Statement> made = scope.statements().subList(from, scope.statements().size());
    again.addAll(RecomputedCalls.of(path, local, made, context, scope));
    Optional<Precision> own = precision.of(local, path);
    if (own.isEmpty()) {
      return;
    }
    precision.check(path, local, own.get(), made);
    FunctionModel.AnnotatedLocal annotated =
        new FunctionModel.AnnotatedLocal(local.getName().toString(), own.get(), context.at(path));
    for (Statement statement : made) {
      if (statement instanceof Statement.Apply apply) {
        asked.put(apply.result(), annotated);
      }
    }
  }

  private void unsupported(TreePath path, String subject, String found, String cure) {
    context.complaints().unsupported(path, subject, scope.function(), found, cure);
  }

  /** The names that the reader must not give to values of its own. */
  private static Set<String> avoided(LayerContext context, MethodTree method) {
    Set<String> names = new HashSet<>();
    context.layer().fields().values().forEach(field -> names.add(field.name()));
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitVariable(VariableTree tree, @Nullable Void unused) {
        names.add(tree.getName().toString());
        return super.visitVariable(tree, null);
      }
    }.scan(method, null);
    return names;
  }
}
