package dev.mezzo.processor.plan;

import static dev.mezzo.processor.plan.Cell.alive;
import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.model.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs plans on tensors of one number, in FP64, and watches what a runtime would suffer from: use
 * after close, closed twice, left open, restored something else than was saved, operands of
 * different precision.
 */
final class Simulation {
  private final LayerPlan plan;
  private final ModelBuilder layer;
  private final Deque<Object> tape = new ArrayDeque<>();
  private final Arithmetic arithmetic = new Arithmetic(this::cell, tape);
  private final List<Cell> cells = new ArrayList<>();
  private int draws;
  final Map<String, Double> weights = new HashMap<>();
  final Map<String, Double> gradients = new HashMap<>();

  Simulation(ModelBuilder layer, LayerPlan plan) {
    this.layer = layer;
    this.plan = plan;
    layer.model().parameters().forEach(p -> weights.put(p.name(), 0.7 + 0.1 * weights.size()));
    layer.model().subLayers().forEach(s -> weights.put(s.name(), 0.9 + 0.1 * weights.size()));
  }

  /** A number below {@code bound} that nobody can foresee, the same in every run. */
  private int draw(int bound) {
    return Math.floorMod((0x9E3779B9 * ++draws) >>> 16, bound);
  }

  /** The result of the entry, without backward. */
  double infer(double... inputs) {
    draws = 0;
    Cell result = forward(plan.entry(), false, inputs(inputs));
    double value = result.value;
    result.close();
    assertTrue(tape.isEmpty(), "inference leaves something on the tape");
    assertNothingOpen();
    return value;
  }

