package dev.mezzo.programs;

import dev.mezzo.programs.Instance.OfLayer;
import dev.mezzo.programs.Instance.OfLinear;
import dev.mezzo.programs.Instance.OfNorm;
import dev.mezzo.programs.Instance.OfPlain;
import dev.mezzo.programs.Instance.OfState;
import dev.mezzo.programs.Instance.OfWeight;
import dev.mezzo.programs.Instance.Several;
import dev.mezzo.programs.LayerProgram.Method;
import dev.mezzo.programs.Statement.Assign;
import dev.mezzo.programs.Statement.Branch;
import dev.mezzo.programs.Statement.Compute;
import dev.mezzo.programs.Statement.Declare;
import dev.mezzo.programs.Statement.Each;
import dev.mezzo.programs.Statement.Leave;
import dev.mezzo.programs.Statement.Range;
import dev.mezzo.programs.Statement.Return;
import dev.mezzo.programs.Statement.Switch;
import dev.mezzo.programs.Statement.While;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One run of a program in FP64. */
final class Evaluation {
  private static final int LONGEST = 1000;

  /** How a statement ends. */
  private enum End {
    NEXT,
    BREAK,
    CONTINUE,
    RETURN
  }

  private final Program program;
  private final List<Matrix> weights;
  private final List<Matrix> states;
  private final Noise.Run noise;
  private final @Nullable List<Matrix> given;
  private final @Nullable Masks masks;
  private final List<Matrix> stopped = new ArrayList<>();
  private double largest;
  private double nearestKink = Double.MAX_VALUE;
  private boolean differsInTraining;
  private int draws;
  private int passes;
  private int operations;

  /**
   * Prepares a run.
   *
   * @param masks of dropout in training; null in inference
   * @param given what {@code stopGradient} returns, in order; null for what it is given
   */
  Evaluation(
      Program program,
      List<Matrix> weights,
      Noise noise,
      @Nullable Masks masks,
      @Nullable List<Matrix> given) {
    this.program = program;
    this.weights = weights;
    this.states = new ArrayList<>(program.states());
    this.noise = noise.run();
    this.masks = masks;
    this.given = given;
  }

  Matrix run(List<Matrix> inputs) {
    return call(program.model(), program.main().forward(), inputs, program.plain()).getFirst();
  }

  /** What the states are now. */
  List<Matrix> states() {
    return states;
  }

  /** Whether something in it does something else in training than in inference. */
  boolean differsInTraining() {
    return differsInTraining;
  }

  /** What {@code stopGradient} was given. */
  List<Matrix> stopped() {
    return stopped;
  }

  /** The largest magnitude on the way. */
  double largest() {
    return largest;
  }

  /**
   * How near to the kink of a {@code relu} its nearest operand was, those that dropout made 0
   * aside.
   */
  double nearestKink() {
    return nearestKink;
  }

  /** How many there were. */
  int operations() {
    return operations;
  }

  private List<Matrix> call(
      OfLayer self, Method method, List<Matrix> tensors, List<Integer> plain) {
    Frame frame = new Frame(self);
    frame.plain.put(Plain.TRAINING, masks == null ? 0 : 1);
    self.fields()
        .forEach(
            (name, value) -> {
              if (value instanceof OfPlain(int number)) {
                frame.plain.put(name, number);
              }
            });
    List<Matrix> given = new ArrayList<>(tensors.stream().map(noise::on).toList());
    for (LayerProgram.Formal formal : method.formals()) {
      if (formal.pair()) {
        frame.arrays.put(formal.name(), new Matrix[] {given.removeFirst(), given.removeFirst()});
      } else {
        frame.tensors.put(formal.name(), given.removeFirst());
      }
    }
    for (int i = 0; i < plain.size(); i++) {
      frame.plain.put(method.plain().get(i), plain.get(i));
    }
    run(frame, method.body());
    return Objects.requireNonNull(frame.result);
  }

  private End run(Frame frame, List<Statement> statements) {
    for (Statement statement : statements) {
      End end = run(frame, statement);
      if (end != End.NEXT) {
        return end;
      }
    }
    return End.NEXT;
  }

