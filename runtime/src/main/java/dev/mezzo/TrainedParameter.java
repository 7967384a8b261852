package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.StepControl;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.UpdateOperands;
import dev.mezzo.types.DType;
import dev.mezzo.types.ShapeException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parameter while a training is open: its 16-bit form, its gradient, the optimizer's state.
 *
 * <p>Kept as {@code MASTER}, {@link #half} is always {@link #full} rounded: written by {@link
 * #open}, by the update, and when it is read after another training has changed the master: a
 * parameter is trained by one training at a time, and any number of others read it, frozen. Kept as
 * {@code HALF_ONLY}, the parameter's own FP32 memory is given up until {@link #close}.
 */
final class TrainedParameter {

  private static final String IN_16_BITS =
      "the parameter is being trained without an FP32 master copy, and its values are in 16 bits"
          + " until the training is closed";

  private final Parameter parameter;
  private final String layer;
  private final String name;
  private final WeightRegistry registry;
  private final List<Tensor> state = new ArrayList<>();
  private final List<String> sources = new ArrayList<>();
  private Weight.Kind kind;
  private @Nullable Optimizer rule;
  private boolean claimed;
  private long seen;
  private @Nullable Tensor half16;
  private @Nullable Tensor widened;
  private @Nullable Tensor gradient;
  private boolean reached;

  TrainedParameter(
      Parameter parameter, String layer, String name, Weight.Kind kind, WeightRegistry registry) {
    this.parameter = parameter;
    this.layer = layer;
    this.name = name;
    this.kind = kind;
    this.registry = registry;
  }

  void join(Weight.Kind other) {
    kind = kind.join(other);
  }

  Parameter parameter() {
    return parameter;
  }

  String path() {
    return layer.isEmpty() ? name : layer + "." + name;
  }

  WeightPlace place() {
    return new WeightPlace(path(), parameter.shape());
  }

  /**
   * Makes the 16-bit form and the optimizer's state, zeroed. What is frozen keeps its FP32 values
   * in any case, so that it is the same afterwards.
   *
   * @param half the 16-bit type; FP32 for none
   * @param rule by which the weight follows its gradient; null where it is frozen
   */
  void open(DType half, boolean masterWeights, @Nullable Optimizer rule) {
    this.rule = rule;
    if (frozen()) {
      parameter.storage().read(readBy());
    } else {
      parameter.storage().claim(trainedBy());
    }
    claimed = true;
    if (half == DType.FP32) {
      kind = Weight.Kind.FULL;
    } else if (rule == null && kind == Weight.Kind.HALF_ONLY) {
      kind = Weight.Kind.MASTER;
    } else if (rule != null && kind == Weight.Kind.MASTER && !masterWeights) {
      kind = Weight.Kind.HALF_ONLY;
    }
    if (kind != Weight.Kind.FULL) {
      seen = parameter.storage().version();
      half16 = persistent(Ops.cast(parameter, half));
    }
    if (kind == Weight.Kind.HALF_ONLY) {
      parameter.storage().giveUp(IN_16_BITS);
    }
    for (int i = 0; i < stateNames().size(); i++) {
      state.add(Tensor.zeros(parameter.device(), parameter.shape(), DType.FP32));
    }
  }

  /**
   * Gives all memory back; a parameter that lived in 16 bits has its values, widened. Does nothing
   * if not open.
   */
  void close() {
    if (!claimed) {
      return;
    }
    claimed = false;
    dropGradient();
    dropWidened();
    state.forEach(Tensor::close);
    state.clear();
    if (kind == Weight.Kind.HALF_ONLY && parameter.storage().givenUp()) {
      parameter.storage().takeBack();
      backend().cast(checkOpen(half16).operand(), parameter.operand());
    }
    if (frozen()) {
      parameter.storage().unread(readBy());
    } else {
      parameter.storage().unclaim();
    }
    if (half16 != null) {
      half16.close();
      half16 = null;
    }
  }

  Tensor half() {
    if (kind == Weight.Kind.FULL) {
      return full();
    }
    Tensor shadow = checkOpen(half16);
    if (kind == Weight.Kind.MASTER && seen != parameter.storage().version()) {
      backend().cast(parameter.operand(), shadow.operand()); // another training has changed it
      seen = parameter.storage().version();
    }
    return shadow;
  }

  Tensor full() {
    if (!claimed) {
      throw closedTraining();
    }
    if (kind != Weight.Kind.HALF_ONLY) {
      return parameter;
    }
    if (widened == null) {
      widened = persistent(Ops.cast(checkOpen(half16), DType.FP32));
    }
    return widened;
  }

  /** What the optimizer updates: FP32, or 16-bit where there is no master copy. */
  Tensor master() {
    return kind == Weight.Kind.HALF_ONLY ? half() : full();
  }

  /** By what it follows its gradient; null where it is frozen. */
  @Nullable Optimizer rule() {
    return rule;
  }

  /** Whether it stays as it is. */
  boolean frozen() {
    return rule == null;
  }

  void accumulate(Tensor incoming, String source) {
    if (frozen()) {
      incoming.close();
      registry.added(this, false);
      return;
    }
    Tensor fitted = fit(incoming, source);
    if (!sources.contains(source)) {
      sources.add(source);
    }
    gradient = gradient == null ? rounded(fitted) : GradientSum.inPlace(gradient, fitted);
    registry.added(this, !reached);
    reached = true;
  }

  /** This step's gradient so far, given up: the sum with one more comes back by accumulation. */
  GradientSum takeGradient() {
    if (frozen()) {
      return GradientSum.unwanted();
    }
    GradientSum sum = GradientSum.of(gradient, gradientType());
    gradient = null;
    return sum;
  }

  @Nullable Tensor gradient() {
    return gradient;
  }

  /** The master was written to by another than the update. */
  void masterReplaced() {
    dropWidened();
    parameter.storage().changed();
  }

  /** What the optimizer's state is called; empty where it is frozen. */
  List<String> stateNames() {
    return rule == null ? List.of() : rule.state();
  }

  /** The optimizer's state. */
  List<Tensor> state() {
    return state;
  }

  String layer() {
    return layer;
  }

  /** Lines and operations that this step's gradient comes from. */
  String source() {
    return String.join(" and ", sources);
  }

  /**
   * That this step's gradient is not finite.
   *
   * @param unknown why its origin is not known
   */
  Overflow overflow(String unknown) {
    return new Overflow(layer, name, source(), null, unknown);
  }

  /** Multiplies this step's gradient, in its memory where nobody else has it. */
  void scaleGradient(float factor) {
    if (gradient != null) {
      try (Tensor old = gradient) {
        gradient =
            old.exclusive()
                ? old.retain()
                : Tensor.allocate(old.device(), old.shape(), old.dtype());
        backend().scale(old.operand(), factor, gradient.operand());
      }
    }
  }

  void dropGradient() {
    sources.clear();
    reached = false;
    if (gradient != null) {
      gradient.close();
      gradient = null;
    }
  }

  /** Follows the gradient of this step. */
  void update(Backend backend, StepControl control) {
    if (rule != null) {
      rule.update(backend, control, operands());
      seen = parameter.storage().changed();
    }
  }

  /** The memory of an update; backward must have reached this. */
  UpdateOperands operands() {
    if (gradient == null) {
      throw new IllegalStateException(path() + " has no gradient in this step");
    }
    dropWidened(); // the update outdates it
    return new UpdateOperands(
        gradient.operand(),
        master().operand(),
        kind == Weight.Kind.MASTER ? half().operand() : null,
        state.stream().map(Tensor::operand).toList());
  }

  /** The bytes of this parameter alone. */
  MemoryUse memoryUse() {
    return new MemoryUse(
        claimed ? bytes(master()) : 0,
        kind == Weight.Kind.MASTER ? bytes(half16) : 0,
        bytes(gradient),
        state.stream().mapToLong(TrainedParameter::bytes).sum(),
        0);
  }

  private String trainedBy() {
    return "parameter "
        + path()
        + " is being trained; close the training first, or freeze the parameter in one of two trainings";
  }

  private String readBy() {
    return "parameter "
        + path()
        + " is frozen in an open training, which reads its FP32 values; close that training first";
  }

  /** Not counted among what a tape saves. */
  private static Tensor persistent(Tensor tensor) {
    tensor.storage().markPersistent();
    return tensor;
  }

  private static long bytes(@Nullable Tensor tensor) {
    return tensor == null ? 0 : tensor.shape().size() * tensor.dtype().bytes();
  }

  /** Owns the result: {@code incoming} in the weight's shape, row-major. */
  private Tensor fit(Tensor incoming, String source) {
    try (incoming) {
      if (!incoming.shape().equals(parameter.shape())) {
        throw new ShapeException(
            "%s: its gradient of %s has shape %s, but the parameter has %s"
                .formatted(source, path(), incoming.shape(), parameter.shape()));
      }
      return incoming.contiguous();
    }
  }

  private Tensor rounded(Tensor incoming) {
    try (incoming) {
      return Ops.cast(incoming, gradientType());
    }
  }

  /** What gradients are kept in. */
  private DType gradientType() {
    return kind == Weight.Kind.FULL ? DType.FP32 : checkOpen(half16).dtype();
  }

  private void dropWidened() {
    if (widened != null) {
      widened.close();
      widened = null;
    }
  }

  private Backend backend() {
    return parameter.device().backend();
  }

  private static Tensor checkOpen(@Nullable Tensor tensor) {
    if (tensor == null) {
      throw closedTraining();
    }
    return tensor;
  }

  private static IllegalStateException closedTraining() {
    return new IllegalStateException(
        "the training is closed, or not built yet: its mixed forms cannot run");
  }
}
