package dev.mezzo.processor.dims;

import dev.mezzo.Device;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** One call of an operation with random arguments, most of which fit. */
record Trial(DeclaredOperation operation, Object[] arguments) {

  static Trial draw(DeclaredOperation operation, ShapeRule rule, Random random) {
    RandomShapes shapes = new RandomShapes(rule, random);
    List<Object> arguments = new ArrayList<>();
    for (Parameter parameter : operation.method().getParameters()) {
      arguments.add(argument(parameter, shapes, random));
    }
    return new Trial(operation, arguments.toArray());
  }

  private static Object argument(Parameter parameter, RandomShapes shapes, Random random) {
    Class<?> type = parameter.getType();
    if (type == Tensor.class) {
      Shape shape = Shape.of(shapes.draw(parameter.getName()));
      int size = (int) shape.size();
      return random.nextBoolean()
          ? Tensor.ofInts(shape, new int[size])
          : Tensor.of(shape, values(size, random));
    }
    if (type == Tensor[].class) {
      return tensors(parameter, shapes, random);
    }
    if (type == State.class) {
      return State.filled(Shape.of(shapes.draw(parameter.getName())), random.nextFloat());
    }
    if (type == int[].class) {
      return random.ints(1 + random.nextInt(3), -1, 5).toArray();
    }
    if (type == int.class) {
      return shapes.number(parameter.getName());
    }
    if (type == float.class) {
      return random.nextFloat();
    }
    if (type == String.class) {
      return List.of("ij,jk->ik", "bi,bj->bij", "ij,ij->", "i,ji->j").get(random.nextInt(4));
    }
    if (type == boolean.class) {
      return random.nextBoolean();
    }
    if (type.isRecord()) {
      return record(parameter, shapes);
    }
    throw new AssertionError("operand of type " + type);
  }

  /** Mostly of one shape, or of one that differs along a dimension. */
  private static Tensor[] tensors(Parameter parameter, RandomShapes shapes, Random random) {
    int[] first = shapes.draw(parameter.getName());
    Tensor[] tensors = new Tensor[1 + random.nextInt(3)];
    for (int i = 0; i < tensors.length; i++) {
      int[] dims = first.clone();
      if (i > 0 && dims.length > 0 && random.nextInt(3) == 0) {
        dims[random.nextInt(dims.length)] = 1 + random.nextInt(4);
      }
      Shape shape = Shape.of(dims);
      tensors[i] = Tensor.of(shape, values((int) shape.size(), random));
    }
    return tensors;
  }

  /** A record of numbers, which a rule names {@code operand.component}. */
  private static Object record(Parameter parameter, RandomShapes shapes) {
    RecordComponent[] components = parameter.getType().getRecordComponents();
    Object[] numbers =
        Stream.of(components)
            .map(component -> shapes.number(parameter.getName() + "." + component.getName()))
            .toArray();
    try {
      return parameter
          .getType()
          .getDeclaredConstructor(
              Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
          .newInstance(numbers);
    } catch (InvocationTargetException refused) {
      shapes.forget(parameter.getName());
      return record(parameter, shapes);
    } catch (ReflectiveOperationException failure) {
      throw new LinkageError(parameter.toString(), failure);
    }
  }

  private static float[] values(int size, Random random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (2 * random.nextGaussian());
    }
    return values;
  }

  Map<String, Given> given() {
    Map<String, Given> given = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      given.put(
          operation.operands().get(i),
          switch (arguments[i]) {
            case Tensor tensor -> new Given.OfTensor(term(tensor));
            case Tensor[] tensors ->
                new Given.OfTensors(
                    Optional.of(Arrays.stream(tensors).map(Trial::term).toList()),
                    Optional.empty());
            case int[] numbers -> new Given.OfPlain(dims(numbers));
            case Integer number -> new Given.OfPlain(dims(number));
            case String text -> new Given.OfText(text);
            case Boolean choice -> new Given.OfPlain(dims(choice ? 1 : 0));
            default -> new Given.OfPlain(Optional.empty());
          });
      if (arguments[i] instanceof Record numbers) {
        given.putAll(components(operation.operands().get(i), numbers));
      }
    }
    return given;
  }

  static ShapeTerm term(Tensor tensor) {
    return ShapeTerm.of(dims(tensor.shape().dims()).orElseThrow());
  }

  private static Map<String, Given> components(String operand, Record numbers) {
    Map<String, Given> components = new HashMap<>();
    for (RecordComponent component : numbers.getClass().getRecordComponents()) {
      try {
        int number = (int) component.getAccessor().invoke(numbers);
        components.put(operand + "." + component.getName(), new Given.OfPlain(dims(number)));
      } catch (ReflectiveOperationException failure) {
        throw new LinkageError(component.toString(), failure);
      }
    }
    return components;
  }

  private static Optional<List<Dim>> dims(int... numbers) {
    return Optional.of(Arrays.stream(numbers).mapToObj(Dim::of).toList());
  }

  /** What it returns; empty where the operation refuses its operands. */
  Optional<List<Tensor>> run() throws IllegalAccessException {
    try {
      return switch (operation.method().invoke(null, arguments)) {
        case Tensor[] several -> Optional.of(List.of(several));
        case Object one -> Optional.of(List.of((Tensor) one));
      };
    } catch (InvocationTargetException refused) {
      if (refused.getCause() instanceof IllegalArgumentException) {
        return Optional.empty();
      }
      throw new AssertionError(this.toString(), refused.getCause());
    }
  }

  /** The same call of tensors on a device, which the caller closes, floats in a type. */
  Trial on(Device device, DType floats) {
    Object[] there = arguments.clone();
    for (int i = 0; i < there.length; i++) {
      there[i] =
          switch (there[i]) {
            case Tensor tensor when tensor.dtype() == DType.INT32 ->
                Tensor.allocate(device, tensor.shape(), DType.INT32).copyFrom(tensor.toInts());
            case Tensor tensor ->
                Tensor.allocate(device, tensor.shape(), floats).copyFrom(tensor.toFloats());
            case State state -> {
              Tensor values = Tensor.allocate(device, state.shape(), DType.FP32);
              yield State.of(values.copyFrom(state.toFloats()));
            }
            case Tensor[] tensors -> {
              Tensor[] all = new Tensor[tensors.length];
              for (int j = 0; j < all.length; j++) {
                all[j] =
                    Tensor.allocate(device, tensors[j].shape(), floats)
                        .copyFrom(tensors[j].toFloats());
              }
              yield all;
            }
            default -> there[i];
          };
    }
    return new Trial(operation, there);
  }

  /** What the operation says to operands that it refuses; empty where it takes them. */
  Optional<RuntimeException> refusal() throws IllegalAccessException {
    try {
      operation.method().invoke(null, arguments);
      return Optional.empty();
    } catch (InvocationTargetException refused) {
      if (refused.getCause() instanceof IllegalArgumentException reason) {
        return Optional.of(reason);
      }
      throw new AssertionError(this.toString(), refused.getCause());
    }
  }

  @Override
  public String toString() {
    return Stream.of(arguments)
        .map(
            argument ->
                switch (argument) {
                  case Tensor tensor -> tensor.shape().toString();
                  case Tensor[] tensors ->
                      Arrays.stream(tensors).map(tensor -> tensor.shape().toString()).toList();
                  case int[] numbers -> Arrays.toString(numbers);
                  default -> argument.toString();
                })
        .toList()
        .toString();
  }
}
