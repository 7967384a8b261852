package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.AssertTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.BreakTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.ContinueTree;
import com.sun.source.tree.EmptyStatementTree;
import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LabeledStatementTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.Op;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.Binding;
import dev.mezzo.processor.read.FunctionScope.Returned;
import dev.mezzo.processor.read.TensorReader.Naming;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads statements in order. */
final class BlockReader {
  private final LayerContext context;
  private final String name;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final Locals locals;
  private final BranchReader branches;
  private final LoopReader loops;
  private final Exits exits;

  BlockReader(
      LayerContext context, String name, FunctionScope scope, TensorReader tensors, Locals locals) {
    this.context = context;
    this.locals = locals;
    this.name = name;
    this.scope = scope;
    this.tensors = tensors;
    this.exits = new Exits(context, scope, tensors);
    this.branches = new BranchReader(context, scope, tensors, this, exits);
    this.loops = new LoopReader(context, scope, tensors, this, exits);
    tensors.choices().within(this, branches);
  }

  /** Is told of each local variable when its statements, from that index on, are read. */
  @FunctionalInterface
  interface Locals {
    void read(TreePath path, VariableTree local, int from);
  }

  /** Reads the statements up to the first that leaves; what is behind that is not reached. */
  void read(List<TreePath> statements) {
    for (int i = 0; i < statements.size(); i++) {
      TreePath path = statements.get(i);
      List<TreePath> rest = statements.subList(i + 1, statements.size());
      if (path.getLeaf() instanceof BlockTree && Flow.leaves(path.getLeaf())) {
        List<TreePath> all = new ArrayList<>(Flow.statements(path));
        all.addAll(rest);
        read(all);
        return;
      }
      if (statement(path, rest)) {
        return;
      }
    }
  }

  /** What a result is called that the user has not named. */
  String resultName() {
    return scope.function().equals("loss") ? "loss" : "y";
  }

  /** Whether there is nothing to be read behind it. */
  private boolean statement(TreePath path, List<TreePath> rest) {
    switch (path.getLeaf()) {
      case BlockTree _ -> read(Flow.statements(path));
      case VariableTree local -> {
        int before = scope.statements().size();
        local(path, local);
        locals.read(path, local, before);
      }
      case ExpressionStatementTree effect -> effect(child(path, effect.getExpression()));
      case EmptyStatementTree _ -> {}
      case IfTree branch -> {
        return branches.read(branches.choice(path, branch), rest);
      }
      case SwitchTree choice -> {
        Optional<BranchReader.Way> ways = tensors.switches().choice(path, choice);
        return ways.isPresent() && ways(path, ways.get(), rest);
      }
      case LabeledStatementTree labeled -> {
        TreePath loop = child(path, labeled.getStatement());
        if (Flow.isLoop(loop.getLeaf())) {
          return loop(loop, Flow.leaves(labeled), rest);
        }
        context.complaints().unsupported(path, Constructs.LABEL, scope.function());
      }
      case Tree loop when Flow.isLoop(loop) -> {
        return loop(path, Flow.leaves(loop), rest);
      }
      case ReturnTree result -> {
        result(path, result);
        return true;
      }
      case BreakTree exit -> {
        exits.leave(path, exit);
        return true;
      }
      case ContinueTree exit -> {
        exits.leave(path, exit);
        return true;
      }
      case AssertTree _ -> plain(path, false);
      case ThrowTree _ -> {
        plain(path, true);
        return true;
      }
      case Tree other ->
          context.complaints().unsupported(path, Constructs.ofStatement(other), scope.function());
    }
    return false;
  }

  /** A plain statement that is copied. */
  private void plain(TreePath path, boolean ends) {
    Argument.Plain effect = tensors.plain().effect(path);
    if (effect != null) {
      scope.add(new Statement.Effect(effect, ends, context.at(path)));
    }
  }

