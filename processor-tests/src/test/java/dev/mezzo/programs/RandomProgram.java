package dev.mezzo.programs;

import dev.mezzo.programs.LayerProgram.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

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

  /** The program of a seed: always the same. */
  public static Program of(long seed) {
    RandomProgram maker = new RandomProgram(seed);
    while (true) {
      Program program = maker.make();
      if (isWorthwhile(program)) {
        return program;
      }
    }
  }

  private static boolean isWorthwhile(Program program) {
    try {
      return run(program).operations() >= FEWEST && isTame(program);
    } catch (Evaluation.EndlessException endless) {
      return false;
    }
  }

  /** Whether its values on its inputs are such that another precision can be compared. */
  static boolean isTame(Program program) {
    Evaluation evaluation = run(program);
    return evaluation.largest() < LARGEST
        && evaluation.nearestKink() > KINK
        && Double.isFinite(new Oracle(program).spread(1));
  }

  private static Evaluation run(Program program) {
    Evaluation evaluation = new Evaluation(program, program.weights(), Noise.NONE, null);
    evaluation.run(program.inputs());
    return evaluation;
  }

  private Program make() {
    RandomModel model = new RandomModel(random);
    List<LayerProgram> layers = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      layers.addFirst(layer("Inner" + i, model, layers, false));
    }
    LayerProgram main = layer("Main", model, layers, true);
    layers.addFirst(main);
    List<Matrix> inputs =
        main.methods().getFirst().tensors().stream()
            .map(_ -> RandomModel.values(random, ROWS, COLUMNS))
            .toList();
    List<Integer> plain =
        main.methods().getFirst().plain().stream().map(_ -> random.nextInt(4)).toList();
    Instance.OfLayer object = model.outermost("Main");
    return new Program(seed, layers, object, model.weights(), inputs, plain);
  }

  private LayerProgram layer(
      String name, RandomModel model, List<LayerProgram> inner, boolean outermost) {
    RandomFields fields = new RandomFields(random, inner);
    model.add(name, fields);
    List<Method> helpers = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      Method helper = method("helper" + i, true, fields, List.copyOf(helpers), 3);
      helpers.add(helper);
    }
    Method forward = method("forward", outermost, fields, helpers, outermost ? 8 : 4);
    List<Method> methods = new ArrayList<>(List.of(forward));
    methods.addAll(helpers);
    String annotation = random.nextInt(6) == 0 ? "@Full" : "@Half";
    return new LayerProgram(name, annotation, fields.fields(), methods);
  }

  private String head() {
    return switch (random.nextInt(7)) {
      case 0 -> "@Full private ";
      case 1 -> "@Half private ";
      case 2 -> "@Recompute private ";
      default -> "private ";
    };
  }

  private Method method(
      String name, boolean mayBePlain, RandomFields fields, List<Method> helpers, int longest) {
    Scope scope = new Scope();
    List<String> tensors = random.nextInt(3) == 0 ? List.of("x", "second") : List.of("x");
    List<String> plain = mayBePlain && random.nextInt(3) == 0 ? List.of("mode") : List.of();
    tensors.forEach(t -> scope.tensors().add(new Scope.Tensor(t, ROWS, COLUMNS)));
    plain.forEach(p -> scope.plain().add(Plain.variable(p)));
    List<Statement> body =
        new RandomBody(random, fields, helpers).method(scope, 1 + random.nextInt(longest));
    String head = name.equals("forward") ? "" : head();
    return new Method(head, name, tensors, plain, body);
  }
}
