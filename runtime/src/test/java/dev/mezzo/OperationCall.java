package dev.mezzo;

import dev.mezzo.OperationTable.Operation;
import dev.mezzo.OperationTable.Rule;
import dev.mezzo.types.Layout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call of an operation and of its gradients by the names of their parameters, as generated code
 * makes them: on a tape, each gradient given what it names. Closes nothing that it is given or
 * gives.
 */
final class OperationCall {

  private final Operation operation;
  private final Tape tape = Tape.forTraining();
  private final Map<String, @Nullable Object> values;
  private final Map<String, GradientSum> sums = new HashMap<>();

  /**
   * @param arguments by the parameters' names
   */
  OperationCall(Operation operation, Map<String, @Nullable Object> arguments) {
    this.operation = operation;
    this.values = new HashMap<>(arguments);
  }

  /** The result: a tensor or an array of them. */
  Object forward() {
    Object made = invoke(operation.onTape().orElse(operation.method()));
    values.put("y", made);
    return made;
  }

  /** The gradients of one rule, by the operand's name; elements of an array are {@code name[i]}. */
  Map<String, Tensor> backward(Rule rule, Object dy) {
    values.put("dy", dy);
    boolean added = rule.wrt().size() == 1 && sums.containsKey(rule.wrt().getFirst());
    Object made = invoke(added ? rule.adding().orElseThrow() : rule.method());
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    String first = rule.wrt().getFirst();
    if (made instanceof Tensor one) {
      gradients.put(first, one);
      return gradients;
    }
    Tensor[] several = (Tensor[]) made;
    boolean elements = values.get(first) instanceof Tensor[];
    for (int i = 0; i < several.length; i++) {
      gradients.put(elements ? first + "[" + i + "]" : rule.wrt().get(i), several[i]);
    }
    return gradients;
  }

  /** What gradients that read the result are given in its place. */
  void result(Object y) {
    values.put("y", y);
  }

  /** What the gradient of an operand is to be added to. */
  void add(String operand, GradientSum sum) {
    sums.put(operand, sum);
  }

  /** Drops what forward saved and no gradient took. */
  void clear() {
    tape.clear();
  }

  private Object invoke(Method method) {
    Parameter[] parameters = method.getParameters();
    @Nullable Object[] arguments = new @Nullable Object[parameters.length];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = value(parameters[i]);
    }
    try {
      return Objects.requireNonNull(method.invoke(null, arguments), method::toString);
    } catch (InvocationTargetException e) {
      throw new AssertionError(method.getName() + ": " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private @Nullable Object value(Parameter parameter) {
    String name = parameter.getName();
    if (parameter.getType() == Tape.class) {
      return tape;
    }
    if (parameter.getType() == GradientSum.class) {
      return sums.entrySet().stream()
          .filter(each -> name.equals("sum") || isGradientOf(name, each.getKey()))
          .map(Map.Entry::getValue)
          .findFirst()
          .orElse(GradientSum.none());
    }
    if (!values.containsKey(name) && name.startsWith("want")) {
      return true;
    }
    Object value = values.get(name);
    if (parameter.getType() == Layout.class) {
      return ((Tensor) Objects.requireNonNull(value)).layout();
    }
    if (parameter.getType() == Layout[].class) {
      return List.of((Tensor[]) Objects.requireNonNull(value)).stream()
          .map(Tensor::layout)
          .toArray(Layout[]::new);
    }
    return value;
  }

  private static boolean isGradientOf(String name, String operand) {
    return name.equalsIgnoreCase("d" + operand);
  }
}