  /** A switch: what is behind it does not belong to a way, where others break in their middle. */
  private boolean ways(TreePath path, BranchReader.Way ways, List<TreePath> rest) {
    if (ways.statements().stream().noneMatch(each -> Flow.breaks(each.getLeaf()))) {
      return branches.read(ways, rest);
    }
    Runnable cases = () -> exits.cases(() -> branches.read(ways, List.of()));
    boolean leaves = Flow.leaves(path.getLeaf());
    if (leaves) {
      branches.left(path, Flow.returns(path.getLeaf()), rest, cases);
    } else {
      cases.run();
    }
    return leaves;
  }

  private boolean loop(TreePath path, boolean leaves, List<TreePath> rest) {
    if (leaves) {
      branches.left(path, Flow.returns(path.getLeaf()), rest, () -> loops.read(path));
    } else {
      loops.read(path);
    }
    return leaves;
  }

  /** A tensor gets its value later; a plain variable has one until then. */
  private Binding uninitialized(TreePath path, Element element) {
    TypeMirror type = element.asType();
    if (RuntimeTypes.isTensor(type) || RuntimeTypes.isTensorRecord(type, context.elements())) {
      return new FunctionScope.Unassigned();
    }
    if (RuntimeTypes.holdsTensors(type)) {
      context.complaints().unsupported(path, Constructs.TENSORS, scope.function());
      return new FunctionScope.Broken();
    }
    String nothing =
        switch (type.getKind()) {
          case BOOLEAN -> "false";
          case BYTE, SHORT, CHAR, INT, LONG, FLOAT, DOUBLE -> "0";
          default -> "null";
        };
    String text = TypeText.of(type);
    String unique = scope.names().own(element.getSimpleName().toString());
    Argument.Plain value = tensors.plain().made(nothing, text, List.of(), path);
    scope.add(new Statement.PlainLocal(text, unique, value, context.at(path)));
    return new FunctionScope.OfPlain(unique);
  }

  private void local(TreePath path, VariableTree tree) {
    Element element = context.resolver().element(path);
    ExpressionTree initializer = tree.getInitializer();
    if (initializer == null) {
      scope.bind(element, uninitialized(path, element));
      return;
    }
    Binding binding = binding(path, element, child(path, initializer));
    scope.bind(element, binding == null ? new FunctionScope.Broken() : binding);
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
    if (RuntimeTypes.isTensorRecord(type, context.elements())) {
      return tensors.records().read(initializer, own);
    }
    if (RuntimeTypes.isTensorArray(type) || RuntimeTypes.isTensorList(type)) {
      return tensors.arrays().declared(initializer, own);
    }
    if (RuntimeTypes.holdsTensors(type)) {
      Constructs construct = Constructs.ofExpression(initializer.getLeaf(), true);
      boolean code = construct == Constructs.LAMBDA;
      context
          .complaints()
          .unsupported(
              code ? initializer : path, code ? construct : Constructs.TENSORS, scope.function());
      return null;
    }
    Optional<FunctionScope.OfLayer> layer = tensors.plain().layer(initializer);
    if (layer.isPresent()) {
      return named(path, own, layer.get());
    }
    if (tensors.plain().isLayer(type)) {
      context.complaints().unsupported(initializer, Constructs.LAYER, scope.function());
      return null;
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
      context.complaints().unsupported(path, Constructs.NOTHING_RETURNED, scope.function());
      return;
    }
    if (tensors.records().isReturnedBy(path)) {
      FunctionScope.@Nullable OfRecord record =
          tensors.records().read(child(path, expression), resultName());
      if (record != null) {
        result(path, new Returned(record.parts(), true, context.at(path)));
      }
      return;
    }
    Argument.OfTensor result =
        tensors.read(child(path, expression), new Naming(resultName(), false));
    if (result != null) {
      result(path, new Returned(List.of(result), false, context.at(path)));
    }
  }

  private void result(TreePath path, Returned returned) {
    if (exits.within()) {
      exits.leave(path, returned);
    } else {
      scope.returns(Optional.of(returned));
    }
  }

