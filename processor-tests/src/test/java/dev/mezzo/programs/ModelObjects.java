package dev.mezzo.programs;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.layers.Linear;
import dev.mezzo.types.Shape;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Builds the objects of a program's model from its compiled classes. */
public final class ModelObjects {
  private final Program program;
  private final ClassLoader classes;
  private final Map<Instance, Object> built = new HashMap<>();
  private final IdentityHashMap<Parameter, Integer> numbers = new IdentityHashMap<>();

  /** Prepares to build it. */
  public ModelObjects(Program program, ClassLoader classes) {
    this.program = program;
    this.classes = classes;
  }

  /** The outermost layer. */
  public Object model() {
    return object(program.model(), "");
  }

  /** The number of a weight, by the parameter that holds it. */
  public Map<Parameter, Integer> numbers() {
    return numbers;
  }

  /** What forward is given: tensors in FP32, then plain arguments. */
  public List<Tensor> inputs() {
    return program.inputs().stream()
        .map(x -> Tensor.of(Shape.of(x.rows(), x.columns()), floats(x)))
        .toList();
  }

  private Object object(Instance instance, String type) {
    if (instance instanceof Instance.OfPlain(int value)) {
      return type.equals("boolean") ? (Object) (value != 0) : (Object) value;
    }
    if (instance instanceof Instance.Several(List<Instance> layers)) {
      return several(layers, type);
    }
    Object known = built.get(instance);
    if (known == null) {
      known = build(instance);
      built.put(instance, known);
    }
    return known;
  }

  private Object build(Instance instance) {
    return switch (instance) {
      case Instance.OfWeight(int weight) -> parameter(weight);
      case Instance.OfLinear(int in, int out, int weight, int bias) -> {
        Linear linear = new Linear(in, out, new Random(0));
        fill(linear.weight(), weight);
        fill(linear.bias(), bias);
        yield linear;
      }
      case Instance.OfLayer(String layer, Map<String, Instance> fields) -> {
        List<Object> arguments = new ArrayList<>();
        for (LayerProgram.Field field : program.layer(layer).fields()) {
          arguments.add(object(Objects.requireNonNull(fields.get(field.name())), field.type()));
        }
        yield construct(layer, arguments);
      }
      default -> throw new IllegalStateException("no object: " + instance);
    };
  }

  private Object several(List<Instance> layers, String type) {
    List<Object> objects = layers.stream().map(layer -> object(layer, "")).toList();
    if (!type.endsWith("[]")) {
      return objects;
    }
    Object array = Array.newInstance(objects.getFirst().getClass(), objects.size());
    for (int i = 0; i < objects.size(); i++) {
      Array.set(array, i, objects.get(i));
    }
    return array;
  }

  private Object construct(String layer, List<Object> arguments) {
    try {
      Class<?> type = Class.forName("random." + program.name() + "$" + layer, true, classes);
      Constructor<?> constructor = type.getDeclaredConstructors()[0];
      constructor.setAccessible(true);
      return constructor.newInstance(arguments.toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private Parameter parameter(int number) {
    Matrix values = program.weights().get(number);
    Shape shape =
        values.rows() == 1 ? Shape.of(values.columns()) : Shape.of(values.rows(), values.columns());
    Parameter parameter = Parameter.zeros(shape);
    fill(parameter, number);
    return parameter;
  }

  private void fill(Parameter parameter, int number) {
    parameter.copyFrom(floats(program.weights().get(number)));
    numbers.put(parameter, number);
  }

  private static float[] floats(Matrix matrix) {
    float[] floats = new float[matrix.values().length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) matrix.values()[i];
    }
    return floats;
  }
}
