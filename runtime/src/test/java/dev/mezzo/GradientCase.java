package dev.mezzo;

import dev.mezzo.OperationTable.Operation;
import dev.mezzo.OperationTable.Rule;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of one operand in one call of an operation.
 *
 * @param given for each parameter of the operation: {@link Operand}, {@link Ints}, or itself
 */
record GradientCase(Operation operation, List<Object> given, Rule rule, String wrt) {

  /** Random numbers in the place of a tensor. */
  record Operand(Shape shape, Kind kind) {

    /**
     * Positive ones between 0.35 and 0.65 for logarithms of probabilities and their complements.
     */
    static Operand probability(int... dims) {
      return new Operand(Shape.of(dims), Kind.PROBABILITY);
    }

    /** At least 0.85. */
    static Operand positive(int... dims) {
      return new Operand(Shape.of(dims), Kind.POSITIVE);
    }

    /** No two nearer to each other than differences reach. */
    static Operand apart(int... dims) {
      return new Operand(Shape.of(dims), Kind.APART);
    }

    Tensor make(Device device) {
      Tensor made = GradientCheck.random(device, shape);
      float[] values = made.toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (kind) {
              case ANY -> values[i];
              case POSITIVE -> 0.75f + Math.abs(values[i]);
              case PROBABILITY -> 0.5f + values[i] / 16;
              case APART -> values[i] + i * 29 % 64 * 4;
            };
      }
      return made.copyFrom(values);
    }
  }

  /** What an operand's numbers are like. */
  enum Kind {
    ANY,
    POSITIVE,
    PROBABILITY,
    APART
  }

  /** A tensor of given whole numbers. */
  record Ints(Shape shape, int... values) {}

  /** Given numbers that have no gradient. */
  record Floats(Shape shape, float... values) {}

  static Operand any(int... dims) {
    return new Operand(Shape.of(dims), Kind.ANY);
  }

  /**
   * Every gradient of one call.
   *
   * @param signature as {@code sum(x, axis)}
   */
  static List<GradientCase> gradientsOf(String signature, Object... given) {
    Operation operation =
        OperationTable.all().stream()
            .filter(one -> one.signature().equals(signature))
            .findFirst()
            .orElseThrow(() -> new AssertionError("Ops has no " + signature));
    List<GradientCase> cases = new ArrayList<>();
    for (Rule rule : operation.rules()) {
      for (String wrt : rule.wrt()) {
        cases.add(new GradientCase(operation, List.of(given), rule, wrt));
      }
    }
    return cases;
  }

  /** The random operands, FP32, which the caller closes. */
  Tensor[] make(Device device) {
    return given.stream()
        .filter(Operand.class::isInstance)
        .map(operand -> ((Operand) operand).make(device))
        .toArray(Tensor[]::new);
  }

  /** Which of {@link #make}'s operands the gradient is of. */
  int index() {
    int index = 0;
    Parameter[] parameters = operation.method().getParameters();
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i].getName().equals(wrt)) {
        return index;
      }
      if (given.get(i) instanceof Operand) {
        index++;
      }
    }
    throw new AssertionError(wrt);
  }

  Tensor forward(Tensor[] operands) {
    try (Constants constants = new Constants()) {
      OperationCall call = new OperationCall(operation, arguments(operands, constants));
      Tensor y = (Tensor) call.forward();
      call.clear();
      return y;
    }
  }

  Tensor backward(Tensor dy, Tensor[] operands) {
    try (Constants constants = new Constants()) {
      OperationCall call = new OperationCall(operation, arguments(operands, constants));
      Tensor y = (Tensor) call.forward();
      Map<String, Tensor> gradients = call.backward(rule, dy);
      y.close();
      call.clear();
      Tensor found = Objects.requireNonNull(gradients.remove(wrt));
      gradients.values().forEach(Tensor::close);
      return found;
    }
  }

  /** Whether the gradient is added to a sum in its memory. */
  boolean adds() {
    return rule.adds(wrt);
  }

  /** The gradient, added to a sum that is given up. */
  Tensor addedTo(Tensor sum, Tensor dy, Tensor[] operands) {
    List<Tensor> made = new ArrayList<>();
    call(
        operands,
        call -> {
          Tensor y = (Tensor) call.forward();
          call.add(wrt, GradientSum.of(sum));
          Map<String, Tensor> gradients = call.backward(rule, dy);
          made.add(Objects.requireNonNull(gradients.remove(wrt)));
          gradients.values().forEach(Tensor::close);
          y.close();
        });
    return made.getFirst();
  }

  /** A call of the operation on those operands. */
  void call(Tensor[] operands, Consumer<OperationCall> body) {
    try (Constants constants = new Constants()) {
      OperationCall call = new OperationCall(operation, arguments(operands, constants));
      body.accept(call);
      call.clear();
    }
  }

  private Map<String, @Nullable Object> arguments(Tensor[] operands, Constants constants) {
    Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
    Parameter[] parameters = operation.method().getParameters();
    int next = 0;
    for (int i = 0; i < parameters.length; i++) {
      Object argument =
          switch (given.get(i)) {
            case Operand _ -> operands[next++];
            case Ints ints -> constants.make(operands[0].device(), ints);
            case Floats floats -> constants.make(operands[0].device(), floats);
            case Object plain -> plain;
          };
      boolean state = parameters[i].getType() == State.class;
      arguments.put(parameters[i].getName(), state ? constants.state(argument) : argument);
    }
    return arguments;
  }

  /** Tensors of one call. */
  private static final class Constants implements AutoCloseable {
    private final List<Tensor> tensors = new ArrayList<>();

    Tensor make(Device device, Ints ints) {
      return keep(Tensor.allocate(device, ints.shape, DType.INT32).copyFrom(ints.values));
    }

    Tensor make(Device device, Floats floats) {
      return keep(Tensor.allocate(device, floats.shape, DType.FP32).copyFrom(floats.values));
    }

    State state(Object values) {
      State state = State.of((Tensor) values);
      keep(state.values());
      return state;
    }

    private Tensor keep(Tensor tensor) {
      tensors.add(tensor);
      return tensor;
    }

    @Override
    public void close() {
      tensors.forEach(Tensor::close);
    }
  }

  @Override
  public String toString() {
    List<String> texts = new ArrayList<>();
    for (Object one : given) {
      texts.add(
          switch (one) {
            case Operand operand -> operand.shape().toString();
            case int[] numbers -> Arrays.toString(numbers);
            case Object other -> other.toString();
          });
    }
    return operation.method().getName() + texts + " by " + wrt;
  }
}