  private End run(Frame frame, Statement statement) {
    return switch (statement) {
      case Declare(String _, String name, Expression value) -> {
        frame.put(name, all(frame, value));
        yield End.NEXT;
      }
      case Assign(String name, Expression value) -> {
        frame.put(name, all(frame, value));
        yield End.NEXT;
      }
      case Statement.Collect(Expression.Several array, List<Expression> values) -> {
        frame.arrays.put(array.name(), values(frame, values).toArray(Matrix[]::new));
        yield End.NEXT;
      }
      case Statement.Put(Expression.Several array, Plain index, Expression value) -> {
        Matrix written = value(frame, value);
        array(frame, array)[index.of(frame.plain)] = written;
        yield End.NEXT;
      }
      case Compute(String _, String name, boolean adds, Plain value) -> {
        frame.plain.merge(name, value.of(frame.plain), (old, v) -> adds ? old + v : v);
        yield End.NEXT;
      }
      case Branch(Plain condition, List<Statement> yes, List<Statement> no) ->
          run(frame, holds(frame, condition) ? yes : no);
      case Switch(Plain number, int label, List<Statement> yes, List<Statement> no) -> {
        End end = run(frame, number.of(frame.plain) == label ? yes : no);
        yield end == End.BREAK ? End.NEXT : end; // of the switch
      }
      case Leave(boolean loop) -> loop ? End.BREAK : End.CONTINUE;
      case Return(Expression value) -> {
        frame.result = all(frame, value);
        yield End.RETURN;
      }
      case Range range -> range(frame, range);
      case Each each -> each(frame, each);
      case Statement.Check _ -> End.NEXT;
      case Statement.Do(Plain condition, List<Statement> body) -> {
        End end = pass(frame, body);
        while (end != End.BREAK && end != End.RETURN && holds(frame, condition)) {
          end = pass(frame, body);
        }
        yield behind(end);
      }
      case While(Plain condition, List<Statement> body) -> {
        End end = End.NEXT;
        while (end != End.BREAK && end != End.RETURN && holds(frame, condition)) {
          end = pass(frame, body);
        }
        yield behind(end);
      }
    };
  }

  private End range(Frame frame, Range range) {
    End end = End.NEXT;
    frame.plain.put(range.index(), range.from().of(frame.plain));
    while (end != End.BREAK
        && end != End.RETURN
        && frame.plain.get(range.index()) < range.to().of(frame.plain)) {
      end = pass(frame, range.body());
      frame.plain.merge(range.index(), 1, Integer::sum);
    }
    return behind(end);
  }

  private End each(Frame frame, Each each) {
    for (Instance layer : ((Several) frame.self.field(each.field())).layers()) {
      frame.layers.put(each.layer(), layer);
      End end = pass(frame, each.body());
      if (end == End.BREAK || end == End.RETURN) {
        return behind(end);
      }
    }
    return End.NEXT;
  }

  private End pass(Frame frame, List<Statement> body) {
    if (++passes > LONGEST) {
      throw new EndlessException();
    }
    return run(frame, body);
  }

  private static End behind(End end) {
    return end == End.RETURN ? end : End.NEXT;
  }

  private boolean holds(Frame frame, Plain condition) {
    differsInTraining |= condition.source().contains(Plain.TRAINING);
    return condition.of(frame.plain) != 0;
  }

  /** One tensor, or both of a pair. */
  private List<Matrix> all(Frame frame, Expression expression) {
    return switch (expression) {
      case Expression.Local(String name) when frame.arrays.containsKey(name) ->
          List.of(Objects.requireNonNull(frame.arrays.get(name)));
      case Expression.Both(List<Expression> parts) -> values(frame, parts);
      case Expression.Invoke(
              String _,
              String field,
              Plain index,
              List<Expression> parts,
              List<Plain> plain) -> {
        Instance held = frame.layer(field);
        int at = index.of(frame.plain);
        Instance layer = held instanceof Several(List<Instance> several) ? several.get(at) : held;
        yield forward(layer, values(frame, parts), plain(frame, plain));
      }
      case Expression.Helper(String method, List<Expression> parts, List<Plain> plain) ->
          call(
              frame.self,
              program.layer(frame.self.layer()).method(method),
              values(frame, parts),
              plain(frame, plain));
      case Expression.Choice(Plain condition, Expression yes, Expression no) ->
          all(frame, holds(frame, condition) ? yes : no);
      default -> List.of(value(frame, expression));
    };
  }

  private static List<Integer> plain(Frame frame, List<Plain> plain) {
    return plain.stream().map(p -> p.of(frame.plain)).toList();
  }

  private Matrix value(Frame frame, Expression expression) {
    return switch (expression) {
      case Expression.Local(String name) -> Objects.requireNonNull(frame.tensors.get(name), name);
      case Expression.Component(Expression pair, boolean second) ->
          all(frame, pair).get(second ? 1 : 0);
      case Expression.Norm(Expression x, List<String> weights, List<String> states) -> {
        Matrix value = value(frame, x);
        yield normed(
            value,
            weights.stream().map(w -> ((OfWeight) frame.self.field(w)).weight()).toList(),
            states.stream().map(s -> ((OfState) frame.self.field(s)).state()).toList());
      }
      case Expression.Element(Expression.Several array, Plain index) ->
          array(frame, array)[index.of(frame.plain)];
      case Expression.Total(Expression.Several array) -> {
        Matrix[] all = array(frame, array);
        Matrix total = all[0];
        for (int i = 1; i < all.length; i++) {
          total = apply(Operation.BINARY[0], total, all[i]);
        }
        yield total;
      }
      case Expression.Weight(String field) -> weight(weightOf(frame.self, field));
      case Expression.Apply(Operation operation, List<Expression> parts) ->
          apply(operation, values(frame, parts).toArray(Matrix[]::new));
      case Expression.Both _ -> throw new IllegalStateException("a pair is no tensor");
      case Expression.Invoke _, Expression.Helper _, Expression.Choice _ ->
          all(frame, expression).getFirst();
    };
  }

