package dev.mezzo.programs;

import dev.mezzo.programs.Expression.Invoke;
import dev.mezzo.programs.LayerProgram.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes up the fields of a layer, and objects that fill them. */
final class RandomFields {
  /** How many layers an array, list or map has. */
  private static final int SEVERAL = 3;

  /** Asks a {@code Linear} for its weight. */
  static final String WEIGHT = ".weight()";

  /** What a field holds. */
  private enum Kind {
    SQUARE("@MasterFp32 Parameter"),
    VECTOR("@MasterFp32 Parameter"),
    STATE("State"),
    NUMBER("int"),
    FLAG("boolean"),
    LAYER("%s"),
    ARRAY("%s[]"),
    LIST("List<%s>"),
    MAP("Map<String, %s>");

    /** As Java, with a place for the layers' type. */
    private final String type;

    Kind(String type) {
      this.type = type;
    }

    /** As Java, with a place for the index. */
    String access(String field) {
      return switch (this) {
        case ARRAY -> field + "[%s]";
        case LIST -> field + ".get(%s)";
        case MAP -> field + ".get(\"k\" + %s)";
        default -> field;
      };
    }
  }

  /**
   * One of them.
   *
   * @param type of the layer, or of the layers in it
   * @param classes that those may have
   */
  private record Made(Kind kind, Field field, @Nullable LayerType type, List<String> classes) {
    String access() {
      return kind.access(field.name());
    }

    LayerType layer() {
      return Objects.requireNonNull(type);
    }
  }

  private final Random random;
  private final List<LayerProgram> inner;
  private final List<Made> made = new ArrayList<>();
  private final Map<String, String> loops = new LinkedHashMap<>();

  RandomFields(Random random, List<LayerProgram> inner) {
    this.random = random;
    this.inner = List.copyOf(inner);
    for (int i = random.nextInt(3); i >= 0; i--) {
      add(random.nextBoolean() ? Kind.SQUARE : Kind.VECTOR);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      add(LayerType.LINEAR);
    }
    if (random.nextInt(4) == 0) {
      add(LayerType.NORM);
    }
    if (random.nextInt(4) == 0) {
      add(LayerType.LAYER);
    }
    inner.forEach(layer -> add(LayerType.of(layer)));
    for (LayerType type : LayerType.interfacesOf(inner)) {
      if (random.nextBoolean()) {
        add(type);
      }
    }
    if (random.nextInt(4) == 0) {
      add(Kind.STATE);
      add(Kind.STATE);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      add(random.nextBoolean() ? Kind.NUMBER : Kind.FLAG);
    }
  }

  private void add(Kind kind) {
    made.add(new Made(kind, new Field(kind.type, name(kind)), null, List.of()));
  }

  private void add(LayerType layer) {
    Kind kind = random.nextBoolean() ? Kind.LAYER : pick(List.of(Kind.ARRAY, Kind.LIST, Kind.MAP));
    String annotations =
        switch (random.nextInt(8)) {
          case 0 -> "@Full ";
          case 1 -> "@Recompute ";
          case 2 -> "@Full @Recompute ";
          default -> "";
        };
    String type = annotations + kind.type.formatted(layer.name());
    made.add(new Made(kind, new Field(type, name(kind)), layer, layer.classes(inner)));
  }

  private String name(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT) + made.size();
  }

  List<Field> fields() {
    return made.stream().map(Made::field).toList();
  }

  /** A parameter of (4, 4), of the layer's own or of a {@code Linear}. */
  @Nullable String square() {
    List<String> all = new ArrayList<>(names(Kind.SQUARE));
    made.stream()
        .filter(m -> m.kind == Kind.LAYER && LayerType.LINEAR.equals(m.type))
        .forEach(m -> all.add(m.field.name() + WEIGHT));
    return all.isEmpty() ? null : pick(all);
  }

  /** A parameter of (4). */
  @Nullable String vector() {
    List<String> all = names(Kind.VECTOR);
    return all.isEmpty() ? null : pick(all);
  }

  /** Two states of (4), the second positive; empty if there are none. */
  List<String> states() {
    List<String> all = new ArrayList<>(names(Kind.STATE));
    Collections.shuffle(all, random);
    return all;
  }

  private List<String> names(Kind kind) {
    return made.stream().filter(m -> m.kind == kind).map(m -> m.field.name()).toList();
  }

  List<Plain> numbers() {
    return names(Kind.NUMBER).stream().map(Plain::variable).toList();
  }

  List<Plain> flags() {
    return names(Kind.FLAG).stream().map(Plain::variable).toList();
  }

  /** Calls of the layers, still without operands; those of several with some index. */
  List<Invoke> layers(List<Plain> plain) {
    List<Invoke> calls = new ArrayList<>();
    for (Made m : made) {
      if (m.type != null) {
        Plain index =
            plain.isEmpty() || random.nextBoolean()
                ? Plain.constant(random.nextInt(SEVERAL))
                : pick(plain).modulo(SEVERAL);
        calls.add(new Invoke(m.access(), m.field.name(), index, List.of(), List.of()));
      }
    }
    return calls;
  }

  /** A loop over one of the arrays, lists or maps; null if there is none. */
  Statement.@Nullable Each loop(String variable) {
    List<Made> several =
        made.stream()
            .filter(m -> m.kind == Kind.ARRAY || m.kind == Kind.LIST || m.kind == Kind.MAP)
            .toList();
    if (several.isEmpty()) {
      return null;
    }
    Made one = pick(several);
    String field = one.field.name();
    loops.put(variable, field);
    String type = one.layer().name();
    if (one.kind != Kind.MAP) {
      return new Statement.Each(type, variable, field, field, List.of());
    }
    return random.nextBoolean()
        ? new Statement.Each(type, variable, field + ".values()", field, List.of())
        : new Statement.Each(
            "Map.Entry<String, " + type + ">", variable, field + ".entrySet()", field, List.of());
  }

  /** Of a layer, or of what a loop's variable stands for. */
  LayerType type(Invoke layer) {
    String field = loops.getOrDefault(layer.field(), layer.field());
    return made.stream()
        .filter(m -> m.field.name().equals(field))
        .findFirst()
        .orElseThrow()
        .layer();
  }

  /** An object; now and then with a parameter or layer that another one has, too. */
  Instance.OfLayer instance(String layer, RandomModel model) {
    Map<String, Instance> values = new LinkedHashMap<>();
    for (Made m : made) {
      values.put(
          m.field.name(),
          switch (m.kind) {
            case SQUARE -> model.square();
            case VECTOR -> model.vector();
            case STATE -> model.state();
            case NUMBER -> new Instance.OfPlain(random.nextInt(4));
            case FLAG -> new Instance.OfPlain(random.nextInt(2));
            case LAYER -> model.layer(m.classes);
            case ARRAY, LIST, MAP -> {
              List<Instance> several = new ArrayList<>();
              for (int i = 0; i < SEVERAL; i++) {
                several.add(model.layer(m.classes));
              }
              yield new Instance.Several(several);
            }
          });
    }
    return new Instance.OfLayer(layer, values);
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
