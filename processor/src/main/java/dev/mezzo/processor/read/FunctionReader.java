package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.EmptyStatementTree;
import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.Binding;
import dev.mezzo.processor.read.TensorReader.Naming;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads one method on tensors, statement by statement. */
final class FunctionReader {
  private final LayerContext context;
  private final String name;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final OwnPrecision precision;
  private final Map<Value, Precision> asked = new HashMap<>();

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
      formal(child(path, parameter)).ifPresent(formals::add);
    }
    if (method.getBody() != null) {
      statement(child(path, method.getBody()));
    }
    return new FunctionModel(
        name,
        OwnPrecision.of(path, context),
        formals,
        new Block(List.copyOf(scope.statements())),
        Map.copyOf(asked),
        context.at(path));
  }

  private Optional<Formal> formal(TreePath path) {
    Element element = context.resolver().element(path);
    String own = element.getSimpleName().toString();
    TypeMirror type = element.asType();
    if (RuntimeTypes.isTensor(type)) {
      Value value = scope.newValue(scope.names().own(own));
      scope.bind(element, new FunctionScope.OfValue(value));
      context.shapes().value(name, value, path);
      return Optional.of(new Formal.OfTensor(value));
    }
    if (RuntimeTypes.holdsTensors(type)) {
      scope.bind(element, new FunctionScope.Broken());
      context.complaints().unsupported(path, Constructs.TENSORS, scope.function());
      return Optional.empty();
    }
    context.shapes().plain(path);
    String unique = scope.names().own(own);
    scope.bind(element, new FunctionScope.OfPlain(unique));
    return Optional.of(new Formal.OfPlain(TypeText.of(type), unique));
  }

  private void statement(TreePath path) {
    switch (path.getLeaf()) {
      case BlockTree block -> {
        for (StatementTree statement : block.getStatements()) {
          statement(child(path, statement));
        }
      }
      case VariableTree local -> {
        int before = scope.statements().size();
        local(path, local);
        precision.of(local, path).ifPresent(own -> ask(path, local, own, before));
      }
      case ReturnTree result -> result(path, result);
      case ExpressionStatementTree discarded -> discarded(child(path, discarded.getExpression()));
      case EmptyStatementTree _ -> {}
      case Tree other ->
          context.complaints().unsupported(path, Constructs.ofStatement(other), scope.function());
    }
  }

  private void local(TreePath path, VariableTree tree) {
    Element element = context.resolver().element(path);
    ExpressionTree initializer = tree.getInitializer();
    if (initializer == null) {
      scope.bind(element, new FunctionScope.Broken());
      context.complaints().unsupported(path, Constructs.UNINITIALIZED, scope.function());
      return;
    }
    Binding binding = binding(path, element, child(path, initializer));
    scope.bind(element, binding == null ? new FunctionScope.Broken() : binding);
  }

  /** The operations of a local variable's initializer compute as the variable is annotated. */
  private void ask(TreePath path, VariableTree local, Precision own, int from) {
    List<Statement> made = scope.statements().subList(from, scope.statements().size());
    precision.check(path, local, own, made);
    for (Statement statement : made) {
      if (statement instanceof Statement.Apply apply) {
        asked.put(apply.result(), own);
      }
    }
  }

  private @Nullable Binding binding(TreePath path, Element element, TreePath initializer) {
    TypeMirror type = element.asType();
    String own = element.getSimpleName().toString();
    if (RuntimeTypes.isTensor(type)) {
      Argument.OfTensor tensor = tensors.read(initializer, new Naming(own, true));
      if (tensor instanceof Argument.OfValue(Value value, var _)) {
        context.shapes().value(name, value, path);
      }
      return tensor == null ? null : Binding.of(tensor);
    }
    if (RuntimeTypes.holdsTensors(type)) {
      context.complaints().unsupported(path, Constructs.TENSORS, scope.function());
      return null;
    }
    Optional<FunctionScope.OfLayer> layer = tensors.plain().layer(initializer);
    if (layer.isPresent()) {
      return named(path, own, layer.get());
    }
    if (type.getKind() == TypeKind.ERROR) {
      throw new UnresolvedException(path);
    }
    Argument.Plain value = tensors.plain().read(initializer);
    if (value == null) {
      return null;
    }
    String unique = scope.names().own(own);
    scope.add(new Statement.PlainLocal(TypeText.of(type), unique, value, context.at(path)));
    return new FunctionScope.OfPlain(unique);
  }

  /** The layer under a local name: an index that may change is taken now. */
  private FunctionScope.OfLayer named(TreePath path, String own, FunctionScope.OfLayer layer) {
    if (layer.element().map(Argument.Plain::repeatable).orElse(true)) {
      return layer;
    }
    Argument.Plain element = layer.element().get();
    String index = scope.names().derived(own + "Index");
    scope.add(new Statement.PlainLocal(element.type(), index, element, context.at(path)));
    return new FunctionScope.OfLayer(layer.field(), Optional.of(element.local(index)));
  }

  private void result(TreePath path, ReturnTree tree) {
    ExpressionTree expression = tree.getExpression();
    if (expression == null) {
      return;
    }
    Argument.OfTensor result =
        tensors.read(
            child(path, expression),
            new Naming(scope.function().equals("loss") ? "loss" : "y", false));
    if (result != null) {
      scope.add(new Statement.Return(result, context.at(path)));
    }
  }

  private void discarded(TreePath path) {
    Constructs construct =
        path.getLeaf() instanceof MethodInvocationTree
            ? Constructs.NO_RESULT
            : Constructs.ofExpression(path.getLeaf(), false);
    boolean ruled =
        path.getLeaf() instanceof AssignmentTree assignment
            && context
                .layer()
                .field(child(path, assignment.getVariable()))
                .filter(field -> field.kind() != FieldDeclaration.Kind.PLAIN)
                .isPresent();
    if (!ruled) {
      context.complaints().unsupported(path, construct, scope.function());
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
