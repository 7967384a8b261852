package dev.mezzo;

import static java.util.Objects.requireNonNull;

import dev.mezzo.OperationTable.Operation;
import dev.mezzo.types.BFloat16;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Pooling;
import dev.mezzo.types.Shape;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Random arguments of an operation: shapes by its rule, numbers by the names and types of its
 * parameters. Not every call is one that the operation takes. A name that is not known here gets a
 * number of its type: a new operation needs nothing here, or a line where most of its calls would
 * be refused.
 */
final class RandomCall {

  /**
   * A tensor before it is on a device.
   *
   * @param isFloat else whole numbers
   * @param turned whether the last two dimensions are stored transposed
   */
  record Data(Shape shape, boolean isFloat, boolean turned, float[] values) {

    @Override
    public String toString() {
      return (isFloat ? "" : "int ") + shape + (turned ? " turned" : "");
    }
  }

  /** Names of tensors of whole numbers, and of the size that these are below. */
  private static final Map<String, String> INTS =
      Map.of(
          "labels", "classes",
          "targets", "classes",
          "indices", "n",
          "index", "axis",
          "lengths", "time",
          "times", "time",
          "condition", "two");

  private static final String[] EQUATIONS = {
    "bij,bjk->bik",
    "ij,jk->ik",
    "bij,bjk->ki",
    "bij,bjk->k",
    "bhqd,bhkd->bhqk",
    "i,j->ij",
    "ab,ba->",
  };

