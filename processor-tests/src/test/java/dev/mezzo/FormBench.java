package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.optim.Sgd;
import dev.mezzo.types.DType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A mixed form on its own: what a training does with it, one call at a time. */
final class FormBench implements AutoCloseable {
  /** Of its random draws. */
  static final long SEED = 11;

  private final Object form;
  private final DType half;
  private final WeightRegistry registry = new WeightRegistry();
  private final Tape tape = Tape.forTraining();

  FormBench(Object model, DType half) {
    this.half = half;
    Class<?> type = formOf(model.getClass());
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(model.getClass(), Mixing.class);
      constructor.setAccessible(true);
      this.form = constructor.newInstance(model, new Mixing(registry, "", half));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    registry.parameters().forEach(parameter -> parameter.open(half, true, Sgd.of(0.1f)));
    tape.begin(SEED, 0, 0);
  }

  private static Tensor tensor(@Nullable Object result) {
    return (Tensor) Objects.requireNonNull(result);
  }

  static Class<?> formOf(Class<?> model) {
    String simple = model.getName().substring(model.getPackageName().length() + 1);
    String name = model.getPackageName() + ".Mixed" + simple.replace('$', '_');
    try {
      return Class.forName(name, true, model.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** There may be fewer than before: what other tests left is collected meanwhile. */
  static void assertNoneLeft(Device device, long before) {
    long live = device.memory().liveTensors();
    assertTrue(live <= before, live + " tensors are open, where there were " + before);
  }

  /** Forward of the user's own class. */
  static Tensor eager(Object model, Object... arguments) {
    return tensor(call(model, "forward", arguments));
  }

  /** Forward as in training: the arguments, tensors or plain, in the form's precision. */
  Tensor forward(Object... arguments) {
    List<Object> given = new ArrayList<>(List.of(tape));
    given.addAll(Arrays.asList(arguments));
    return tensor(call(form, "forward", given.toArray()));
  }

  /** Forward alone. */
  Tensor infer(Object... arguments) {
    return tensor(call(form, "forward", arguments));
  }

  /** The gradients of the inputs; null where not wanted. */
  @Nullable Tensor[] backward(Tensor dy, boolean... wanted) {
    List<Object> given = new ArrayList<>(List.of(tape, dy));
    for (boolean want : wanted) {
      given.add(want);
    }
    Object result = call(form, "backward", given.toArray());
    return result instanceof Tensor[] several ? several : new @Nullable Tensor[] {(Tensor) result};
  }

  Tape tape() {
    return tape;
  }

  DType half() {
    return half;
  }

  /** The gradients of the weights, in FP32, by path. */
  Map<String, float[]> gradients() {
    Map<String, float[]> gradients = new TreeMap<>();
    for (TrainedParameter parameter : registry.parameters()) {
      Tensor gradient = parameter.gradient();
      if (gradient != null) {
        gradients.put(parameter.path(), gradient.toFloats());
      }
    }
    return gradients;
  }

  /** The parameters by path; only while this is closed can they be written. */
  Map<String, Parameter> parameters() {
    Map<String, Parameter> parameters = new TreeMap<>();
    registry.parameters().forEach(p -> parameters.put(p.path(), p.parameter()));
    return parameters;
  }

  /** Starts again as a new step does. */
  void begin() {
    registry.dropGradients();
    tape.begin(SEED, 0, 0);
  }

  static @Nullable Object callStatic(Class<?> type, String name, Object... arguments) {
    return call(type, null, name, arguments);
  }

  static @Nullable Object call(Object target, String name, Object... arguments) {
    return call(target.getClass(), target, name, arguments);
  }

  private static @Nullable Object call(
      Class<?> type, @Nullable Object target, String name, Object... arguments) {
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals(name) && fits(method, arguments)) {
        try {
          method.setAccessible(true);
          return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          throw new IllegalStateException(e);
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    throw new IllegalArgumentException(type + " has no " + name);
  }

  private static boolean fits(Method method, Object... arguments) {
    Class<?>[] types = method.getParameterTypes();
    if (types.length != arguments.length) {
      return false;
    }
    return types.length == 0 || (types[0] == Tape.class) == (arguments[0] instanceof Tape);
  }

  /** {@code x} as a caller gives it. */
  Tensor given(Tensor x, Precision precision) {
    return precision == Precision.HALF ? Ops.cast(x, half) : x.retain();
  }

  @Override
  public void close() {
    tape.clear();
    registry.dropGradients();
    registry.parameters().forEach(TrainedParameter::close);
  }
}