  /** A statement that is an expression: an assignment, or a call. */
  private void effect(TreePath path) {
    if (tensors.arrays().write(path)) {
      return;
    }
    Optional<TreePath> target =
        switch (path.getLeaf()) {
          case AssignmentTree tree -> Optional.of(child(path, tree.getVariable()));
          case CompoundAssignmentTree tree -> Optional.of(child(path, tree.getVariable()));
          case UnaryTree tree -> Optional.of(child(path, tree.getExpression()));
          default -> Optional.empty();
        };
    Optional<Element> local = target.flatMap(this::local);
    @Nullable Binding binding = local.map(scope::binding).orElse(null);
    switch (binding) {
      case FunctionScope.OfPlain(String name) -> {
        Argument.Plain code = tensors.plain().assignment(path, name);
        if (code != null) {
          scope.add(new Statement.PlainAssign(name, code, context.at(path)));
        }
      }
      case FunctionScope.OfValue _,
          FunctionScope.OfParameter _,
          FunctionScope.OfRecord _,
          FunctionScope.Unassigned _ ->
          assign(path, local.orElseThrow());
      case FunctionScope.OfArray _ ->
          context.complaints().unsupported(path, Constructs.REASSIGNED_ARRAY, scope.function());
      case FunctionScope.Broken _ -> {}
      case null, default -> discarded(path);
    }
  }

  /** The local variable that is assigned, or of whose array an element is. */
  private Optional<Element> local(TreePath target) {
    return switch (target.getLeaf()) {
      case IdentifierTree _ -> context.resolver().elementIfAny(target);
      case ArrayAccessTree access -> local(child(target, access.getExpression()));
      default -> Optional.empty();
    };
  }

  private void assign(TreePath path, Element local) {
    if (path.getLeaf() instanceof AssignmentTree tree
        && RuntimeTypes.isTensorRecord(local.asType(), context.elements())) {
      TreePath value = child(path, tree.getExpression());
      Binding record = tensors.records().read(value, local.getSimpleName().toString());
      scope.bind(local, record == null ? new FunctionScope.Broken() : record);
    } else if (path.getLeaf() instanceof AssignmentTree tree) {
      Argument.OfTensor tensor =
          tensors.read(
              child(path, tree.getExpression()),
              new Naming(local.getSimpleName().toString(), true));
      scope.bind(local, tensor == null ? new FunctionScope.Broken() : Binding.of(tensor));
    } else {
      discarded(path);
    }
  }

  /** Whether a field, or an element of its array, is assigned. */
  private boolean isOfField(TreePath path) {
    return switch (path.getLeaf()) {
      case AssignmentTree tree -> isOfField(child(path, tree.getVariable()));
      case CompoundAssignmentTree tree -> isOfField(child(path, tree.getVariable()));
      case UnaryTree tree -> isOfField(child(path, tree.getExpression()));
      case ArrayAccessTree access -> isOfField(child(path, access.getExpression()));
      case MethodInvocationTree _ -> context.layer().field(path).isPresent();
      case IdentifierTree _, MemberSelectTree _ ->
          context.resolver().elementIfAny(path).filter(e -> e.getKind().isField()).isPresent();
      default -> false;
    };
  }

  /** Whether a call gives nothing, or something plain that nobody uses. */
  private boolean isEffect(TreePath path) {
    return path.getLeaf() instanceof MethodInvocationTree
        && context.resolver().element(path) instanceof ExecutableElement method
        && !AnnotationValues.has(method, Op.class)
        && !RuntimeTypes.isTensor(method.getReturnType())
        && !RuntimeTypes.holdsTensors(method.getReturnType())
        && !RuntimeTypes.holdsOnlyTensors(method.getReturnType())
        && context.layer().field(path).isEmpty();
  }

  private void discarded(TreePath path) {
    if (isEffect(path)) {
      plain(path, false);
      return;
    }
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
      boolean field = isOfField(path);
      context
          .complaints()
          .unsupported(path, field ? Constructs.FIELD_CHANGED : construct, scope.function());
    }
  }
}
