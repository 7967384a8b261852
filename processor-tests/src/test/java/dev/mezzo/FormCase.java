package dev.mezzo;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.layers.Conv2d;
import dev.mezzo.layers.CrossAttention;
import dev.mezzo.layers.Dropout;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.MultiHeadAttention;
import dev.mezzo.layers.Pad2d;
import dev.mezzo.layers.RecurrentStack;
import dev.mezzo.layers.Sequential;
import dev.mezzo.layers.Tanh;
import dev.mezzo.layers.UpsampleBilinear2d;
import dev.mezzo.layers.UpsampleNearest2d;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.Shape;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A layer of {@code resources/good} with something to run it on.
 *
 * @param input what its tensors are given in
 * @param shapes of its tensors
 * @param plain its plain arguments, behind them
 * @param random whether training differs from inference, so that the eager form says nothing of it
 * @param model makes it
 */
record FormCase(
    String name,
    Precision input,
    List<Shape> shapes,
    List<Object> plain,
    boolean random,
    BiFunction<Maker, Random, Object> model) {

  /** Makes a layer of {@code resources/good} by its name. */
  record Maker(ClassLoader classes) {
    Object make(String name, @Nullable Object... arguments) {
      try {
        Class<?> type = Class.forName("demo." + name, true, classes);
        Constructor<?> constructor =
            Arrays.stream(type.getDeclaredConstructors())
                .filter(c -> c.getParameterCount() == arguments.length)
                .findFirst()
                .orElseThrow();
        constructor.setAccessible(true);
        return constructor.newInstance(arguments);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    /** A constant of an enum. */
    Object constant(String name, String constant) {
      try {
        return Arrays.stream(Class.forName("demo." + name, true, classes).getEnumConstants())
            .filter(each -> each.toString().equals(constant))
            .findFirst()
            .orElseThrow();
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Some of them in an array of their own type. */
    Object array(String name, Object... elements) {
      try {
        Object array =
            Array.newInstance(Class.forName("demo." + name, true, classes), elements.length);
        for (int i = 0; i < elements.length; i++) {
          Array.set(array, i, elements[i]);
        }
        return array;
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static List<FormCase> all() {
    return List.of(
        of("Dense", (m, r) -> m.make("Dense", 4, 5, r), 3, 4),
        of("Mlp", (m, r) -> mlp(m, r), 3, 4),
        of("Tied", (m, r) -> m.make("Tied", parameter(r, 4, 5)), 3, 4),
        of("Twice", (m, r) -> m.make("Twice", linear(r, 4, 4)), 3, 4),
        of("Residual", (m, r) -> m.make("Residual", linear(r, 4, 4)), 3, 4),
        of("FullField", (m, r) -> m.make("FullField", linear(r, 4, 6), linear(r, 6, 2)), 3, 4),
        of("FullLayer", (m, r) -> fullLayer(m, r), 3, 4).in(Precision.FULL),
        of(
            "UsesFullLayer",
            (m, r) -> m.make("UsesFullLayer", linear(r, 5, 4), fullLayer(m, r), linear(r, 4, 3)),
            3,
            5),
        of(
                "WithDropout",
                (m, r) ->
                    m.make(
                        "WithDropout", new Dropout(0.4f), linear(r, 4, 6), 0.3f, linear(r, 6, 2)),
                3,
                4)
            .drawing(),
        of("Deny", (m, r) -> m.make("Deny", linear(r, 4, 5), linear(r, 5, 3)), 3, 4),
        of(
            "Checked",
            (m, r) -> m.make("Checked", linear(r, 4, 4), "tanh", 2, new ArrayList<String>()),
            3,
            4),
        of("Family", (m, r) -> m.make("Family", linear(r, 4, 4)), 3, 4),
        of("Downsampled", (m, r) -> m.make("Downsampled", parameter(r, 4, 4), null, null), 3, 4),
        of(
            "Downsampled",
            (m, r) -> m.make("Downsampled", parameter(r, 4, 5), parameter(r, 5), linear(r, 4, 5)),
            3,
            4),
        of(
            "Patterns",
            (m, r) -> m.make("Patterns", linear(r, 4, 4), m.make("Patterns$Scaled", 0.7f), 1.5f),
            3,
            4),
        of(
            "Patterns",
            (m, r) -> m.make("Patterns", linear(r, 4, 4), m.make("Patterns$Squashed", true), "no"),
            3,
            4),
        of("TiedHead", (m, r) -> m.make("TiedHead", linear(r, 4, 5), linear(r, 5, 5)), 3, 4),
        of("Shapes", (m, r) -> m.make("Shapes", linear(r, 4, 4), 4), 2, 3, 4),
        of(
            "Helpers",
            (m, r) -> m.make("Helpers", linear(r, 4, 4), linear(r, 4, 4), parameter(r, 3, 4)),
            3,
            4),
        of("MultiInput", (m, r) -> m.make("MultiInput", linear(r, 5, 4)), 3, 4)
            .and(Shape.of(2, 5))
            .and(Shape.of(2)),
        of(
            "UsesMultiInput",
            (m, r) ->
                m.make(
                    "UsesMultiInput",
                    linear(r, 3, 4),
                    m.make("MultiInput", linear(r, 4, 4)),
                    linear(r, 3, 5)),
            5,
            3),
        of("Joint", (m, r) -> m.make("Joint", linear(r, 5, 4), parameter(r, 4)), 3, 5)
            .and(Shape.of(3, 4)),
        of(
            "Finished",
            (m, r) ->
                m.make(
                    "Finished",
                    parameter(r, 4, 4),
                    parameter(r, 4),
                    parameter(r, 4, 4),
                    parameter(r, 4),
                    2),
            3,
            4),
        of(
            "FinishedImage",
            (m, r) -> m.make("FinishedImage", parameter(r, 2, 3, 3, 2), parameter(r, 2)),
            2,
            3,
            4,
            2),
        of("HalfOnly", (m, r) -> m.make("HalfOnly", parameter(r, 4)), 3, 4),
        of(
            "BothPrecisions",
            (m, r) -> m.make("BothPrecisions", parameter(r, 4), parameter(r, 3, 1)),
            3,
            4),
        of("Activations", (m, r) -> m.make("Activations", new Dropout(0f)), 3, 4).drawing(),
        of("Names", (m, r) -> m.make("Names", linear(r, 4, 5), parameter(r, 5), 0.25f), 3, 4)
            .drawing(),
        of("Plain", (m, r) -> m.make("Plain", 0.7f, 0), 3, 4).with(3),
        of("Exact", (m, r) -> m.make("Exact", linear(r, 4, 5), parameter(r, 5, 5)), 3, 4),
        of(
                "Rough",
                (m, r) ->
                    m.make("Rough", parameter(r, 4, 4), parameter(r, 4, 4), parameter(r, 4, 4)),
                3,
                4)
            .in(Precision.FULL),
        of("Softened", (m, r) -> m.make("Softened", linear(r, 4, 5)), 3, 4),
        of("HalfBlend", (m, r) -> m.make("HalfBlend"), 3, 4)
            .and(Shape.of(3, 4))
            .with(0.6f)
            .in(Precision.FULL),
        of("Open", (m, r) -> open(m, r), 3, 4),
        of(
            "Wraps",
            (m, r) ->
                m.make(
                    "Wraps",
                    open(m, r),
                    m.make("Wraps$Nested", m.make("Wraps$Nested$Deeper", linear(r, 4, 2)))),
            3,
            4),
        of("Several", (m, r) -> several(m, r), 3, 4),
        of("Same", (m, r) -> m.make("Same"), 3, 4),
        of("Branches", (m, r) -> branches(m, r, true), 3, 4).with(2),
        of("Branches", (m, r) -> branches(m, r, false), 3, 4).with(-1),
        of("Branches", (m, r) -> branches(m, r, true), 2, 4).with(3),
        of("EarlyReturn", (m, r) -> m.make("EarlyReturn", linear(r, 4, 4), 0), 3, 4),
        of("EarlyReturn", (m, r) -> m.make("EarlyReturn", linear(r, 4, 4), 1), 3, 4),
        of("EarlyReturn", (m, r) -> m.make("EarlyReturn", linear(r, 4, 4), 2), 3, 4),
        of("Exits", (m, r) -> exits(m, r, 1), 3, 4),
        of("Exits", (m, r) -> exits(m, r, 2), 3, 4),
        of("Exits", (m, r) -> exits(m, r, 4), 3, 4),
        of("Exits", (m, r) -> exits(m, r, 5), 3, 4),
        of("Exits", (m, r) -> exits(m, r, 6), 3, 4),
        of("Jumps", (m, r) -> m.make("Jumps", linear(r, 4, 4), 0), 3, 4),
        of("Jumps", (m, r) -> m.make("Jumps", linear(r, 4, 4), 1), 3, 4),
        of("Jumps", (m, r) -> m.make("Jumps", linear(r, 4, 4), 3), 3, 4),
        of("Jumps", (m, r) -> m.make("Jumps", linear(r, 4, 4), 5), 3, 4),
        of("Polar", (m, r) -> m.make("Polar", linear(r, 4, 4), linear(r, 4, 4), true), 3, 4),
        of("Polar", (m, r) -> m.make("Polar", linear(r, 4, 4), linear(r, 4, 4), false), 3, 4),
        of("Chosen", (m, r) -> m.make("Chosen", linear(r, 4, 4), 0), 3, 4).and(Shape.of(3, 4)),
        of("Chosen", (m, r) -> m.make("Chosen", linear(r, 4, 4), 1), 3, 4).and(Shape.of(3, 4)),
        of("Chosen", (m, r) -> m.make("Chosen", linear(r, 4, 4), 2), 3, 4).and(Shape.of(3, 4)),
        of("Chosen", (m, r) -> m.make("Chosen", linear(r, 4, 4), 3), 3, 4).and(Shape.of(3, 4)),
        of("Mapped", (m, r) -> mapped(m, r), 3, 4),
        of("Cells", (m, r) -> cells(m, r), 2, 3, 3).and(Shape.of(2, 4)).and(Shape.of(2, 4)),
        of("Gains", (m, r) -> gains(m, r, false), 3, 4).with(3),
        of("Gains", (m, r) -> gains(m, r, true), 3, 4).with(4),
        of("Loops", (m, r) -> loops(m, r, 3, 3), 3, 4),
        of("Loops", (m, r) -> loops(m, r, 1, 0), 3, 4),
        of("Until", (m, r) -> m.make("Until", linear(r, 4, 4), 5), 3, 4),
        of("Until", (m, r) -> m.make("Until", linear(r, 4, 4), 1), 3, 4),
        of("Choices", (m, r) -> choices(m, r, "SIGMOID", "sigmoid"), 3, 4).drawing().with(0),
        of("Choices", (m, r) -> choices(m, r, "TANH", "tanh"), 3, 4).drawing().with(2),
        of("Choices", (m, r) -> choices(m, r, "NONE", "tanh"), 3, 4).drawing().with(5),
        of("Choices", (m, r) -> choices(m, r, "NONE", ""), 3, 4).drawing().with(1),
        of(
            "Equations",
            (m, r) -> m.make("Equations", parameter(r, 4, 4), parameter(r, 5, 4)),
            2,
            3,
            4),
        of("Picture", (m, r) -> picture(m, r), 2, 2, 3, 2),
        of("Masked", (m, r) -> m.make("Masked", linear(r, 4, 4)), 3, 4),
        of("Attentive", (m, r) -> attentive(m, r), 3, 2, 4).drawing(),
        of(
                "Continued",
                (m, r) -> m.make("Continued", linear(r, 3, 8), parameter(r, 1, 8, 2)),
                2,
                2,
                3)
            .and(Shape.of(2, 2, 2)),
        of("CrossAttention", (_, r) -> new CrossAttention(4, 2, r), 2, 3, 4).and(Shape.of(2, 5, 4)),
        of(
            "Unrolled",
            (m, r) -> m.make("Unrolled", parameter(r, 4, 5), parameter(r, 5, 5), 3),
            3,
            4),
        of("Nested", (m, r) -> m.make("Nested", linear(r, 4, 4), 3), 3, 4),
        of("Picked", (m, r) -> picked(m), 3, 4).with(1),
        of("Picked", (m, r) -> picked(m), 3, 4).with(3),
        of("WrittenOut", (m, r) -> m.make("WrittenOut", linear(r, 3, 4), linear(r, 4, 4)), 2, 5, 3)
            .and(Shape.of(2, 4)),
        of("WrittenOut", (m, r) -> m.make("WrittenOut", linear(r, 3, 4), linear(r, 4, 4)), 2, 1, 3)
            .and(Shape.of(2, 4)),
        of("Arrays", (m, r) -> m.make("Arrays", linear(r, 4, 4), parameter(r, 3, 4), 5), 3, 4),
        of("Arrays", (m, r) -> m.make("Arrays", linear(r, 4, 4), parameter(r, 3, 4), 1), 3, 4),
        of("Recomputed", (m, r) -> blocks(m, r, "Recomputed"), 3, 4).drawing(),
        of("RanAgain", (m, r) -> blocks(m, r, "RanAgain"), 3, 4).drawing(),
        of("Places", (m, r) -> places(m, r, 2), 3, 4),
        of("Places", (m, r) -> places(m, r, 2.5f), 3, 4),
        of("Again", (m, r) -> again(m, r, "Again"), 3, 4).drawing(),
        of(
            "Sequential",
            (_, r) -> new Sequential(linear(r, 4, 5), new Tanh(), linear(r, 5, 3)),
            3,
            4),
        of("LstmSteps", (m, r) -> steps(m, r, true), 4, 3, 2)
            .and(Shape.of(4, 4))
            .and(Shape.of(4, 4)),
        of("LstmSteps", (m, r) -> steps(m, r, false), 4, 1, 2)
            .and(Shape.of(4, 4))
            .and(Shape.of(4, 4)),
        of("Running", (m, r) -> running(m, r), 6, 4).drawing(),
        of("Inferred", (m, r) -> m.make("Inferred", linear(r, 4, 4), false, 4), 3, 4),
        of("Inferred", (m, r) -> m.make("Inferred", linear(r, 4, 4), true, 1), 3, 4),
        of("Inferred", (m, r) -> m.make("Inferred", linear(r, 4, 4), false, 0), 3, 4),
        of("Hidden", (m, r) -> m.make("Hidden", linear(r, 4, 5), m.make("Same")), 3, 4));
  }

  private static FormCase of(String name, BiFunction<Maker, Random, Object> model, int... shape) {
    return new FormCase(name, Precision.HALF, List.of(Shape.of(shape)), List.of(), false, model);
  }

  private FormCase in(Precision precision) {
    return new FormCase(name, precision, shapes, plain, random, model);
  }

  private FormCase and(Shape more) {
    List<Shape> both = new ArrayList<>(shapes);
    both.add(more);
    return new FormCase(name, input, both, plain, random, model);
  }

  private FormCase with(Object argument) {
    return new FormCase(name, input, shapes, List.of(argument), random, model);
  }

  private FormCase drawing() {
    return new FormCase(name, input, shapes, plain, true, model);
  }

  static Object mlp(Maker maker, Random random) {
    return maker.make("Mlp", linear(random, 4, 6), linear(random, 6, 3));
  }

  private static Object open(Maker maker, Random random) {
    return maker.make(
        "Open",
        maker.make("Softened", linear(random, 4, 4)),
        List.of(linear(random, 4, 4)),
        maker.make("HalfBlend"));
  }

  private static Object several(Maker maker, Random random) {
    Linear shared = linear(random, 5, 4);
    return maker.make(
        "Several",
        List.of(linear(random, 4, 5), shared, linear(random, 4, 5)),
        maker.array(
            "Residual",
            maker.make("Residual", linear(random, 4, 4)),
            maker.make("Residual", linear(random, 4, 4))),
        Map.of("other", linear(random, 5, 2), "used", shared),
        "used");
  }

  private static Object picked(Maker maker) {
    return maker.make("Picked", List.of(maker.make("Same"), maker.make("Same")));
  }

  private static Object running(Maker maker, Random random) {
    return maker.make(
        "Running",
        parameter(random, 4),
        parameter(random, 4),
        State.filled(Shape.of(4), 0.1f),
        State.filled(Shape.of(4), 0.9f));
  }

  private static Object branches(Maker maker, Random random, boolean deep) {
    return maker.make("Branches", linear(random, 4, 4), linear(random, 4, 4), deep, 0.5f);
  }

  private static Object cells(Maker maker, Random random) {
    Object cell = maker.make("Leaky", linear(random, 4, 4), linear(random, 4, 4));
    return maker.make("Cells", new Sequential(linear(random, 3, 4), new Tanh()), cell);
  }

  /** Tied: parameters that stand in two places. */
  private static Object gains(Maker maker, Random random, boolean tied) {
    Parameter weight = parameter(random, 4, 4);
    Parameter bias = parameter(random, 4);
    return maker.make(
        "Gains",
        new Parameter[] {weight, parameter(random, 4, 4), tied ? weight : parameter(random, 4, 4)},
        List.of(bias, parameter(random, 4), parameter(random, 4)),
        Map.of("one", tied ? weight : parameter(random, 3, 4), "two", parameter(random, 2, 4)),
        List.of(tied ? bias : parameter(random, 4), parameter(random, 4)),
        "one");
  }

  private static Object mapped(Maker maker, Random random) {
    Map<String, Linear> heads = new LinkedHashMap<>();
    for (String name : List.of("first", "second", "third")) {
      heads.put(name, linear(random, 4, 4));
    }
    Map<Integer, Parameter> gains =
        new TreeMap<>(Map.of(1, parameter(random, 4), 2, parameter(random, 3, 4)));
    return maker.make("Mapped", heads, gains, "second");
  }

  private static Object exits(Maker maker, Random random, int depth) {
    return maker.make("Exits", List.of(linear(random, 4, 4), linear(random, 4, 4)), depth);
  }

  private static Object choices(Maker maker, Random random, String activation, String gate) {
    return maker.make(
        "Choices", linear(random, 4, 4), maker.constant("Choices$Activation", activation), gate);
  }

  static Object blocks(Maker maker, Random random, String name) {
    List<Sequential> blocks = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      blocks.add(
          new Sequential(
              linear(random, 4, 8), new Dropout(0.4f), new Tanh(), linear(random, 8, 4)));
    }
    Sequential noise = new Sequential(new Dropout(0.3f), new Tanh());
    return maker.make(name, blocks, noise, linear(random, 4, 3));
  }

  private static Object places(Maker maker, Random random, Number limit) {
    return maker.make(
        "Places",
        parameter(random, 5, 4),
        linear(random, 5, 3),
        linear(random, 5, 5),
        maker.make("Places$Shift", parameter(random, 5)),
        List.of(0.5f, 0.75f),
        new TreeSet<>(List.of(1, 2)),
        limit);
  }

  static Object again(Maker maker, Random random, String name) {
    List<Object> blocks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      blocks.add(maker.make(name + "$Block", linear(random, 4, 8), linear(random, 8, 4), 0.25f));
    }
    return maker.make(name, blocks.getFirst(), blocks.subList(1, 3), linear(random, 4, 3));
  }

  private static Object steps(Maker maker, Random random, boolean damped) {
    Object cell = maker.make("LstmCell", linear(random, 2, 16), linear(random, 4, 16), 4);
    return maker.make("LstmSteps", cell, damped);
  }

  private static Object loops(Maker maker, Random random, int blocks, int depth) {
    List<Linear> layers = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      layers.add(linear(random, 4, 4));
    }
    return maker.make("Loops", layers, parameter(random, 4), new float[] {0.5f, 2f, 0.75f}, depth);
  }

  private static Object picture(Maker maker, Random random) {
    return maker.make(
        "Picture",
        new UpsampleNearest2d(2),
        new Conv2d(2, 3, 2, Convolution.of().withStride(2), random),
        new UpsampleBilinear2d(2, false),
        new Pad2d(1));
  }

  /** Dropout of rate 0 draws a seed, and so is not the eager form's. */
  private static Object attentive(Maker maker, Random random) {
    return maker.make(
        "Attentive",
        new MultiHeadAttention(4, 2, 1, true, random).withRotary(10),
        RecurrentStack.gru(4, 2, 2, true, 0, random));
  }

  private static Object fullLayer(Maker maker, Random random) {
    return maker.make("FullLayer", parameter(random, 4), linear(random, 4, 4));
  }

  static Linear linear(Random random, int in, int out) {
    return new Linear(in, out, random);
  }

  static Parameter parameter(Random random, int... shape) {
    return Parameter.uniform(Shape.of(shape), 0.8f, random);
  }

  @Override
  public String toString() {
    return name;
  }
}
