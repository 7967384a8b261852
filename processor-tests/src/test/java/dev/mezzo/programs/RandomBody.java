package dev.mezzo.programs;

import dev.mezzo.programs.RandomExpression.Allowed;
import dev.mezzo.programs.Statement.Assign;
import dev.mezzo.programs.Statement.Branch;
import dev.mezzo.programs.Statement.Compute;
import dev.mezzo.programs.Statement.Declare;
import dev.mezzo.programs.Statement.Each;
import dev.mezzo.programs.Statement.Leave;
import dev.mezzo.programs.Statement.Range;
import dev.mezzo.programs.Statement.Return;
import dev.mezzo.programs.Statement.Switch;
import dev.mezzo.programs.Statement.While;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes up the statements of a method. */
final class RandomBody {
  private static final int ROWS = 3;
  private static final int COLUMNS = 4;
  private static final int DEEPEST = 3;

  private final Random random;
  private final Names names;
  private final RandomFields fields;
  private final RandomExpression expressions;
  private boolean returnsPair;

  RandomBody(Random random, RandomFields fields, List<LayerProgram.Method> helpers) {
    this.random = random;
    this.names = new Names(random);
    this.fields = fields;
    this.expressions = new RandomExpression(random, fields, helpers);
  }

  /** The statements of a method whose arguments the scope holds; it returns (3, 4), or two. */
  List<Statement> method(Scope scope, int statements, boolean pair) {
    returnsPair = pair;
    List<Statement> body = new ArrayList<>();
    block(body, scope, statements, false);
    body.add(returning(scope));
    return body;
  }

  private Statement returning(Scope scope) {
    return new Return(returnsPair ? pair(scope) : tensor(scope, ROWS, COLUMNS));
  }

  private void block(List<Statement> body, Scope scope, int statements, boolean loop) {
    for (int i = 0; i < statements; i++) {
      switch (scope.depth() < DEEPEST ? random.nextInt(13) : random.nextInt(6)) {
        case 0, 1, 2 -> body.add(random.nextInt(5) == 0 ? declarePair(scope) : declare(scope));
        case 3, 4 -> body.add(assign(scope));
        case 5 ->
            body.add(
                switch (random.nextInt(5)) {
                  case 0, 1 -> compute(scope);
                  case 2 -> new Statement.Check(check(scope));
                  default -> several(scope);
                });
        case 6, 7 -> body.add(branch(scope, loop));
        case 8 -> body.add(range(scope));
        case 9 -> each(body, scope);
        case 10 -> loopWhile(body, scope, false);
        case 11 -> loopWhile(body, scope, true);
        default -> leave(body, scope, loop);
      }
    }
  }

  private Statement declare(Scope scope) {
    int rows = random.nextInt(5) == 0 ? COLUMNS : ROWS;
    int columns = random.nextInt(5) == 0 ? ROWS : COLUMNS;
    int kind = random.nextInt(8);
    String name = names.next("v");
    Expression value =
        switch (kind) {
          case 0 -> operations(scope, rows, columns, Allowed.OPERATIONS);
          case 1 -> operations(scope, rows, columns, Allowed.HALF_OPERATIONS);
          default -> tensor(scope, rows, columns);
        };
    scope.tensors().add(new Scope.Tensor(name, rows, columns));
    String type = kind == 0 ? "@Full Tensor" : kind == 1 ? "@Half Tensor" : "Tensor";
    if (kind > 2 && isCall(value)) {
      return new Declare(random.nextInt(3) == 0 ? "@Recompute Tensor" : type, name, value);
    }
    boolean computed = value instanceof Expression.Apply; // var of a parameter would be a Parameter
    return new Declare(kind == 2 && computed ? "var" : type, name, value);
  }

  /** An operation at least: what is annotated must have one. */
  private Expression operations(Scope scope, int rows, int columns, Allowed allowed) {
    Expression operand = expressions.tensor(scope, rows, columns, 1 + random.nextInt(2), allowed);
    return new Expression.Apply(Operation.UNARY[random.nextInt(6)], List.of(operand));
  }

  private Statement declarePair(Scope scope) {
    Expression value = pair(scope);
    String name = names.next("p");
    scope.pairs().add(name);
    String again = isCall(value) && random.nextInt(3) == 0 ? "@Recompute " : "";
    return new Declare(again + (random.nextBoolean() ? "Pair" : "var"), name, value);
  }

  private static boolean isCall(Expression value) {
    return value instanceof Expression.Invoke || value instanceof Expression.Helper;
  }

  private Statement assign(Scope scope) {
    if (!scope.pairs().isEmpty() && random.nextInt(3) == 0) {
      String target = scope.pairs().get(random.nextInt(scope.pairs().size()));
      return new Assign(target, pair(scope));
    }
    Scope.Tensor target = scope.tensors().get(random.nextInt(scope.tensors().size()));
    return new Assign(target.name(), tensor(scope, target.rows(), target.columns()));
  }

