package dev.mezzo;

import dev.mezzo.OperationTable.Rule;
import dev.mezzo.RandomCall.Data;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A random call made on a device, and its gradients. What it used holds NaN when it is given back,
 * for the next run to find where it reads what nothing has written.
 */
final class RandomRun implements AutoCloseable {

  /** What came out. */
  record Found(Shape shape, DType dtype, float[] values) {}

  /** How far numbers are moved, relatively, to see what the results make of it. */
  static final float MOVED = 0x1p-12f;

  private final RandomCall call;
  private final Device device;
  private final DType dtype;
  private final @Nullable Random noise;
  private final List<Tensor> open = new ArrayList<>();
  private final List<State> states = new ArrayList<>();
  private final List<Tensor> results;
  private final OperationCall made;
  private final boolean several;

  /**
   * Runs forward.
   *
   * @param dtype of all float tensors
   * @param noise if numbers are to be moved a little
   */
  RandomRun(RandomCall call, Device device, DType dtype, @Nullable Random noise) {
    this.call = call;
    this.device = device;
    this.dtype = dtype;
    this.noise = noise;
    Map<String, @Nullable Object> values = new HashMap<>();
    for (var parameter : call.operation().method().getParameters()) {
      values.put(
          parameter.getName(),
          argument(call.arguments().get(parameter.getName()), parameter.getType()));
    }
    made = new OperationCall(call.operation(), values);
    try {
      Object y = made.forward();
      several = y instanceof Tensor[];
      results = y instanceof Tensor[] all ? List.of(all) : List.of((Tensor) y);
      open.addAll(results);
    } catch (RuntimeException | AssertionError e) {
      close();
      throw e;
    }
  }

  /** Results, and the states as they are then. */
  Map<String, Found> results() {
    Map<String, Found> found = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      found.put(several ? "result " + i : "result", found(results.get(i)));
    }
    for (int i = 0; i < states.size(); i++) {
      found.put("state " + i, found(states.get(i).values()));
    }
    return found;
  }

  /**
   * All gradients, of given gradients of the results; as if the results had been the given ones.
   */
  Map<String, Found> gradients(List<Data> dys, List<Found> ys) {
    List<Tensor> dy = new ArrayList<>();
    List<Tensor> y = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      DType type = results.get(i).dtype();
      dy.add(tensor(dys.get(i), type));
      boolean turned = results.get(i).layout().transposed();
      Found given = ys.get(i);
      y.add(tensor(new Data(given.shape(), type.isFloat(), turned, given.values()), type));
    }
    made.result(several ? y.toArray(Tensor[]::new) : y.getFirst());
    Map<String, Found> found = new LinkedHashMap<>();
    for (Rule rule : call.operation().rules()) {
      Object given = several ? dy.toArray(Tensor[]::new) : dy.getFirst();
      made.backward(rule, given)
          .forEach(
              (name, gradient) -> {
                open.add(gradient);
                found.put("gradient of " + name, found(gradient));
              });
    }
    return found;
  }

  private @Nullable Object argument(@Nullable Object given, Class<?> type) {
    if (given instanceof Data data && type == State.class) {
      State state = State.of(tensor(data, dtype));
      states.add(state);
      return state;
    }
    if (given instanceof Data data) {
      return tensor(data, data.isFloat() ? dtype : DType.INT32);
    }
    if (given instanceof List<?> list) {
      return list.stream().map(each -> tensor((Data) each, dtype)).toArray(Tensor[]::new);
    }
    return given;
  }

  private Tensor tensor(Data data, DType type) {
    Tensor tensor = Tensor.allocate(device, data.shape(), type);
    open.add(tensor);
    float[] values = data.values().clone();
    if (type == DType.INT32) {
      int[] ints = new int[values.length];
      for (int i = 0; i < ints.length; i++) {
        ints[i] = (int) values[i];
      }
      tensor.copyFrom(ints);
    } else {
      if (noise != null) {
        for (int i = 0; i < values.length; i++) {
          float by = MOVED * (0.5f + noise.nextFloat() / 2);
          values[i] *= noise.nextBoolean() ? 1 + by : 1 - by;
        }
      }
      tensor.copyFrom(values);
    }
    return data.turned() ? turned(tensor) : tensor;
  }

  private Tensor turned(Tensor tensor) {
    try (Tensor view = Ops.transpose(tensor)) {
      Tensor stored = view.contiguous();
      open.add(stored);
      Tensor turned = Ops.transpose(stored);
      open.add(turned);
      return turned;
    }
  }

  private static Found found(Tensor tensor) {
    if (tensor.dtype() != DType.INT32) {
      return new Found(tensor.shape(), tensor.dtype(), tensor.toFloats());
    }
    int[] ints = tensor.toInts();
    float[] values = new float[ints.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ints[i];
    }
    return new Found(tensor.shape(), tensor.dtype(), values);
  }

  @Override
  public void close() {
    made.clear();
    states.forEach(state -> open.add(state.values()));
    for (Tensor tensor : open) {
      if (!tensor.isClosed()) {
        tensor.fill(Float.NaN);
      }
    }
    open.forEach(Tensor::close);
  }
}