  private static final float[] SPECIAL = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0x1p-24f,
    65504f,
    -65504f,
    65520f,
    1f,
    -1f
  };

  private final Operation operation;
  private final DType dtype;
  private final Random random;
  private final RandomSizes sizes;
  private final boolean special;
  private final Map<String, Object> arguments = new LinkedHashMap<>();

  /**
   * Draws one.
   *
   * @param dtype in which all numbers are exact
   */
  RandomCall(Operation operation, DType dtype, Random random) {
    this.operation = operation;
    this.dtype = dtype;
    this.random = random;
    this.sizes = new RandomSizes(random);
    this.special = random.nextInt(5) < 2;
    List<Parameter> parameters = List.of(operation.method().getParameters());
    parameters.stream().filter(p -> !isOfTensors(p)).forEach(this::drawPlain);
    Map<String, List<String>> patterns = ShapePattern.operands(operation.shape());
    parameters.stream().filter(RandomCall::isOfTensors).forEach(p -> drawTensors(p, patterns));
  }

  Operation operation() {
    return operation;
  }

  /** By the parameters' names: {@link Data}, lists of it, or plain values. */
  Map<String, Object> arguments() {
    return arguments;
  }

  /** A gradient for a result of that shape. */
  Data gradient(Shape shape) {
    return floats(shape);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(operation.method().getName());
    arguments.forEach(
        (name, value) ->
            text.append(' ')
                .append(name)
                .append(' ')
                .append(value instanceof int[] ints ? Arrays.toString(ints) : value));
    return text.toString();
  }

  private static boolean isOfTensors(Parameter parameter) {
    Class<?> type = parameter.getType();
    return type == Tensor.class || type == State.class || type == Tensor[].class;
  }

  private void drawTensors(Parameter parameter, Map<String, List<String>> patterns) {
    String name = parameter.getName();
    if (parameter.getType() == Tensor[].class) {
      boolean joined = operation.shape().contains("concat(");
      arguments.put(
          name,
          Stream.generate(() -> floats(joined ? sizes.along() : Shape.of(sizes.rows())))
              .limit(random.nextInt(1, 5))
              .toList());
      return;
    }
    Shape shape;
    if (patterns.containsKey(name)) {
      shape = sizes.shape(requireNonNull(patterns.get(name)));
    } else if (arguments.get("spec") instanceof String spec) {
      String letters =
          spec.substring(0, spec.indexOf("->")).split(",", -1)[name.equals("a") ? 0 : 1];
      shape = sizes.shape(List.of(letters.split("", 0)));
    } else {
      shape = operation.shape().contains("join(") ? sizes.along() : Shape.of(sizes.rows());
    }
    arguments.put(name, INTS.containsKey(name) ? ints(shape, name) : floats(shape));
  }

  private Data floats(Shape shape) {
    float[] values = new float[Math.toIntExact(shape.size())];
    int kind = random.nextInt(3);
    float scale = (float) Math.scalb(1.0, random.nextInt(-3, 3));
    for (int i = 0; i < values.length; i++) {
      float value = scale * (float) random.nextGaussian();
      values[i] =
          rounded(
              special && random.nextInt(24) == 0
                  ? SPECIAL[random.nextInt(SPECIAL.length)]
                  : kind == 0 ? Math.abs(value) : kind == 1 ? random.nextFloat() : value);
    }
    return new Data(shape, true, turned(shape), values);
  }

  private float rounded(float value) {
    return switch (dtype) {
      case FP16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> BFloat16.toFloat(BFloat16.fromFloat(value));
      default -> value;
    };
  }

  private Data ints(Shape shape, String name) {
    int below =
        name.equals("lengths") || name.equals("times")
            ? sizes.get(name.equals("lengths") ? "labels" : "time", sizes.get("time", 2)) + 1
            : sizes.get(requireNonNull(INTS.get(name)), 2);
    boolean wrong = random.nextInt(4) == 0;
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          wrong && random.nextInt(8) == 0
              ? random.nextBoolean() ? -1 : below
              : random.nextInt(Math.max(1, below));
    }
    return new Data(shape, false, turned(shape), values);
  }

  private boolean turned(Shape shape) {
    return shape.rank() > 1 && random.nextInt(3) == 0;
  }

  private void drawPlain(Parameter parameter) {
    String name = parameter.getName();
    Class<?> type = parameter.getType();
    Object value;
    if (type == boolean.class) {
      value = random.nextBoolean();
    } else if (type == int.class) {
      value = whole(name);
      sizes.put(name.equals("axis") ? "the axis" : name, (int) value);
    } else if (type == float.class) {
      value = number(name);
      if (name.equals("epsilon")) {
        sizes.put("least", 3); // the gradient of one or two numbers' norm is all cancellation
      }
    } else if (type == int[].class) {
      value = wholes(name);
    } else if (type == String.class) {
      value = EQUATIONS[random.nextInt(EQUATIONS.length)];
    } else if (type == Convolution.class) {
      Convolution geometry = geometry();
      sizes.put("groups", geometry.groups());
      sizes.put("geometry.groups", geometry.groups());
      value = geometry;
    } else if (type == Pooling.class) {
      value = window();
    } else {
      throw new AssertionError(
          "no random value for parameter '%s' of type %s of %s; add one here"
              .formatted(name, type.getSimpleName(), operation.signature()));
    }
    arguments.put(name, value);
  }

  private int whole(String name) {
    int rank = sizes.rows().length;
    return switch (name) {
      case "axis" -> sizes.axis() - (random.nextBoolean() ? Math.max(rank, 1) : 0);
      case "from" -> random.nextInt(-3, 1);
      case "to" -> random.nextInt(-2, sizes.get("axis", 1) + 1);
      case "correction", "first" -> random.nextInt(3);
      case "ignoreIndex" -> random.nextInt(-1, 2);
      case "rotated" -> random.nextInt(1, 3);
      case "height", "width" -> random.nextInt(1, 12);
      default -> random.nextInt(1, 5);
    };
  }

  private float number(String name) {
    return switch (name) {
      case "rate", "smoothing", "momentum" -> random.nextInt(4) / 4f;
      case "epsilon" -> random.nextBoolean() ? 1e-5f : 1e-2f;
      case "least" -> -random.nextFloat();
      case "exponent" -> random.nextInt(-2, 7) / 2f;
      case "base" -> 100;
      case "alpha", "beta", "gamma", "slope", "most" -> random.nextFloat() * 2;
      default -> (float) random.nextGaussian();
    };
  }

  private int[] wholes(String name) {
    int[] rows = sizes.rows();
    int rank = rows.length;
    return switch (name) {
      case "axes" -> axes(rank);
      case "from" -> IntStream.of(rows).map(d -> random.nextInt(d + 1) / 2).toArray();
      case "to" -> IntStream.of(rows).map(d -> d - random.nextInt(d + 1) / 3).toArray();
      case "before", "after" -> IntStream.of(rows).map(d -> random.nextInt(3)).toArray();
      case "dims" -> dims(rows);
      case "lengths" -> parts(sizes.get("axis", 0));
      default -> IntStream.of(rows).map(d -> random.nextInt(1, 4)).toArray();
    };
  }

  /** Some of the axes, or, for an operation that needs all, all of them; in any order. */
  private int[] axes(int rank) {
    List<Integer> all = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    Collections.shuffle(all, random);
    boolean every = operation.shape().contains("permute(");
    return all.stream()
        .limit(every ? rank : random.nextInt(rank + 1))
        .mapToInt(axis -> random.nextBoolean() ? axis : axis - rank)
        .toArray();
  }

  private int[] dims(int[] rows) {
    int[] turned = IntStream.range(0, rows.length).map(i -> rows[rows.length - 1 - i]).toArray();
    if (turned.length > 0 && random.nextBoolean()) {
      turned[random.nextInt(turned.length)] = -1;
    }
    return random.nextInt(4) == 0 ? new int[] {-1} : turned;
  }

  private int[] parts(int length) {
    int first = random.nextInt(length + 1);
    int second = random.nextInt(length - first + 1);
    return new int[] {first, second, length - first - second};
  }

  private Convolution geometry() {
    Convolution plain =
        random.nextBoolean() ? Convolution.of() : Convolution.of().withGroups(random.nextInt(1, 5));
    return switch (random.nextInt(3)) {
      case 0 -> plain;
      case 1 -> plain.withPadding(1);
      default ->
          plain
              .withStride(random.nextInt(1, 4), random.nextInt(1, 4))
              .withPadding(random.nextInt(3), random.nextInt(3))
              .withDilation(random.nextInt(1, 3), random.nextInt(1, 3));
    };
  }

  private Pooling window() {
    Pooling plain = Pooling.of(random.nextInt(1, 5), random.nextInt(1, 5));
    return plain
        .withStride(random.nextInt(1, 4), random.nextInt(1, 4))
        .withPadding(random.nextInt(plain.height() / 2 + 1), random.nextInt(plain.width() / 2 + 1));
  }
}
