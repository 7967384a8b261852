package dev.mezzo.programs;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.layers.BatchNorm;
import dev.mezzo.layers.Linear;
import dev.mezzo.types.Shape;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Builds the objects of a program's model from its compiled classes. */
public final class ModelObjects {
  private final Program program;
  private final ClassLoader classes;
  private final Map<Instance, Object> built = new HashMap<>();
  private final IdentityHashMap<Parameter, Integer> numbers = new IdentityHashMap<>();
  private final Map<Integer, State> states = new TreeMap<>();

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

  /** Sets the states to what they were, and those that the model does not have are left out. */
  public void resetStates() {
    states.forEach((number, state) -> state.copyFrom(floats(program.states().get(number))));
  }

  /** The states, one behind the other. */
  public float[] states() {
    Matrix all = Matrix.zeros(1, 0);
    for (int number = 0; number < program.states().size(); number++) {
      State state = states.get(number);
      Matrix values = program.states().get(number);
      if (state != null) {
        float[] now = state.toFloats();
        values = new Matrix(1, now.length, doubles(now));
      }
      all = all.concat(values, 1);
    }
    return floats(all);
  }

  private static double[] doubles(float[] floats) {
    return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
  }

  /** What forward of the class itself is given, if its mixed form is given these. */
  public List<Object> arguments(List<Tensor> tensors) {
    List<Tensor> remaining = new ArrayList<>(tensors);
    List<Object> arguments = new ArrayList<>();
    for (LayerProgram.Formal formal : program.main().forward().formals()) {
      arguments.add(
          formal.pair()
              ? construct("Pair", List.of(remaining.removeFirst(), remaining.removeFirst()))
              : remaining.removeFirst());
    }
    arguments.addAll(program.plain());
    return arguments;
  }

  /** What forward is given, in FP32; of a pair both. */
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
      case Instance.OfNorm(int weight, int bias, int mean, int variance) -> {
        BatchNorm norm =
            new BatchNorm(
                program.states().get(mean).columns(),
                BatchStatistics.MOMENTUM,
                BatchStatistics.EPSILON);
        fill(norm.weight(), weight);
        fill(norm.bias(), bias);
        states.put(mean, norm.mean());
        states.put(variance, norm.variance());
        yield norm;
      }
      case Instance.OfState(int number) -> {
        State state = State.filled(Shape.of(program.states().get(number).columns()), 0);
        states.put(number, state);
        yield state;
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
    if (type.contains("Map<")) {
      Map<String, Object> map = new LinkedHashMap<>();
      objects.forEach(object -> map.put("k" + map.size(), object));
      return map;
    }
    if (!type.endsWith("[]")) {
      return objects;
    }
    Object array = Array.newInstance(element(type), objects.size());
    for (int i = 0; i < objects.size(); i++) {
      Array.set(array, i, objects.get(i));
    }
    return array;
  }

  private Class<?> element(String type) {
    return switch (type.replaceAll("@\\w+ |\\[]", "")) {
      case "Linear" -> Linear.class;
      case "BatchNorm" -> BatchNorm.class;
      case "Layer" -> Layer.class;
      case String nested -> nested(nested);
    };
  }

  private Class<?> nested(String name) {
    try {
      return Class.forName("random." + program.name() + "$" + name, true, classes);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private Object construct(String layer, List<?> arguments) {
    try {
      Constructor<?> constructor = nested(layer).getDeclaredConstructors()[0];
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
