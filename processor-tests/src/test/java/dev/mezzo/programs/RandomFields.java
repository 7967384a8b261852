package dev.mezzo.programs;

import dev.mezzo.programs.Expression.Invoke;
import dev.mezzo.programs.LayerProgram.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes up the fields of a layer, and objects that fill them. */
final class RandomFields {
  /** How many layers an array or list has. */
  private static final int SEVERAL = 3;

  /** What a field holds. */
  private enum Kind {
    SQUARE,
    VECTOR,
    LINEAR,
    LINEARS,
    LAYER,
    LAYERS,
    NUMBER,
    FLAG
  }

  /**
   * One of them.
   *
   * @param element the class of a layer, or of the layers in it
   * @param inner the layer's program, if it is not {@code Linear}
   */
  private record Made(
      Kind kind, Field field, String element, @Nullable LayerProgram inner, String access) {}

  private final Random random;
  private final List<Made> made = new ArrayList<>();

  RandomFields(Random random, List<LayerProgram> inner) {
    this.random = random;
    for (int i = random.nextInt(3); i >= 0; i--) {
      add(random.nextBoolean() ? Kind.SQUARE : Kind.VECTOR, null);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      add(random.nextBoolean() ? Kind.LINEAR : Kind.LINEARS, null);
    }
    for (LayerProgram layer : inner) {
      add(random.nextBoolean() ? Kind.LAYER : Kind.LAYERS, layer);
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      add(random.nextBoolean() ? Kind.NUMBER : Kind.FLAG, null);
    }
  }

  private void add(Kind kind, @Nullable LayerProgram inner) {
    String name = kind.name().toLowerCase(java.util.Locale.ROOT) + made.size();
    String element = inner == null ? "Linear" : inner.name();
    String full =
        switch (random.nextInt(8)) {
          case 0 -> "@Full ";
          case 1 -> "@Recompute ";
          case 2 -> "@Full @Recompute ";
          default -> "";
        };
    String single = inner == null && random.nextInt(4) == 0 ? "Layer" : element;
    boolean array = random.nextBoolean();
    made.add(
        switch (kind) {
          case SQUARE, VECTOR ->
              new Made(kind, new Field("@MasterFp32 Parameter", name), "", null, name);
          case LINEAR, LAYER -> new Made(kind, new Field(full + single, name), single, inner, name);
          case LINEARS, LAYERS ->
              array
                  ? new Made(
                      kind, new Field(full + element + "[]", name), element, inner, name + "[%s]")
                  : new Made(
                      kind,
                      new Field(full + "List<" + element + ">", name),
                      element,
                      inner,
                      name + ".get(%s)");
          case NUMBER -> new Made(kind, new Field("int", name), "", null, name);
          case FLAG -> new Made(kind, new Field("boolean", name), "", null, name);
        });
  }

  List<Field> fields() {
    return made.stream().map(Made::field).toList();
  }

  /** A parameter of (4, 4). */
  @Nullable String square() {
    return any(Kind.SQUARE);
  }

  /** A parameter of (4). */
  @Nullable String vector() {
    return any(Kind.VECTOR);
  }

  private @Nullable String any(Kind kind) {
    List<Made> fitting = made.stream().filter(m -> m.kind == kind).toList();
    return fitting.isEmpty() ? null : fitting.get(random.nextInt(fitting.size())).field.name();
  }

  List<Plain> numbers() {
    return plain(Kind.NUMBER);
  }

  List<Plain> flags() {
    return plain(Kind.FLAG);
  }

  private List<Plain> plain(Kind kind) {
    return made.stream()
        .filter(m -> m.kind == kind)
        .map(m -> Plain.variable(m.field.name()))
        .toList();
  }

  /** Calls of the layers, still without operands; those of several with some index. */
  List<Invoke> layers(List<Plain> plain, Random random) {
    List<Invoke> calls = new ArrayList<>();
    for (Made m : made) {
      Plain index =
          plain.isEmpty() || random.nextBoolean()
              ? Plain.constant(random.nextInt(SEVERAL))
              : plain.get(random.nextInt(plain.size())).modulo(SEVERAL);
      switch (m.kind) {
        case LINEAR, LAYER ->
            calls.add(new Invoke(m.access, m.field.name(), Plain.constant(0), List.of()));
        case LINEARS, LAYERS -> calls.add(new Invoke(m.access, m.field.name(), index, List.of()));
        default -> {}
      }
    }
    return calls;
  }

  /** A loop over one of the arrays or lists; null if there is none. */
  Statement.@Nullable Each loop(String variable) {
    List<Made> several =
        made.stream().filter(m -> m.kind == Kind.LINEARS || m.kind == Kind.LAYERS).toList();
    if (several.isEmpty()) {
      return null;
    }
    Made one = several.get(random.nextInt(several.size()));
    return new Statement.Each(one.element, variable, one.field.name(), List.of());
  }

  /** Whether a layer, or what a loop's variable stands for, is a {@code Linear}. */
  boolean takesAnyRows(Invoke layer) {
    return inner(layer) == null;
  }

  /** How many tensors a layer takes. */
  int arity(Invoke layer) {
    LayerProgram inner = inner(layer);
    return inner == null ? 1 : inner.methods().getFirst().tensors().size();
  }

  private @Nullable LayerProgram inner(Invoke layer) {
    String field = loops.getOrDefault(layer.field(), layer.field());
    return made.stream().filter(m -> m.field.name().equals(field)).findFirst().orElseThrow().inner;
  }

  private final Map<String, String> loops = new LinkedHashMap<>();

  /** Says what a loop's variable goes over. */
  void name(Statement.Each loop) {
    loops.put(loop.layer(), loop.field());
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
            case LINEAR, LAYER -> model.layer(m.inner);
            case LINEARS, LAYERS -> {
              List<Instance> several = new ArrayList<>();
              for (int i = 0; i < SEVERAL; i++) {
                several.add(model.layer(m.inner));
              }
              yield new Instance.Several(several);
            }
            case NUMBER -> new Instance.OfPlain(random.nextInt(4));
            case FLAG -> new Instance.OfPlain(random.nextInt(2));
          });
    }
    return new Instance.OfLayer(layer, values);
  }
}
