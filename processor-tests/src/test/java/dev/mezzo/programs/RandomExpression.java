package dev.mezzo.programs;

import dev.mezzo.programs.Expression.Apply;
import dev.mezzo.programs.Expression.Choice;
import dev.mezzo.programs.Expression.Invoke;
import dev.mezzo.programs.Expression.Local;
import dev.mezzo.programs.Expression.Weight;
import dev.mezzo.programs.LayerProgram.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Makes up expressions of a wanted shape. */
final class RandomExpression {
  /** What may stand in one: what an annotated local variable's initializer may not hold. */
  enum Allowed {
    ALL,
    OPERATIONS,
    HALF_OPERATIONS
  }

  private static final int ROWS = 3;
  private static final int COLUMNS = 4;

  private final Random random;
  private final RandomFields fields;
  private final List<LayerProgram.Method> helpers;

  /**
   * Prepares to make them.
   *
   * @param helpers that may be called; each tensor in and out has (3, 4)
   */
  RandomExpression(Random random, RandomFields fields, List<LayerProgram.Method> helpers) {
    this.random = random;
    this.fields = fields;
    this.helpers = helpers;
  }

  Plain condition(Scope scope) {
    Plain one = comparison(scope);
    return switch (random.nextInt(5)) {
      case 0 -> one.not();
      case 1 -> one.and(comparison(scope));
      default -> one;
    };
  }

  private Plain comparison(Scope scope) {
    if (random.nextInt(6) == 0 && !scope.tensors().isEmpty()) {
      Scope.Tensor tensor = pick(scope.tensors());
      return Plain.known(tensor.name() + ".shape().dim(0)", tensor.rows()).greater(3);
    }
    if (random.nextInt(12) == 0) {
      return Plain.variable(Plain.TRAINING);
    }
    if (random.nextInt(3) == 0 && !fields.flags().isEmpty()) {
      return pick(fields.flags());
    }
    Plain number = number(scope);
    return switch (random.nextInt(3)) {
      case 0 -> number.modulo(2).equal(0);
      case 1 -> number.equal(1);
      default -> number.greater(random.nextInt(3));
    };
  }

  Plain number(Scope scope) {
    List<Plain> all = new ArrayList<>(scope.plain());
    all.addAll(fields.numbers());
    return all.isEmpty() ? Plain.constant(2) : pick(all);
  }

  /** Of an array or list. */
  Plain index(Scope scope) {
    return scope.plain().isEmpty() || random.nextBoolean()
        ? Plain.constant(random.nextInt(Scope.SEVERAL))
        : pick(scope.plain()).modulo(Scope.SEVERAL);
  }

  Expression tensor(Scope scope, int rows, int columns, int depth, Allowed allowed) {
    boolean several = !scope.arrays().isEmpty() && rows == ROWS && columns == COLUMNS;
    if (several && allowed == Allowed.ALL && random.nextInt(6) == 0) {
      Expression.Several array = pick(scope.arrays());
      return random.nextInt(3) == 0
          ? new Expression.Total(array)
          : new Expression.Element(array, index(scope));
    }
    boolean full = rows == ROWS && columns == COLUMNS;
    if (full && allowed == Allowed.ALL && random.nextInt(depth == 0 ? 8 : 12) == 0) {
      return new Expression.Component(pair(scope, Math.max(0, depth - 1)), random.nextBoolean());
    }
    if (depth == 0) {
      return leaf(scope, rows, columns);
    }
    return switch (random.nextInt(12)) {
      case 0 -> leaf(scope, rows, columns);
      case 1, 2, 3 -> unary(scope, rows, columns, depth, allowed);
      case 4, 5 -> binary(scope, rows, columns, depth, allowed);
      case 6 -> {
        int inner = random.nextBoolean() ? ROWS : COLUMNS;
        yield apply(
            Operation.MATMUL,
            tensor(scope, rows, inner, depth - 1, allowed),
            tensor(scope, inner, columns, depth - 1, allowed));
      }
      case 7 ->
          apply(
              random.nextBoolean() ? Operation.TRANSPOSE : Operation.TURNED,
              tensor(scope, columns, rows, depth - 1, allowed));
      case 8 -> rearranged(scope, rows, columns, depth, allowed);
      case 9, 10 -> call(scope, rows, columns, depth, allowed);
      default ->
          new Choice(
              condition(scope),
              tensor(scope, rows, columns, depth - 1, allowed),
              tensor(scope, rows, columns, depth - 1, allowed));
    };
  }

