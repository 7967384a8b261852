package dev.mezzo;

import dev.mezzo.OperationTable.Operation;
import dev.mezzo.OperationTable.Rule;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A case run on a device in an element type: the operation, then each of its gradients, given what
 * its parameters name, as generated code does. Closes all it made.
 */
final class ParityCall implements AutoCloseable {

  private final ParityCase test;
  private final Device device;
  private final DType dtype;
  private final Tape tape = Tape.forTraining();
  private final Map<String, @Nullable Object> values = new HashMap<>();
  private final List<Tensor> open = new ArrayList<>();
  private List<Tensor> results = List.of();

  ParityCall(ParityCase test, Device device, DType dtype) {
    this.test = test;
    this.device = device;
    this.dtype = dtype;
  }

  /** The results of the operation. */
  List<Tensor> forward(Operation operation) {
    for (Parameter parameter : operation.method().getParameters()) {
      values.put(parameter.getName(), argument(parameter));
    }
    Method method = operation.onTape().orElse(operation.method());
    Object made = invoke(method, values);
    results = made instanceof Tensor[] several ? List.of(several) : List.of((Tensor) made);
    open.addAll(results);
    List<Tensor> dy = new ArrayList<>();
    for (int i = 0; i < test.dy().size(); i++) {
      dy.add(tensor(test.dy().get(i), results.get(i).dtype()));
    }
    values.put("y", made);
    if (!dy.isEmpty()) {
      values.put("dy", made instanceof Tensor[] ? dy.toArray(Tensor[]::new) : dy.getFirst());
    }
    return results;
  }

  /** The gradients of one rule, by the operand's name; elements of an array are {@code name[i]}. */
  Map<String, Tensor> backward(Rule rule) {
    Object made = invoke(rule.method(), values);
    Map<String, Tensor> gradients = new HashMap<>();
    if (made instanceof Tensor one) {
      gradients.put(rule.wrt().getFirst(), one);
    } else {
      Tensor[] several = (Tensor[]) made;
      boolean elements = values.get(rule.wrt().getFirst()) instanceof Tensor[];
      for (int i = 0; i < several.length; i++) {
        gradients.put(
            elements ? rule.wrt().getFirst() + "[" + i + "]" : rule.wrt().get(i), several[i]);
      }
    }
    open.addAll(gradients.values());
    return gradients;
  }

  private @Nullable Object argument(Parameter parameter) {
    String name = parameter.getName();
    ParityCase.Argument given = test.arguments().get(name);
    if (given instanceof ParityCase.Operand operand) {
      return operand(operand);
    }
    if (given instanceof ParityCase.Plain plain) {
      return plain(plain.text(), parameter.getType());
    }
    List<Tensor> elements = new ArrayList<>();
    while (test.arguments().get(name + "[" + elements.size() + "]")
        instanceof ParityCase.Operand element) {
      elements.add(operand(element));
    }
    return parameter.getType().isArray() ? elements.toArray(Tensor[]::new) : elements;
  }

  private Tensor operand(ParityCase.Operand operand) {
    return tensor(operand.values(), operand.isFloat() ? dtype : DType.INT32);
  }

  private Tensor tensor(ParityCase.Values values, DType type) {
    Tensor tensor = Tensor.allocate(device, values.shape(), type);
    open.add(tensor);
    if (type == DType.INT32) {
      int[] ints = new int[values.values().length];
      for (int i = 0; i < ints.length; i++) {
        ints[i] = (int) values.values()[i];
      }
      return tensor.copyFrom(ints);
    }
    float[] floats = new float[values.values().length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.values()[i];
    }
    return tensor.copyFrom(floats);
  }

  private static @Nullable Object plain(String text, Class<?> type) {
    if (text.equals("-")) {
      return null;
    }
    if (type == int.class) {
      return Integer.parseInt(text);
    }
    if (type == float.class) {
      return Float.parseFloat(text);
    }
    if (type == boolean.class) {
      return Boolean.parseBoolean(text);
    }
    if (type == int[].class) {
      return ParityCase.ints(text);
    }
    if (type == Shape.class) {
      return Shape.of(ParityCase.ints(text));
    }
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        if (constant.toString().equals(text)) {
          return constant;
        }
      }
    }
    if (type == String.class) {
      return text;
    }
    if (type.isRecord()) {
      return record(ParityCase.ints(text), type.getDeclaredConstructors()[0]);
    }
    throw new IllegalArgumentException("a parameter of type " + type + " given " + text);
  }

  /** A record of numbers. */
  private static Object record(int[] numbers, Constructor<?> constructor) {
    Object[] arguments = new Object[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      arguments[i] = numbers[i];
    }
    try {
      return constructor.newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private Object invoke(Method method, Map<String, @Nullable Object> given) {
    Parameter[] parameters = method.getParameters();
    @Nullable Object[] arguments = new @Nullable Object[parameters.length];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = value(parameters[i], given);
    }
    try {
      return Objects.requireNonNull(method.invoke(null, arguments), method::toString);
    } catch (InvocationTargetException e) {
      throw new AssertionError(method.getName() + ": " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private @Nullable Object value(Parameter parameter, Map<String, @Nullable Object> given) {
    String name = parameter.getName();
    if (parameter.getType() == Tape.class) {
      return tape;
    }
    if (!given.containsKey(name) && name.startsWith("want")) {
      return true;
    }
    Object value = given.get(name);
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

  @Override
  public void close() {
    open.forEach(Tensor::close);
  }
}
