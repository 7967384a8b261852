package dev.mezzo;

import dev.mezzo.OperationTable.Operation;
import dev.mezzo.OperationTable.Rule;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.lang.reflect.Constructor;
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
  private final List<Tensor> open = new ArrayList<>();
  private final List<Tensor> dy = new ArrayList<>();
  private @Nullable OperationCall call;
  private boolean several;

  ParityCall(ParityCase test, Device device, DType dtype) {
    this.test = test;
    this.device = device;
    this.dtype = dtype;
  }

  /** The results of the operation. */
  List<Tensor> forward(Operation operation) {
    Map<String, @Nullable Object> values = new HashMap<>();
    for (Parameter parameter : operation.method().getParameters()) {
      values.put(parameter.getName(), argument(parameter));
    }
    call = new OperationCall(operation, values);
    Object made = call.forward();
    several = made instanceof Tensor[];
    List<Tensor> results = made instanceof Tensor[] all ? List.of(all) : List.of((Tensor) made);
    open.addAll(results);
    for (int i = 0; i < test.dy().size(); i++) {
      dy.add(tensor(test.dy().get(i), results.get(i).dtype()));
    }
    return results;
  }

  /** The gradients of one rule, by the operand's name; elements of an array are {@code name[i]}. */
  Map<String, Tensor> backward(Rule rule) {
    Object given = several ? dy.toArray(Tensor[]::new) : dy.getFirst();
    Map<String, Tensor> gradients = Objects.requireNonNull(call).backward(rule, given);
    open.addAll(gradients.values());
    return gradients;
  }

  private @Nullable Object argument(Parameter parameter) {
    String name = parameter.getName();
    ParityCase.Argument given = test.arguments().get(name);
    if (given instanceof ParityCase.Operand operand && parameter.getType() == State.class) {
      State state = State.of(operand(operand));
      open.add(state.values());
      return state;
    }
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

  @Override
  public void close() {
    open.forEach(Tensor::close);
  }
}
