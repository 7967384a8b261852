package dev.mezzo.processor.plan;

import static java.util.Objects.requireNonNull;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Activity.Wanted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Plans a layer: runs the stages in order over the functions that its entry reaches. */
public final class LayerPlanner {
  private final LayerModel layer;
  private final Signatures signatures;
  private final PrecisionPlan precisions;
  private final Map<String, Names> names = new HashMap<>();
  private final Map<String, TypedFunction> typed = new LinkedHashMap<>();
  private final Map<String, Activity> activities = new HashMap<>();
  private final Map<String, List<Wanted>> wanted = new HashMap<>();
  private final Set<String> constants = new HashSet<>(Set.of("LOSS_SCALE"));
  private final List<FusedPlan> expressions = new ArrayList<>();
  private final boolean fuses;

  private LayerPlanner(
      LayerModel layer, Function<ClassName, LayerInterface> interfaces, boolean fuses) {
    this.layer = layer;
    this.fuses = fuses;
    layer.parameters().forEach(parameter -> constants.add(parameter.name()));
    layer.subLayers().forEach(subLayer -> constants.add(subLayer.name()));
    this.signatures = new Signatures(layer, interfaces);
    this.precisions = PrecisionPlanner.plan(layer, signatures);
    for (FunctionModel function : signatures.calleesFirst()) {
      type(function);
    }
  }

  /**
   * The whole plan.
   *
   * @param interfaces knows the layer's sub-layers
   * @param fuses whether element-wise operations are put together
   */
  public static LayerPlan plan(
      LayerModel layer, Function<ClassName, LayerInterface> interfaces, boolean fuses) {
    return new LayerPlanner(layer, interfaces, fuses).plan();
  }

  /** What the layer's callers must know of it. */
  public static LayerInterface signature(
      LayerModel layer, Function<ClassName, LayerInterface> interfaces) {
    return new LayerPlanner(layer, interfaces, false).signature();
  }

  /** Nobody asks a training for the gradients of its inputs. */
  private LayerInterface signature() {
    String name = layer.entry().name();
    LayerInterface entry = signatures.ofHelper(name);
    return layer.lossScaling().isEmpty()
        ? entry.finishing(Finishing.ofResult(requireNonNull(typed.get(name))).isPresent())
        : new LayerInterface(
            entry.inputs(),
            Collections.nCopies(entry.inputs().size(), false),
            entry.output(),
            entry.parameters());
  }

  private void type(FunctionModel function) {
    Names own = new Names(layer, function);
    names.put(function.name(), own);
    PrecisionPlan.OfFunction plan = precisions.of(function.name());
    TypedFunction result = CastPlanner.plan(layer, function, plan, signatures, own);
    typed.put(function.name(), result);
    signatures.add(function.name(), ActivityPlanner.signature(result));
  }

  private LayerPlan plan() {
    List<WeightPlan> weights = weights();
    List<TypedFunction> callersFirst = new ArrayList<>(typed.values()).reversed();
    callersFirst.forEach(this::activity);
    List<FunctionPlan> functions = new ArrayList<>();
    List<Row> table = new ArrayList<>();
    List<ValuePlan> values = new ArrayList<>();
    for (FunctionModel function : layer.functions()) {
      if (typed.containsKey(function.name())) {
        functions.add(function(function, table, values));
      }
    }
    Uses uses = Uses.of(functions);
    return new LayerPlan(
        layer,
        signature(),
        precisions,
        weights,
        functions,
        table,
        List.copyOf(expressions),
        values,
        uses.half(),
        uses.model());
  }

  /**
   * How the gradients of a function's inputs are wanted, and so what its backward does; its callers
   * are through already.
   */
  private void activity(TypedFunction function) {
    String name = function.name();
    boolean entry = name.equals(layer.entry().name());
    if (entry) {
      wanted.put(name, wantedOfEntry());
    }
    List<Wanted> how = wanted.get(name);
    if (how == null) {
      how = Collections.nCopies(function.source().inputs().size(), Wanted.NEVER);
      activities.put(name, new Activity(Map.of(), how));
      return;
    }
    Activity activity = ActivityPlanner.plan(function, how);
    activities.put(name, activity);
    for (Node node : function.all()) {
      if (node instanceof Node.Apply apply
          && apply.callee() instanceof Node.Callee.OfFunction(var callee, var signature, var _)
          && !activity.of(node).never()) {
        wanted.merge(callee, wanted(apply, signature, activity), LayerPlanner::join);
      }
    }
  }

  /** An interface promises the gradients of all inputs. */
  private List<Wanted> wantedOfEntry() {
    Optional<LayerInterface> border = signatures.border();
    return border.orElseGet(this::signature).differentiable().stream()
        .map(differentiable -> differentiable ? Wanted.ON_REQUEST : Wanted.NEVER)
        .toList();
  }

