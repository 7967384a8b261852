package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.tree.WhileLoopTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.Binding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.lang.model.element.Element;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads loops: what drives them, what goes around them, their bodies. */
final class LoopReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final BlockReader blocks;
  private final Exits exits;

  LoopReader(
      LayerContext context,
      FunctionScope scope,
      TensorReader tensors,
      BlockReader blocks,
      Exits exits) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.blocks = blocks;
    this.exits = exits;
  }

  /** Reads any loop. */
  void read(TreePath path) {
    switch (path.getLeaf()) {
      case ForLoopTree loop -> read(path, loop);
      case EnhancedForLoopTree loop -> read(path, loop);
      case WhileLoopTree loop -> read(path, loop);
      case Tree other ->
          context.complaints().unsupported(path, Constructs.ofStatement(other), scope.function());
    }
  }

  private void read(TreePath path, WhileLoopTree tree) {
    TreePath condition = Flow.unwrapped(child(path, tree.getCondition()));
    TreePath body = child(path, tree.getStatement());
    loop(path, body, List.of(), () -> condition(condition));
  }

  private void read(TreePath path, ForLoopTree tree) {
    TreePath body = child(path, tree.getStatement());
    Optional<Range> range = range(path, tree);
    if (range.isPresent()) {
      loop(path, body, List.of(), () -> range(range.get()));
      return;
    }
    for (StatementTree initializer : tree.getInitializer()) {
      blocks.read(List.of(child(path, initializer)));
    }
    ExpressionTree condition = tree.getCondition();
    List<TreePath> updates = tree.getUpdate().stream().map(update -> child(path, update)).toList();
    loop(
        path,
        body,
        updates,
        () ->
            condition == null
                ? new LoopHead.While(tensors.plain().made("true", "boolean", List.of(), path))
                : condition(child(path, condition)));
  }

  private void read(TreePath path, EnhancedForLoopTree tree) {
    TreePath elements = child(path, tree.getExpression());
    TreePath body = child(path, tree.getStatement());
    Element element = context.resolver().element(child(path, tree.getVariable()));
    String own = element.getSimpleName().toString();
    Optional<FunctionScope.OfLayer> layers = tensors.plain().layer(elements);
    if (layers.isPresent()) {
      loop(path, body, List.of(), () -> layers(elements, element, layers.get()));
      return;
    }
    Optional<FunctionScope.OfLayer> parameters = tensors.plain().parameters(elements);
    if (parameters.isPresent()) {
      List<FunctionScope.OfLayer> each = new ArrayList<>();
      loop(
          path,
          body,
          List.of(),
          () -> held(elements, element, parameters.get(), each),
          () -> each.forEach(of -> parameter(elements, element, of)));
      return;
    }
    if (map(path, body, elements, element)) {
      return;
    }
    TypeMirror type = element.asType();
    Optional<FunctionScope.OfArray> array = tensors.arrays().goneThrough(elements);
    if (array.isPresent()) {
      String index = scope.names().derived("i");
      loop(
          path,
          body,
          List.of(),
          () -> elements(elements, index, array.get()),
          () -> element(elements, element, index, array.get()));
      return;
    }
    if (RuntimeTypes.isTensor(type) || RuntimeTypes.holdsTensors(type)) {
      scope.bind(element, new FunctionScope.Broken());
      boolean whole = tensors.arrays().isOfParameters(elements);
      Constructs construct = whole ? Constructs.PARAMETERS : Constructs.TENSORS;
      context.complaints().unsupported(elements, construct, scope.function());
      return;
    }
    Argument.@Nullable Plain code = tensors.plain().read(elements);
    boolean written = Assignments.written(body, context.resolver()).contains(element);
    LoopHead.Elements kind =
        written ? LoopHead.Elements.OTHER : kind(context.resolver().type(elements));
    String name = scope.names().own(own);
    scope.bind(element, new FunctionScope.OfPlain(name));
    loop(
        path,
        body,
        List.of(),
        () -> code == null ? null : new LoopHead.Each(TypeText.of(type), name, code, kind));
  }

  /** {@code for (Block block : blocks.values())}, or through entries: by key. */
  private boolean map(TreePath path, TreePath body, TreePath elements, Element element) {
    Optional<LayerField> entries = tensors.plain().map(elements, "entrySet");
    Optional<LayerField> map = entries.or(() -> tensors.plain().map(elements, "values"));
    if (map.isEmpty()) {
      return false;
    }
    LayerField field = map.get();
    if (field.kind() == FieldDeclaration.Kind.UNANNOTATED_LAYER) {
      scope.bind(element, new FunctionScope.Broken());
      return true;
    }
    String key = scope.names().derived("key");
    String type =
        field.held().key().map(TypeText::of).filter(of -> !of.equals("?")).orElse("Object");
    Argument.Plain at = tensors.plain().made(key, type, List.of(key), elements);
    Argument.Plain keys = tensors.plain().ofModel(field.access() + ".keySet()", elements);
    FunctionScope.OfLayer value = new FunctionScope.OfLayer(field, Optional.of(at));
    scope.bind(element, entries.isPresent() ? new FunctionScope.OfEntry(field, at) : value);
    boolean parameters = entries.isEmpty() && !field.isLayer();
    loop(
        path,
        body,
        List.of(),
        () -> new LoopHead.Each(type, key, keys, LoopHead.Elements.OTHER),
        parameters ? () -> parameter(elements, element, value) : () -> {});
    return true;
  }

  private LoopHead.Elements kind(TypeMirror type) {
    return type.getKind() == TypeKind.ARRAY
        ? LoopHead.Elements.ARRAY
        : TypeText.of(type).matches("java\\.util\\.(List|ArrayList)\\b.*")
            ? LoopHead.Elements.LIST
            : LoopHead.Elements.OTHER;
  }

  /** {@code for (Tensor step : steps)}: by index, too. */
  private LoopHead elements(TreePath path, String index, FunctionScope.OfArray array) {
    Argument.Plain from = Argument.Plain.number(0, context.at(path));
    Argument.Plain to = tensors.arrays().size(array, path);
    return new LoopHead.Range(index, from, to, false, false);
  }

  private void element(TreePath path, Element element, String index, FunctionScope.OfArray array) {
    Argument.Plain at = tensors.plain().made(index, "int", List.of(index), path);
    var naming = new TensorReader.Naming(element.getSimpleName().toString(), true);
    Argument.OfTensor read = tensors.arrays().element(path, array, at, naming);
    scope.bind(element, Binding.of(read));
  }

  /** {@code for (Block block : blocks)}: by index, which backward finds again. */
  private @Nullable LoopHead layers(TreePath path, Element element, FunctionScope.OfLayer layers) {
    List<FunctionScope.OfLayer> each = new ArrayList<>();
    LoopHead head = held(path, element, layers, each);
    each.forEach(layer -> scope.bind(element, layer));
    return head;
  }

  /** {@code for (Parameter gain : gains)}: each pass begins with the one that is its. */
  private void parameter(TreePath path, Element element, FunctionScope.OfLayer parameter) {
    var naming = new TensorReader.Naming(element.getSimpleName().toString(), true);
    scope.bind(element, Binding.of(tensors.arrays().element(path, parameter, naming)));
  }

  /**
   * Through what a field holds several of.
   *
   * @param each gets what a pass has, where there is an order
   */
  private @Nullable LoopHead held(
      TreePath path,
      Element element,
      FunctionScope.OfLayer several,
      List<FunctionScope.OfLayer> each) {
    LayerField field = several.field();
    Holder holder = field.held().holder();
    if (several.element().isPresent()
        || field.kind() == FieldDeclaration.Kind.UNANNOTATED_LAYER
        || (holder != Holder.ARRAY && holder != Holder.LIST)) {
      scope.bind(element, new FunctionScope.Broken());
      if (field.kind() != FieldDeclaration.Kind.UNANNOTATED_LAYER) {
        context.complaints().unsupported(path, Constructs.LOOP_OVER, scope.function());
      }
      return null;
    }
    String index = scope.names().derived("i");
    Argument.Plain at = tensors.plain().made(index, "int", List.of(index), path);
    each.add(new FunctionScope.OfLayer(field, Optional.of(at)));
    String size = holder == Holder.ARRAY ? ".length" : ".size()";
    Argument.Plain from = tensors.plain().made("0", "int", List.of(), path);
    Argument.Plain to = tensors.plain().ofModel(field.access() + size, path);
    return new LoopHead.Range(index, from, to, false, false);
  }

  /** {@code while} evaluates it before each pass: it must not compute tensors. */
  private @Nullable LoopHead condition(TreePath path) {
    List<Argument.Plain> read = new ArrayList<>();
    Block before =
        scope.block(() -> Optional.ofNullable(tensors.plain().read(path)).ifPresent(read::add));
    if (!before.statements().isEmpty()) {
      context.complaints().unsupported(path, Constructs.TENSOR_CONDITION, scope.function());
    }
    return read.isEmpty() ? null : new LoopHead.While(read.getFirst());
  }

  /** A loop over a range of ints, as it is written. */
  private record Range(
      Element index, TreePath from, TreePath to, boolean inclusive, boolean down) {}

  private @Nullable LoopHead range(Range range) {
    Argument.@Nullable Plain from = tensors.plain().read(range.from());
    Argument.@Nullable Plain to = tensors.plain().read(range.to());
    String index = scope.names().own(range.index().getSimpleName().toString());
    scope.bind(range.index(), new FunctionScope.OfPlain(index));
    return from == null || to == null
        ? null
        : new LoopHead.Range(index, from, to, range.inclusive(), range.down());
  }

  /** {@code for (int i = from; i < to; i++)} whose body leaves the index and the bound alone. */
  private Optional<Range> range(TreePath path, ForLoopTree tree) {
    if (tree.getInitializer().size() != 1
        || !(tree.getInitializer().getFirst() instanceof VariableTree variable)
        || variable.getInitializer() == null
        || !(tree.getCondition() instanceof BinaryTree condition)
        || tree.getUpdate().size() != 1) {
      return Optional.empty();
    }
    TreePath declaration = child(path, variable);
    Element index = context.resolver().element(declaration);
    TreePath compared = child(path, condition);
    Optional<Boolean> down = step(child(path, tree.getUpdate().getFirst()), index);
    boolean fits =
        switch (condition.getKind()) {
          case LESS_THAN, LESS_THAN_EQUAL -> down.equals(Optional.of(false));
          case GREATER_THAN, GREATER_THAN_EQUAL -> down.equals(Optional.of(true));
          default -> false;
        };
    TreePath to = child(compared, condition.getRightOperand());
    Set<Element> written =
        Assignments.written(child(path, tree.getStatement()), context.resolver());
    if (!fits
        || index.asType().getKind() != TypeKind.INT
        || context.resolver().type(to).getKind() != TypeKind.INT
        || !is(child(compared, condition.getLeftOperand()), index)
        || written.contains(index)
        || Assignments.read(to, context.resolver()).stream()
            .anyMatch(read -> read.equals(index) || written.contains(read))) {
      return Optional.empty();
    }
    boolean inclusive =
        condition.getKind() == Tree.Kind.LESS_THAN_EQUAL
            || condition.getKind() == Tree.Kind.GREATER_THAN_EQUAL;
    TreePath from = child(declaration, variable.getInitializer());
    return Optional.of(new Range(index, from, to, inclusive, down.orElse(false)));
  }

  /** Whether the index goes down by one, or (false) up by one. */
  private Optional<Boolean> step(TreePath update, Element index) {
    TreePath expression =
        child(update, ((ExpressionStatementTree) update.getLeaf()).getExpression());
    return switch (expression.getLeaf()) {
      case UnaryTree tree when is(child(expression, tree.getExpression()), index) ->
          switch (tree.getKind()) {
            case PREFIX_INCREMENT, POSTFIX_INCREMENT -> Optional.of(false);
            case PREFIX_DECREMENT, POSTFIX_DECREMENT -> Optional.of(true);
            default -> Optional.empty();
          };
      case CompoundAssignmentTree tree
          when is(child(expression, tree.getVariable()), index)
              && tree.getExpression() instanceof LiteralTree literal
              && Integer.valueOf(1).equals(literal.getValue()) ->
          switch (tree.getKind()) {
            case PLUS_ASSIGNMENT -> Optional.of(false);
            case MINUS_ASSIGNMENT -> Optional.of(true);
            default -> Optional.empty();
          };
      default -> Optional.empty();
    };
  }

  private boolean is(TreePath path, Element local) {
    return path.getLeaf() instanceof IdentifierTree
        && context.resolver().elementIfAny(path).filter(local::equals).isPresent();
  }

  /**
   * Reads a loop.
   *
   * @param updates what each pass ends with, unless it ends the loop
   * @param head reads what drives it, when what is carried has its names; null if that fails
   */
  private void loop(
      TreePath path, TreePath body, List<TreePath> updates, Supplier<@Nullable LoopHead> head) {
    loop(path, body, updates, head, () -> {});
  }

  /** The same, where each pass begins with something. */
  private void loop(
      TreePath path,
      TreePath body,
      List<TreePath> updates,
      Supplier<@Nullable LoopHead> head,
      Runnable begin) {
    Map<Element, Binding> before = scope.bindings();
    List<Carrying> carried = carried(body);
    LoopHead drives = head.get();
    Optional<String> stop = stop(path, body);
    Block passes =
        scope.block(
            () -> {
              begin.run();
              exits.passes(path, stop, () -> blocks.read(Flow.statements(body)));
              update(path, updates, stop);
            });
    List<Statement.Carried> all = new ArrayList<>();
    Map<Element, Binding> after = new LinkedHashMap<>(before);
    for (Carrying each : carried) {
      List<Argument.OfTensor> next = parts(scope.binding(each.local()), context.at(path));
      if (next.size() < each.inside().size()) {
        after.put(each.local(), new FunctionScope.Broken());
        continue;
      }
      List<Value> behind = new ArrayList<>();
      for (int i = 0; i < next.size(); i++) {
        Value inside = each.inside().get(i);
        behind.add(scope.newValue(inside.name()));
        all.add(
            new Statement.Carried(inside, behind.getLast(), each.initial().get(i), next.get(i)));
      }
      after.put(each.local(), bound(each.names(), behind, context.at(path)));
    }
    scope.restore(after);
    if (drives != null) {
      scope.add(new Statement.Loop(drives, all, stop, passes, context.at(path)));
    }
  }

  /**
   * A variable that goes around.
   *
   * @param names of a record's components; none where it is a tensor
   */
  private record Carrying(
      Element local, List<String> names, List<Value> inside, List<Argument.OfTensor> initial) {}

  /** The tensors from before the loop that its passes change. */
  private List<Carrying> carried(TreePath body) {
    List<Carrying> carried = new ArrayList<>();
    for (Element local : Assignments.written(body, context.resolver())) {
      Binding binding = scope.binding(local);
      List<Argument.OfTensor> initial = parts(binding, context.at(body));
      if (initial.isEmpty()) {
        continue;
      }
      String own = local.getSimpleName().toString();
      List<String> names = binding instanceof FunctionScope.OfRecord of ? of.names() : List.of();
      List<Value> inside = new ArrayList<>();
      for (int i = 0; i < initial.size(); i++) {
        inside.add(
            scope.newValue(
                names.isEmpty()
                    ? scope.names().own(own)
                    : scope.names().derived(RecordReader.name(own, names.get(i)))));
      }
      carried.add(new Carrying(local, names, inside, initial));
      scope.bind(local, bound(names, inside, context.at(body)));
    }
    return carried;
  }

  private static List<Argument.OfTensor> parts(@Nullable Binding binding, SourcePosition position) {
    return switch (binding) {
      case null -> List.of();
      case FunctionScope.OfRecord(var _, var parts) -> parts;
      case Binding other -> Binding.tensor(other, position).map(List::of).orElse(List.of());
    };
  }

  private static Binding bound(List<String> names, List<Value> values, SourcePosition position) {
    return names.isEmpty()
        ? new FunctionScope.OfValue(values.getFirst())
        : new FunctionScope.OfRecord(
            names,
            values.stream()
                .<Argument.OfTensor>map(value -> new Argument.OfValue(value, position))
                .toList());
  }

  /** The variable that a break sets. */
  private Optional<String> stop(TreePath path, TreePath body) {
    return Flow.ends(body.getLeaf(), Flow.label(path))
        ? Optional.of(exits.flag("stopped", path))
        : Optional.empty();
  }

  private void update(TreePath path, List<TreePath> updates, Optional<String> stop) {
    if (stop.isEmpty() || updates.isEmpty()) {
      blocks.read(updates);
      return;
    }
    Argument.Plain on =
        tensors.plain().made("!" + stop.get(), "boolean", List.of(stop.get()), path);
    Block update = scope.block(() -> blocks.read(updates));
    scope.add(new Statement.If(on, update, new Block(List.of()), List.of(), context.at(path)));
  }
}