  /** Two tensors of (3, 4). */
  Expression pair(Scope scope, int depth) {
    if (!scope.pairs().isEmpty() && random.nextInt(3) == 0) {
      return new Local(pick(scope.pairs()));
    }
    if (depth > 0 && random.nextInt(4) == 0) {
      return new Choice(condition(scope), pair(scope, depth - 1), pair(scope, depth - 1));
    }
    List<Expression> calls = depth == 0 ? List.of() : calls(scope, ROWS, depth, true);
    return !calls.isEmpty() && random.nextInt(3) > 0
        ? pick(calls)
        : new Expression.Both(
            List.of(
                tensor(scope, ROWS, COLUMNS, Math.max(0, depth - 1), Allowed.ALL),
                tensor(scope, ROWS, COLUMNS, Math.max(0, depth - 1), Allowed.ALL)));
  }

  private Expression unary(Scope scope, int rows, int columns, int depth, Allowed allowed) {
    Operation operation =
        switch (random.nextInt(14)) {
          case 0 -> Operation.RELU;
          case 1 -> Operation.STOP_GRADIENT;
          case 2 -> Operation.DROPOUT;
          default -> pick(List.of(Operation.UNARY));
        };
    Expression operand = tensor(scope, rows, columns, depth - 1, allowed);
    return allowed == Allowed.HALF_OPERATIONS && operation.needsFull()
        ? apply(Operation.UNARY[0], operand)
        : apply(operation, operand);
  }

  private Expression binary(Scope scope, int rows, int columns, int depth, Allowed allowed) {
    Expression a = tensor(scope, rows, columns, depth - 1, allowed);
    String vector = fields.vector();
    boolean sums = allowed != Allowed.HALF_OPERATIONS;
    int kind = random.nextInt(5);
    Expression b;
    if (kind == 0 && columns == COLUMNS && vector != null) {
      b = new Weight(vector);
    } else if (kind == 1 && sums) {
      b = apply(Operation.mean(1), tensor(scope, rows, COLUMNS, depth - 1, allowed));
    } else if (kind == 2 && sums) {
      b = apply(Operation.sum(0), tensor(scope, ROWS, columns, depth - 1, allowed));
    } else {
      b = tensor(scope, rows, columns, depth - 1, allowed);
    }
    return apply(pick(List.of(Operation.BINARY)), a, b);
  }

  private Expression rearranged(Scope scope, int rows, int columns, int depth, Allowed allowed) {
    int kind = random.nextInt(3);
    if (kind == 0 && columns > 1) {
      return apply(
          Operation.concat(1),
          tensor(scope, rows, 1, depth - 1, allowed),
          tensor(scope, rows, columns - 1, depth - 1, allowed));
    }
    if (kind == 1 && rows > 1) {
      return apply(
          Operation.concat(0),
          tensor(scope, rows - 1, columns, depth - 1, allowed),
          tensor(scope, 1, columns, depth - 1, allowed));
    }
    return apply(
        Operation.reshape(rows, columns), tensor(scope, columns, rows, depth - 1, allowed));
  }

  private Expression call(Scope scope, int rows, int columns, int depth, Allowed allowed) {
    if (columns != COLUMNS) {
      return unary(scope, rows, columns, depth, allowed);
    }
    Expression x = tensor(scope, rows, columns, depth - 1, allowed);
    String vector = fields.vector();
    int kind = random.nextInt(5);
    if (kind == 0 && vector != null) {
      return apply(Operation.LAYER_NORM, x, new Weight(vector), new Weight(vector));
    }
    String square = fields.square();
    if (kind == 1 && vector != null && square != null) {
      return apply(Operation.LINEAR, x, new Weight(square), new Weight(vector));
    }
    if (allowed != Allowed.ALL) {
      return apply(Operation.UNARY[1], x);
    }
    List<String> states = fields.states();
    if (kind == 2 && vector != null && rows == ROWS && !states.isEmpty()) {
      return new Expression.Norm(x, List.of(vector, vector), states);
    }
    List<Expression> calls = calls(scope, rows, depth, false);
    return calls.isEmpty() ? apply(Operation.UNARY[1], x) : pick(calls);
  }

