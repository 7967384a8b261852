package dev.mezzo.programs;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a program that fails smaller, as long as it still fails. */
public final class Shrinking {
  private final Predicate<Program> fails;
  private final Masks masks;
  private final Instant end;

  private Shrinking(Predicate<Program> fails, Masks masks, Duration longest) {
    this.fails = fails;
    this.masks = masks;
    this.end = Instant.now().plus(longest);
  }

  /**
   * The smallest that was found.
   *
   * @param fails whether a program still fails in the same way
   * @param masks of its dropout
   * @param longest time to take
   */
  public static Program of(
      Program program, Predicate<Program> fails, Masks masks, Duration longest) {
    return new Shrinking(fails, masks, longest).smallest(program);
  }

  private Program smallest(Program program) {
    for (Program smaller : smaller(program)) {
      if (Instant.now().isAfter(end)) {
        return program;
      }
      if (isProgram(smaller) && fails.test(smaller)) {
        return smallest(smaller);
      }
    }
    return program;
  }

  /** Whether it runs at all: what was left out may be needed. */
  private boolean isProgram(Program program) {
    try {
      return RandomProgram.isTame(program, masks);
    } catch (RuntimeException broken) {
      return false;
    }
  }

  private static List<Program> smaller(Program program) {
    List<Program> all = new ArrayList<>();
    for (int i = 0; i < program.layers().size(); i++) {
      LayerProgram layer = program.layers().get(i);
      for (int j = 1; j < layer.methods().size(); j++) {
        List<LayerProgram.Method> without = new ArrayList<>(layer.methods());
        without.remove(j);
        all.add(program.with(replaced(program.layers(), i, layer.with(without))));
      }
    }
    for (int i = 0; i < program.layers().size(); i++) {
      LayerProgram layer = program.layers().get(i);
      for (int j = 0; j < layer.methods().size(); j++) {
        LayerProgram.Method method = layer.methods().get(j);
        for (List<Statement> body : smaller(method.body())) {
          LayerProgram other = layer.with(replaced(layer.methods(), j, method.with(body)));
          all.add(program.with(replaced(program.layers(), i, other)));
        }
      }
    }
    return all;
  }

  private static List<List<Statement>> smaller(List<Statement> body) {
    List<List<Statement>> all = new ArrayList<>();
    int half = body.size() / 2;
    if (half > 1) {
      all.add(body.subList(half, body.size()));
      List<Statement> first = new ArrayList<>(body.subList(0, half));
      first.add(body.getLast());
      all.add(first);
    }
    for (int i = 0; i < body.size(); i++) {
      List<Statement> without = new ArrayList<>(body);
      Statement statement = without.remove(i);
      all.add(without);
      for (List<Statement> inner : statement.bodies()) {
        List<Statement> opened = new ArrayList<>(without);
        opened.addAll(i, inner);
        all.add(opened);
      }
      for (Statement other : smaller(statement)) {
        all.add(replaced(body, i, other));
      }
    }
    return all;
  }

  private static List<Statement> smaller(Statement statement) {
    List<Statement> all = new ArrayList<>();
    for (int i = 0; i < statement.bodies().size(); i++) {
      for (List<Statement> body : smaller(statement.bodies().get(i))) {
        all.add(statement.with(replaced(statement.bodies(), i, body)));
      }
    }
    switch (statement) {
      case Statement.Declare(String type, String name, Expression value) ->
          smaller(value).forEach(e -> all.add(new Statement.Declare(type, name, e)));
      case Statement.Assign(String name, Expression value) ->
          smaller(value).forEach(e -> all.add(new Statement.Assign(name, e)));
      case Statement.Put(Expression.Several array, Plain index, Expression value) ->
          smaller(value).forEach(e -> all.add(new Statement.Put(array, index, e)));
      case Statement.Return(Expression value) ->
          smaller(value).forEach(e -> all.add(new Statement.Return(e)));
      default -> {}
    }
    return all;
  }

  private static List<Expression> smaller(Expression expression) {
    List<Expression> all = new ArrayList<>(expression.parts());
    if (!(expression instanceof Expression.Local)) {
      all.add(new Expression.Local("x"));
    }
    for (int i = 0; i < expression.parts().size(); i++) {
      for (Expression part : smaller(expression.parts().get(i))) {
        all.add(expression.with(replaced(expression.parts(), i, part)));
      }
    }
    return all;
  }

  private static <T> List<T> replaced(List<T> list, int index, T other) {
    List<T> result = new ArrayList<>(list);
    result.set(index, other);
    return result;
  }
}