  private Statement compute(Scope scope) {
    Plain value = expressions.number(scope);
    if (random.nextBoolean()) {
      String name = names.next("n");
      scope.plain().add(Plain.variable(name));
      return new Compute("int ", name, false, value);
    }
    List<Plain> own = scope.plain().stream().filter(p -> p.source().startsWith("n")).toList();
    return own.isEmpty()
        ? assign(scope)
        : new Compute("", own.get(random.nextInt(own.size())).source(), true, Plain.constant(1));
  }

  /** A new array or list, or an element of one, written. */
  private Statement several(Scope scope) {
    if (!scope.arrays().isEmpty() && random.nextInt(3) > 0) {
      Expression.Several array = scope.arrays().get(random.nextInt(scope.arrays().size()));
      Plain index = expressions.index(scope);
      return new Statement.Put(array, index, tensor(scope, ROWS, COLUMNS));
    }
    List<Expression> values = new ArrayList<>();
    for (int i = 0; i < Scope.SEVERAL; i++) {
      values.add(tensor(scope, ROWS, COLUMNS));
    }
    var array = new Expression.Several(names.next("several"), random.nextBoolean());
    scope.arrays().add(array);
    return new Statement.Collect(array, values);
  }

  private Statement branch(Scope scope, boolean loop) {
    Plain condition = expressions.condition(scope);
    List<Statement> yes = new ArrayList<>();
    block(yes, scope.inner(), 1 + random.nextInt(2), loop);
    List<Statement> no = new ArrayList<>();
    if (random.nextBoolean()) {
      block(no, scope.inner(), 1 + random.nextInt(2), loop);
    }
    return random.nextInt(4) == 0
        ? new Switch(expressions.number(scope), random.nextInt(3), yes, no)
        : new Branch(condition, yes, no);
  }

  private Statement range(Scope scope) {
    String index = names.next("i");
    Scope inner = scope.inner();
    inner.plain().add(Plain.variable(index));
    Plain to = random.nextBoolean() ? expressions.number(scope) : Plain.constant(2);
    return new Range(index, Plain.constant(random.nextInt(2)), to, body(inner));
  }

  private void each(List<Statement> body, Scope scope) {
    Each head = fields.loop(names.next("each"));
    if (head == null) {
      body.add(declare(scope));
      return;
    }
    Scope inner = scope.inner();
    inner
        .loopLayers()
        .add(
            new Expression.Invoke(
                head.access(), head.layer(), Plain.constant(0), List.of(), List.of()));
    body.add(head.with(List.of(body(inner))));
  }

  /** What holds of any program, or has no effect on it. */
  private String check(Scope scope) {
    String tensor = scope.tensors().get(random.nextInt(scope.tensors().size())).name();
    return switch (random.nextInt(5)) {
      case 0 -> "java.util.Objects.requireNonNull(" + tensor + ", \"" + tensor + "\");";
      case 1 -> "assert " + expressions.number(scope).source() + " < 1000 : \"a number\";";
      case 2 -> "if (%s.shape().rank() != 2) { throw new Error(\"rank\"); }".formatted(tensor);
      case 3 ->
          "if (%s > 1000) { throw new Error(\"large\"); } else { assert true; }"
              .formatted(expressions.number(scope).source());
      default -> "String.valueOf(%s.shape());".formatted(tensor);
    };
  }

  private void loopWhile(List<Statement> body, Scope scope, boolean atLeastOnce) {
    String count = names.next("w");
    body.add(new Compute("int ", count, false, Plain.constant(random.nextInt(3))));
    Scope inner = scope.inner();
    inner.plain().add(Plain.variable(count));
    List<Statement> within = new ArrayList<>();
    within.add(new Compute("", count, true, Plain.constant(1)));
    within.addAll(body(inner));
    Plain limit = Plain.variable(count).greater(2 + random.nextInt(2)).not();
    body.add(atLeastOnce ? new Statement.Do(limit, within) : new While(limit, within));
  }

  private List<Statement> body(Scope inner) {
    List<Statement> body = new ArrayList<>();
    block(body, inner, 1 + random.nextInt(3), true);
    return body;
  }

  /** A branch that leaves the loop, the pass, or the method. */
  private void leave(List<Statement> body, Scope scope, boolean loop) {
    Plain condition = expressions.condition(scope);
    Scope inner = scope.inner();
    List<Statement> leaving = new ArrayList<>();
    block(leaving, inner, random.nextInt(2), loop);
    boolean returns = !loop || random.nextInt(3) == 0;
    leaving.add(returns ? returning(inner) : new Leave(random.nextBoolean()));
    body.add(new Branch(condition, leaving, List.of()));
  }

  private Expression pair(Scope scope) {
    return expressions.pair(scope, 1 + random.nextInt(3));
  }

  private Expression tensor(Scope scope, int rows, int columns) {
    return expressions.tensor(scope, rows, columns, 1 + random.nextInt(3), Allowed.ALL);
  }
}