  /** A call of a helper, and one of a sub-layer, as far as there are any that fit. */
  private List<Expression> calls(Scope scope, int rows, int depth, boolean pair) {
    List<Expression> calls = new ArrayList<>();
    List<LayerProgram.Method> methods =
        helpers.stream().filter(m -> rows == ROWS && m.pair() == pair).toList();
    if (!methods.isEmpty()) {
      LayerProgram.Method method = pick(methods);
      Signature signature = method.signature();
      calls.add(
          new Expression.Helper(
              method.name(), arguments(scope, signature, rows, depth), plain(scope, signature)));
    }
    List<Invoke> layers = new ArrayList<>(scope.loopLayers());
    layers.addAll(fields.layers(scope.plain()));
    layers.removeIf(layer -> rows != ROWS && !fields.type(layer).anyRows());
    layers.removeIf(layer -> fields.type(layer).signature().pair() != pair);
    if (!layers.isEmpty()) {
      Invoke layer = pick(layers);
      Signature signature = fields.type(layer).signature();
      calls.add(
          new Invoke(
              layer.access(),
              layer.field(),
              layer.index(),
              arguments(scope, signature, rows, depth),
              plain(scope, signature)));
    }
    return calls;
  }

  private List<Expression> arguments(Scope scope, Signature signature, int rows, int depth) {
    return signature.pairs().stream()
        .map(
            pair ->
                pair
                    ? pair(scope, depth - 1)
                    : tensor(scope, rows, COLUMNS, depth - 1, Allowed.ALL))
        .toList();
  }

  private List<Plain> plain(Scope scope, Signature signature) {
    return Stream.generate(() -> number(scope)).limit(signature.plain()).toList();
  }

  /** A local variable or a weight, cut to the shape if none has it. */
  private Expression leaf(Scope scope, int rows, int columns) {
    List<Scope.Tensor> fitting = scope.of(rows, columns);
    if (!fitting.isEmpty() && random.nextInt(8) > 0) {
      // Late ones more often: programs that hang together.
      int back = random.nextInt(1 + random.nextInt(fitting.size()));
      return new Local(fitting.get(fitting.size() - 1 - back).name());
    }
    String square = fields.square();
    if (rows == COLUMNS && columns == COLUMNS && square != null) {
      return new Weight(square);
    }
    if (!fitting.isEmpty()) {
      return new Local(pick(fitting).name());
    }
    Scope.Tensor any = pick(scope.tensors());
    Expression all = new Local(any.name());
    if (any.rows() >= rows && any.columns() >= columns) {
      return cut(all, any.rows(), any.columns(), rows, columns);
    }
    if (any.rows() >= columns && any.columns() >= rows) {
      return cut(apply(Operation.TRANSPOSE, all), any.columns(), any.rows(), rows, columns);
    }
    Expression x = new Local(scope.tensors().getFirst().name());
    Expression product = apply(Operation.MATMUL, apply(Operation.TRANSPOSE, x), x);
    return cut(product, COLUMNS, COLUMNS, rows, columns);
  }

  private Expression cut(Expression x, int fromRows, int fromColumns, int rows, int columns) {
    Expression cut = x;
    if (rows < fromRows) {
      int from = random.nextInt(fromRows - rows + 1);
      cut = apply(Operation.slice(0, from, from + rows), cut);
    }
    if (columns < fromColumns) {
      int from = random.nextInt(fromColumns - columns + 1);
      cut = apply(Operation.slice(1, from, from + columns), cut);
    }
    return cut;
  }

  private static Expression apply(Operation operation, Expression... operands) {
    return new Apply(operation, List.of(operands));
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
