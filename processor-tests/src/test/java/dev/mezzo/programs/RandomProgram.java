package dev.mezzo.programs;

import dev.mezzo.programs.LayerProgram.Formal;
import dev.mezzo.programs.LayerProgram.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes up programs. */
public final class RandomProgram {
  private static final int ROWS = 3;
  private static final int COLUMNS = 4;

  /** Numbers on the way, far from FP16's largest. */
  private static final double LARGEST = 1000;

  /** Operations of a run; fewer are not worth a compilation. */
  private static final int FEWEST = 10;

  /** How far operands of a relu must be from its kink, for differences and rounding in half. */
  private static final double KINK = 0x1p-6;

  private final long seed;
  private final Random random;

  private RandomProgram(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
  }

  /**
   * The program of a seed: always the same.
   *
   * @param masks that its dropout draws when it is run
   */
  public static Program of(long seed, Masks masks) {
    RandomProgram maker = new RandomProgram(seed);
    while (true) {
      Program program = maker.make();
      if (isWorthwhile(program, masks)) {
        return program;
      }
    }
  }

  private static boolean isWorthwhile(Program program, Masks masks) {
    try {
      return run(program, masks).operations() >= FEWEST && isTame(program, masks);
    } catch (Evaluation.EndlessException endless) {
      return false;
    }
  }

  /** Whether its values on its inputs are such that another precision can be compared. */
  static boolean isTame(Program program, Masks masks) {
    return isTame(program, run(program, null), null) && isTame(program, run(program, masks), masks);
  }

  private static boolean isTame(Program program, Evaluation evaluation, @Nullable Masks masks) {
    return evaluation.largest() < LARGEST
        && evaluation.nearestKink() > KINK
        && Double.isFinite(new Oracle(program, masks).spread(1));
  }

  private static Evaluation run(Program program, @Nullable Masks masks) {
    Evaluation evaluation = new Evaluation(program, program.weights(), Noise.NONE, masks, null);
    evaluation.run(program.inputs());
    return evaluation;
  }

  private Program make() {
    List<LayerProgram> layers = new ArrayList<>();
    RandomModel model = new RandomModel(random);
    for (int i = random.nextInt(3); i > 0; i--) {
      layers.addFirst(layer("Inner" + i, model, layers, false));
    }
    LayerProgram main = layer("Main", model, layers, true);
    layers.addFirst(main);
    List<Matrix> inputs = new ArrayList<>();
    for (Formal formal : main.forward().formals()) {
      for (int i = formal.pair() ? 2 : 1; i > 0; i--) {
        inputs.add(RandomModel.values(random, ROWS, COLUMNS));
      }
    }
    List<Integer> plain = main.forward().plain().stream().map(_ -> random.nextInt(4)).toList();
    Instance.OfLayer object = model.outermost("Main");
    return new Program(seed, layers, object, model.weights(), model.states(), inputs, plain);
  }

  private LayerProgram layer(
      String name, RandomModel model, List<LayerProgram> inner, boolean outermost) {
    RandomFields fields = new RandomFields(random, inner);
    model.add(name, fields);
    List<Method> helpers = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      RandomBody body = new RandomBody(random, fields, List.copyOf(helpers));
      boolean pair = random.nextInt(4) == 0;
      helpers.add(method(head(), "helper" + i, pair, body, 3));
    }
    boolean open = !outermost && random.nextBoolean();
    boolean pair = !outermost && random.nextInt(3) == 0;
    RandomBody body = new RandomBody(random, fields, helpers);
    List<Method> methods = new ArrayList<>(helpers);
    methods.addFirst(method(open ? "public " : "", "forward", pair, body, outermost ? 8 : 4));
    String annotation = random.nextInt(6) == 0 ? "@Full" : "@Half";
    String recomputed = !outermost && random.nextInt(6) == 0 ? "@Recompute " : "";
    return new LayerProgram(name, recomputed + annotation, fields.fields(), methods, open);
  }

  private String head() {
    return switch (random.nextInt(7)) {
      case 0 -> "@Full private ";
      case 1 -> "@Half private ";
      case 2 -> "@Recompute private ";
      default -> "private ";
    };
  }

  private Method method(String head, String name, boolean pair, RandomBody body, int longest) {
    Scope scope = new Scope();
    List<Formal> formals = new ArrayList<>(List.of(new Formal("x", false)));
    scope.tensors().add(new Scope.Tensor("x", ROWS, COLUMNS));
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        formals.add(new Formal("second", false));
        scope.tensors().add(new Scope.Tensor("second", ROWS, COLUMNS));
      }
      case 2 -> {
        formals.add(random.nextInt(2), new Formal("state", true));
        scope.pairs().add("state");
      }
      default -> {}
    }
    List<String> plain = random.nextInt(3) == 0 ? List.of("mode") : List.of();
    plain.forEach(p -> scope.plain().add(Plain.variable(p)));
    List<Statement> statements = body.method(scope, 1 + random.nextInt(longest), pair);
    return new Method(head, name, formals, plain, pair, statements);
  }
}