  private static List<Wanted> wanted(Node.Apply call, LayerInterface callee, Activity activity) {
    List<Node.Operand> tensors = call.operands().stream().filter(Node.Operand::tensor).toList();
    List<Wanted> wanted = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      Need need = callee.differentiable().get(i) ? activity.of(tensors.get(i)) : Need.NEVER;
      wanted.add(need.always() ? Wanted.ALWAYS : need.never() ? Wanted.NEVER : Wanted.ON_REQUEST);
    }
    return wanted;
  }

  private static List<Wanted> join(List<Wanted> a, List<Wanted> b) {
    List<Wanted> joined = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      joined.add(a.get(i) == b.get(i) ? a.get(i) : Wanted.ON_REQUEST);
    }
    return joined;
  }

  private FunctionPlan function(FunctionModel function, List<Row> table, List<ValuePlan> values) {
    TypedFunction unfused = typed.get(function.name());
    Activity before = activities.get(function.name());
    Names own = names.get(function.name());
    if (unfused == null || before == null || own == null) {
      throw new IllegalStateException("function '" + function.name() + "' is not planned");
    }
    TypedFunction body = fuses ? FusionPlanner.plan(unfused, before, constants) : unfused;
    Activity activity =
        wanted.containsKey(function.name()) ? ActivityPlanner.plan(body, before.wanted()) : before;
    body.fused().forEach(this::constants);
    String tape = own.name("tape");
    boolean finishes = function.equals(layer.entry()) && signature().finishes();
    Optional<String> finish = finishes ? Optional.of(own.name("finish")) : Optional.empty();
    SavePlan saves = SavePlanner.plan(body, activity, own);
    List<Row> rows = TablePlanner.plan(body, saves);
    table.addAll(rows);
    values.addAll(ValuePlanner.plan(body, saves, rows, new Reasons(layer)));
    List<Step> forward = ForwardPlanner.plan(body, activity, saves, own, finish);
    Optional<FunctionPlan.Backward> backward =
        wanted.containsKey(function.name())
            ? Optional.of(backward(body, activity, saves, own))
            : Optional.empty();
    return new FunctionPlan(function, tape, finish, own.users(), forward, backward);
  }

  private void constants(FusedExpression expression) {
    expressions.add(expression.formula().named(expression.constant()));
    expression
        .gradient()
        .map(formula -> formula.named(FusedExpression.gradientOf(expression.constant())))
        .ifPresent(expressions::add);
  }

  private FunctionPlan.Backward backward(
      TypedFunction body, Activity activity, SavePlan saves, Names own) {
    boolean root = layer.lossScaling().isPresent() && body.source().equals(layer.entry());
    boolean several =
        body.result() instanceof Node.Operand.OfValue(Value result) && result.several();
    Value dy = several ? own.array("dy") : own.value(root ? "dLoss" : "dy");
    List<Value> inputs = body.source().inputs();
    List<FunctionPlan.Flag> flags = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (activity.wanted().get(i) == Wanted.ON_REQUEST) {
        String flag = Names.wantOf(Names.gradientOf(inputs.get(i).name()));
        flags.add(new FunctionPlan.Flag(inputs.get(i), own.name(flag)));
      }
    }
    Adjoints adjoints = new Adjoints(body, activity, saves, own, dy);
    List<Step> steps = BackwardPlanner.plan(body, activity, saves, wanted, adjoints, own);
    return new FunctionPlan.Backward(dy, flags, BackwardPlanner.returned(body, activity), steps);
  }

  private List<WeightPlan> weights() {
    Set<ParameterModel> readInHalf = readInHalf();
    return layer.parameters().stream()
        .map(parameter -> new WeightPlan(parameter, kind(parameter, readInHalf)))
        .toList();
  }

  /** A master's shadow is kept only where somebody reads it; a full layer's parameters have one. */
  private WeightPlan.Kind kind(ParameterModel parameter, Set<ParameterModel> readInHalf) {
    if (layer.precision() == Precision.HALF && !parameter.master()) {
      return WeightPlan.Kind.HALF_ONLY;
    }
    return readInHalf.contains(parameter) ? WeightPlan.Kind.MASTER : WeightPlan.Kind.FULL;
  }

  private Set<ParameterModel> readInHalf() {
    Set<ParameterModel> read = new HashSet<>();
    for (TypedFunction function : typed.values()) {
      Stream.concat(
              Stream.of(function.result()),
              function.all().stream().flatMap(n -> n.reads().stream()))
          .forEach(
              operand -> {
                if (operand instanceof Node.Operand.OfParameter(var parameter, var precision)
                    && precision == Precision.HALF) {
                  read.add(parameter);
                }
              });
    }
    return read;
  }
}