  /** Of a field, or of a field's layer. */
  private static int weightOf(Instance.OfLayer self, String access) {
    return access.endsWith(RandomFields.WEIGHT)
        ? ((OfLinear) self.field(access.replace(RandomFields.WEIGHT, ""))).weight()
        : ((OfWeight) self.field(access)).weight();
  }

  private static Matrix[] array(Frame frame, Expression.Several array) {
    return Objects.requireNonNull(frame.arrays.get(array.name()), array.name());
  }

  private List<Matrix> values(Frame frame, List<Expression> expressions) {
    List<Matrix> values = new ArrayList<>();
    expressions.forEach(e -> values.addAll(all(frame, e)));
    return values;
  }

  private List<Matrix> forward(Instance layer, List<Matrix> inputs, List<Integer> plain) {
    return switch (layer) {
      case OfLinear(int _, int _, int weight, int bias) ->
          List.of(apply(Operation.LINEAR, inputs.getFirst(), weight(weight), weight(bias)));
      case OfNorm(int weight, int bias, int mean, int variance) ->
          List.of(normed(inputs.getFirst(), List.of(weight, bias), List.of(mean, variance)));
      case OfLayer inner -> call(inner, program.layer(inner.layer()).forward(), inputs, plain);
      default -> throw new IllegalStateException("no layer: " + layer);
    };
  }

  private Matrix weight(int index) {
    return noise.on(weights.get(index));
  }

  private Matrix normed(Matrix x, List<Integer> weights, List<Integer> at) {
    differsInTraining = true;
    BatchStatistics running =
        new BatchStatistics(states.get(at.getFirst()), states.get(at.getLast()));
    BatchStatistics used = running;
    if (masks != null) {
      used = BatchStatistics.of(x);
      BatchStatistics moved = running.towards(used, x.rows());
      states.set(at.getFirst(), moved.mean());
      states.set(at.getLast(), moved.variance());
    }
    Matrix scaled = used.normalize(x).zip(weight(weights.getFirst()), (v, weight) -> v * weight);
    return computed(scaled.zip(weight(weights.getLast()), Double::sum));
  }

  private Matrix dropped(Matrix x) {
    differsInTraining = true;
    return masks == null
        ? x
        : x.zip(masks.of(draws++, x.rows(), x.columns(), Operation.RATE), (v, m) -> v * m);
  }

  private Matrix apply(Operation operation, Matrix... operands) {
    if (operation.equals(Operation.RELU)) {
      for (double value : operands[0].values()) {
        nearestKink = value == 0 ? nearestKink : Math.min(nearestKink, Math.abs(value));
      }
    }
    if (operation.equals(Operation.STOP_GRADIENT)) {
      stopped.add(operands[0]);
      return given == null ? operands[0] : given.get(stopped.size() - 1);
    }
    return computed(
        operation.equals(Operation.DROPOUT)
            ? dropped(operands[0])
            : operation.function().apply(operands));
  }

  private Matrix computed(Matrix exact) {
    operations++;
    Matrix result = noise.on(exact);
    for (double value : result.values()) {
      largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : Double.MAX_VALUE;
    }
    return result;
  }

  /** The program has more passes of its loops than is worth waiting for. */
  static final class EndlessException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** What a call has. */
  private static final class Frame {
    final OfLayer self;
    final Map<String, Matrix> tensors = new HashMap<>();
    final Map<String, Matrix[]> arrays = new HashMap<>();
    final Map<String, Integer> plain = new HashMap<>();
    final Map<String, Instance> layers = new HashMap<>();
    @Nullable List<Matrix> result;

    Frame(OfLayer self) {
      this.self = self;
    }

    /** A tensor, or a pair. */
    void put(String name, List<Matrix> value) {
      if (value.size() == 1 && !arrays.containsKey(name)) {
        tensors.put(name, value.getFirst());
      } else {
        arrays.put(name, value.toArray(Matrix[]::new));
      }
    }

    Instance layer(String name) {
      Instance layer = layers.get(name);
      return layer == null ? self.field(name) : layer;
    }
  }
}