  /** The gradients of the entry's inputs, null where not wanted; those of weights add up. */
  List<@Nullable Double> train(double dy, boolean[] wanted, double... inputs) {
    draws = 0;
    List<Cell> given = inputs(inputs);
    Cell result = forward(plan.entry(), true, given);
    Cell gradient = cell(dy, result.precision);
    result.close();
    FunctionPlan.Backward backward = plan.entry().backward().orElseThrow();
    List<Boolean> flags = new ArrayList<>();
    List<@Nullable Double> found = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      Value input = plan.entry().source().inputs().get(i);
      if (backward.flags().stream().anyMatch(flag -> flag.input().equals(input))) {
        flags.add(wanted[i]);
      }
    }
    @Nullable Cell[] results = backward(plan.entry(), gradient, flags);
    gradient.close();
    for (int i = 0; i < given.size(); i++) {
      int index = backward.returned().indexOf(plan.entry().source().inputs().get(i));
      Cell cell = index < 0 ? null : results[index];
      assertTrue(index < 0 || (cell != null) == wanted[i], "wanted " + i);
      if (cell != null && given.get(i).precision != Precision.ANY) {
        assertEquals(given.get(i).precision, cell.precision, "precision of input gradient " + i);
      }
      found.add(cell == null ? null : cell.value);
      if (cell != null) {
        cell.close();
      }
    }
    assertTrue(tape.isEmpty(), "backward leaves something on the tape");
    assertNothingOpen();
    return found;
  }

  private List<Cell> inputs(double... values) {
    List<Cell> inputs = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      Precision precision = plan.signature().inputs().get(i);
      inputs.add(new Cell(values[i], precision == Precision.ANY ? Precision.FULL : precision));
    }
    return inputs;
  }

  private Cell forward(FunctionPlan function, boolean saves, List<Cell> inputs) {
    Frame frame = new Frame(function, saves);
    for (int i = 0; i < inputs.size(); i++) {
      frame.variables.put(function.source().inputs().get(i), inputs.get(i));
    }
    frame.run(function.forward());
    assertNotNull(frame.returned);
    return alive(frame.returned[0]);
  }

  private @Nullable Cell[] backward(FunctionPlan function, @Nullable Cell dy, List<Boolean> flags) {
    FunctionPlan.Backward backward = function.backward().orElseThrow();
    Frame frame = new Frame(function, true);
    frame.variables.put(backward.dy(), dy);
    assertEquals(backward.flags().size(), flags.size(), "flags of " + function.source().name());
    for (int i = 0; i < flags.size(); i++) {
      frame.flags.put(backward.flags().get(i).input(), flags.get(i));
    }
    frame.run(backward.steps());
    return frame.returned == null ? new Cell[0] : frame.returned;
  }

  Cell cell(double value, Precision precision) {
    Cell cell = new Cell(value, precision);
    cells.add(cell);
    return cell;
  }

  private void assertNothingOpen() {
    assertTrue(cells.stream().noneMatch(Cell::isOpen), "left open");
  }

  private Cell restore() {
    return (Cell) tape.pop();
  }

  /** {@code y = w·x}, or {@code sin x} of a layer without parameters. */
  private Cell layerForward(SubLayerModel model, boolean saves, Cell x) {
    LayerInterface signature = layer.interfaceOf(model.type());
    boolean half = signature.inputs().getFirst() == Precision.HALF && !model.full();
    Precision precision = half ? Precision.HALF : Precision.FULL;
    assertEquals(precision, alive(x).precision, "input of " + model.name());
    if (saves) {
      tape.push(alive(x).retain());
    }
    double w = weights.getOrDefault(model.name(), 0.0);
    return cell(signature.parameters() ? w * x.value : Math.sin(x.value), precision);
  }

  private @Nullable Cell layerBackward(SubLayerModel model, @Nullable Object dy, boolean wanted) {
    boolean parameters = layer.interfaceOf(model.type()).parameters();
    Cell x = restore();
    Cell dx = null;
    if (parameters) {
      gradients.merge(model.name(), alive(dy).value * x.value, Double::sum);
    }
    if (wanted) {
      double slope = parameters ? weights.getOrDefault(model.name(), 0.0) : Math.cos(x.value);
      assertEquals(x.precision, alive(dy).precision, "gradient of " + model.name());
      dx = cell(alive(dy).value * slope, x.precision);
    }
    x.close();
    return dx;
  }

  /** What is to be done to a result; its precision once that is done. */
  private static final class Finishing {
    private final Expression.Fused expression;
    private @Nullable Precision precision;

    Finishing(Expression.Fused expression) {
      this.expression = expression;
    }
  }

  /** A call of a generated method. */
  private final class Frame {
    private final FunctionPlan function;
    private final boolean saves;
    private final Map<Value, @Nullable Object> variables = new HashMap<>();
    private final Map<Value, Boolean> flags = new HashMap<>();
    private final Map<String, Integer> indices = new HashMap<>();
    private @Nullable Cell @Nullable [] returned;

    Frame(FunctionPlan function, boolean saves) {
      this.function = function;
      this.saves = saves;
    }

    void run(List<Step> steps) {
      for (Step step : steps) {
        if (returned == null) {
          run(step);
        }
      }
    }

    private void run(Step step) {
      switch (step) {
        case Step.Compute c ->
            variables.put(c.result(), holds(c.need()) ? evaluate(c.expression()) : null);
        case Step.Finish(Value variable, var expression, var _) ->
            variables.put(variable, new Finishing(expression));
        case Step.Declare declare -> variables.put(declare.value(), null);
        case Step.Plus plus -> {
          if (holds(plus.need()) && plus.adds()) {
            variables.put(plus.sum(), evaluate(plus.operations().getFirst()));
          } else if (holds(plus.need())) {
            Cell more = (Cell) evaluate(plus.gradient());
            variables.put(plus.sum(), plus((Cell) variables.get(plus.sum()), more));
          }
        }
        case Step.Branch branch ->
            run(
                (boolean) requireNonNull(input(branch.condition()))
                    ? branch.then()
                    : branch.otherwise());
        case Step.Loop loop -> loop(loop);
        case Step.Change change -> {}
        case Step.Effect effect -> {}
        case Step.Run r -> evaluate(r.expression());
        case Step.Accumulate a -> {
          Cell gradient = alive(evaluate(a.gradient()));
          WeightPlan weight =
              plan.weights().stream()
                  .filter(w -> w.parameter().equals(a.parameter()))
                  .findFirst()
                  .orElseThrow();
          if (weight.kind() == WeightPlan.Kind.FULL) {
            assertEquals(Precision.FULL, gradient.precision, a.source());
          }
          gradients.merge(a.parameter().name(), gradient.value, Double::sum);
          gradient.close();
        }
        case Step.Local local -> {}
        case Step.Named named -> variables.put(named.name(), number(named.plain()));
        case Step.TakeLayout take ->
            variables.put(
                take.result(),
                holds(take.need()) ? new Cell.Layout(precision(take.tensor())) : null);
        case Step.Save(Saved saved) -> save(saved);
        case Step.Restore(Saved saved, Need need) -> variables.put(saved.restored(), tape.pop());
        case Step.Drop(int entries) -> drop(entries);
        case Step.Close(Value value, Need need) -> {
          if (holds(need)) {
            cell(value).close();
          }
        }
        case Step.Return(List<Value> values) ->
            returned = values.stream().map(v -> (Cell) variables.get(v)).toArray(Cell[]::new);
        case Step.ReturnRetained(Input input) ->
            returned = new Cell[] {alive(input(input)).retain()};
        case Step.When(Need need, var declared, var then, var otherwise) -> {
          declared.forEach(d -> variables.put(d.declares().orElseThrow(), null));
          run(holds(need) ? then : otherwise);
        }
        case Step.Leave(Need need, var otherwise) -> {
          if (!holds(need)) {
            run(otherwise);
            returned = new Cell[] {null};
          }
        }
      }
    }

    private void loop(Step.Loop loop) {
      LoopHeader header = loop.header();
      int passes = 0;
      if (header.head() instanceof LoopHead.Range range && header.recovers()) {
        int to = ((Number) requireNonNull(input(header.inputs().get(1)))).intValue();
        for (int i = 0; i < to; i++) {
          indices.put(range.index(), header.reversed() ? to - 1 - i : i);
          run(loop.body());
        }
      } else if (header.reversed()) {
        Value counter = header.passes().orElseThrow();
        passes = ((Number) requireNonNull(variables.get(counter))).intValue();
        for (int i = 0; i < passes; i++) {
          run(loop.body());
        }
      } else {
        while ((boolean) requireNonNull(input(header.inputs().getFirst())) && passes < 3) {
          run(loop.body());
          passes++;
        }
      }
      int made = passes;
      header.passes().ifPresent(counter -> variables.put(counter, made));
    }

    /** Gives both up. */
    private @Nullable Cell plus(@Nullable Cell sum, @Nullable Cell more) {
      return sum == null || more == null
          ? sum == null ? more : sum
          : arithmetic.added(alive(sum), alive(more));
    }

    private @Nullable Cell added(@Nullable Object sum, Cell more) {
      return sum instanceof Arithmetic.Sum(Cell soFar) ? plus(soFar, more) : more;
    }

    private void save(Saved saved) {
      if (!saves) {
        return;
      }
      switch (saved.content()) {
        case TENSOR -> tape.push(cell(saved.value()).retain());
        case LAYOUT -> tape.push(new Cell.Layout(precision(saved.value())));
        case PLAIN -> {
          Object variable = variables.get(saved.value());
          tape.push(requireNonNullElse(variable, index(saved.value().name())));
        }
      }
    }

    private void drop(int entries) {
      for (int i = 0; i < entries; i++) {
        if (tape.pop() instanceof Cell cell) {
          cell.close();
        }
      }
    }

    private boolean holds(Need need) {
      return need.always() || need.inputs().stream().anyMatch(i -> flags.getOrDefault(i, false));
    }

    private Precision precision(Value value) {
      return variables.get(value) instanceof Finishing finishing
          ? requireNonNull(finishing.precision)
          : cell(value).precision;
    }

    private Cell cell(Value value) {
      return alive(variables.get(value));
    }

    private @Nullable Object evaluate(Expression expression) {
      if (expression instanceof Expression.Fused fused) {
        return fused(fused);
      }
      List<@Nullable Object> inputs = new ArrayList<>();
      expression.inputs().stream()
          .filter(input -> !(input instanceof Input.Handed)) // nothing is done to results here
          .forEach(input -> inputs.add(input(input)));
      return switch (expression) {
        case Expression.Operation operation
            when !inputs.isEmpty() && inputs.getFirst() instanceof Finishing finishing ->
            finished(
                finishing, arithmetic.call(operation.name(), inputs.subList(1, inputs.size())));
        case Expression.Operation operation -> arithmetic.call(operation.name(), inputs);
        case Expression.Fused _ -> throw new AssertionError();
        case Expression.LayerForward(var model, var given)
            when inputs.get(1) instanceof Finishing finishing ->
            finished(
                finishing,
                layerForward(model.field(), (boolean) inputs.get(0), alive(inputs.get(2))));
        case Expression.LayerForward(var model, var given) ->
            layerForward(model.field(), (boolean) inputs.get(0), alive(inputs.get(1)));
        case Expression.LayerBackward(var model, var given) ->
            layerBackward(model.field(), inputs.get(1), (boolean) inputs.get(2));
        case Expression.FunctionForward(var name, var given) -> {
          List<Cell> cells = new ArrayList<>();
          inputs.stream().skip(1).filter(Cell.class::isInstance).forEach(c -> cells.add(alive(c)));
          yield forward(plan.function(name).orElseThrow(), (boolean) inputs.get(0), cells);
        }
        case Expression.FunctionBackward(var name, var given) -> {
          List<Boolean> wanted = new ArrayList<>();
          inputs.stream().skip(2).forEach(flag -> wanted.add((Boolean) flag));
          FunctionPlan callee = plan.function(name).orElseThrow();
          @Nullable Cell[] results = backward(callee, (Cell) inputs.get(1), wanted);
          yield results.length == 1 ? results[0] : results;
        }
        case Expression.NewArray _,
            Expression.OnArray _,
            Expression.Rerun _,
            Expression.Components _ ->
            throw new AssertionError("not made at random");
        case Expression.Element(Value array, int index) ->
            ((Cell[]) requireNonNull(variables.get(array)))[index];
        case Expression.Share(Input input, boolean moved) ->
            moved ? inputs.getFirst() : alive(inputs.getFirst()).retain();
      };
    }

    /** The formula on numbers, of which the first is what the operation has computed. */
    private Cell finished(Finishing finishing, Cell result) {
      finishing.precision = result.precision;
      Expression.Fused fused = finishing.expression;
      Cell finished =
          Simulation.this.cell(values(fused, List.of(result.value)).getFirst(), result.precision);
      result.close();
      return finished;
    }

    /** The formula on numbers; a gradient is as precise as the layout that it is for. */
    private Object fused(Expression.Fused fused) {
      Object result = fused(fused, values(fused, List.of()));
      fused.givenUp().forEach(value -> cell(value).close());
      return result;
    }

    private List<Double> values(Expression.Fused fused, List<Double> first) {
      String formula =
          plan.fused().stream()
              .filter(each -> each.name().equals(fused.constant()))
              .findFirst()
              .orElseThrow()
              .formula();
      List<Double> tensors = new ArrayList<>(first);
      fused.tensors().forEach(tensor -> tensors.add(alive(input(tensor)).value));
      List<Double> numbers = new ArrayList<>();
      fused.numbers().forEach(n -> numbers.add(((Number) requireNonNull(input(n))).doubleValue()));
      return FormulaValues.of(formula, tensors, numbers);
    }

    private Object fused(Expression.Fused fused, List<Double> values) {
      if (fused.type().isPresent()) {
        Precision precision = (Precision) requireNonNull(input(fused.type().get()));
        return Simulation.this.cell(values.getFirst(), precision);
      }
      @Nullable Cell[] gradients = new Cell[values.size()];
      for (int i = 0; i < gradients.length; i++) {
        if (holds(fused.wanted().get(i))) {
          Object layout = requireNonNull(input(fused.layouts().get(i)));
          Cell more = Simulation.this.cell(values.get(i), ((Cell.Layout) layout).precision());
          gradients[i] = fused.sums().isEmpty() ? more : added(input(fused.sums().get(i)), more);
        }
      }
      return gradients.length == 1 ? requireNonNull(gradients[0]) : gradients;
    }

    private @Nullable Object input(Input input) {
      return switch (input) {
        case Input.Variable(Value value) -> {
          Object found = variables.containsKey(value) ? variables.get(value) : 3.0;
          yield found instanceof Cell cell ? alive(cell) : found;
        }
        case Input.Sum(Value soFar) -> new Arithmetic.Sum((Cell) variables.get(soFar));
        case Input.NoSum _ -> new Arithmetic.Sum(null);
        case Input.SumOf(var parameter, var _) -> {
          Double before = gradients.remove(parameter.name());
          yield new Arithmetic.Sum(
              before == null ? null : Simulation.this.cell(before, Precision.ANY));
        }
        case Input.ViewOfSum(var view) -> input(view.inputs().getFirst());
        case Input.OfParameter(var parameter, var _, Precision precision) ->
            new Cell(weights.getOrDefault(parameter.name(), 0.0), precision);
        case Input.Filled _, Input.Whole _, Input.Again _, Input.Refilled _ ->
            throw new AssertionError("not made at random");
        case Input.LayoutOf(Input tensor) -> new Cell.Layout(alive(input(tensor)).precision);
        case Input.Code(Argument.Plain plain) -> number(plain);
        case Input.Tape(boolean unsaved) -> saves && !unsaved;
        case Input.Type(Precision precision) -> precision;
        case Input.Wanted(Need need) -> holds(need);
        case Input.Finish(var fused, Optional<Value> variable) ->
            variable.isPresent() ? variables.get(variable.get()) : new Finishing(fused);
        case Input.Handed handed -> null;
        case Input.Nothing nothing -> null;
      };
    }

    /**
     * Literals are what they are. Flags and bounds that only forward knows are different each time;
     * any other code is 3.
     */
    private Object number(Argument.Plain plain) {
      boolean known = plain.reads().isEmpty() && plain.locals().isEmpty();
      if (plain.type().equals("boolean")) {
        return known ? plain.code().endsWith("yes") : draw(3) > 0;
      }
      if (plain.code().matches("[0-9.]+f?")) {
        return Double.parseDouble(plain.code().replace("f", ""));
      }
      return plain.type().equals("int") && !known ? draw(4) : index(plain.code());
    }

    private double index(String local) {
      return indices.containsKey(local) ? 1.0 / (1 + indices.get(local)) : 3;
    }

    @Override
    public String toString() {
      return function.source().name() + Arrays.toString(variables.keySet().toArray());
    }
  }
}
