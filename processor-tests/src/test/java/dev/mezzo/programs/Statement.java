package dev.mezzo.programs;

import java.util.List;

/** What stands in a method. */
public sealed interface Statement {

  /** The lists of statements within. */
  default List<List<Statement>> bodies() {
    return List.of();
  }

  /** The same with other lists within. */
  default Statement with(List<List<Statement>> bodies) {
    return this;
  }

  /**
   * A new local variable.
   *
   * @param type as Java, with the annotation
   */
  record Declare(String type, String name, Expression value) implements Statement {}

  /** A local variable assigned again. */
  record Assign(String name, Expression value) implements Statement {}

  /** A new array or list of tensors. */
  record Collect(Expression.Several array, List<Expression> values) implements Statement {}

  /** An element of one, written. */
  record Put(Expression.Several array, Plain index, Expression value) implements Statement {}

  /** A plain local variable, declared ({@code int n =}) or changed ({@code n +=}). */
  record Compute(String start, String name, boolean adds, Plain value) implements Statement {}

  /** {@code if}; without {@code else} where {@code no} is empty. */
  record Branch(Plain condition, List<Statement> yes, List<Statement> no) implements Statement {
    @Override
    public List<List<Statement>> bodies() {
      return List.of(yes, no);
    }

    @Override
    public Statement with(List<List<Statement>> bodies) {
      return new Branch(condition, bodies.get(0), bodies.get(1));
    }
  }

  /** {@code switch (number) { case label -> { yes } default -> { no } }}. */
  record Switch(Plain number, int label, List<Statement> yes, List<Statement> no)
      implements Statement {
    @Override
    public List<List<Statement>> bodies() {
      return List.of(yes, no);
    }

    @Override
    public Statement with(List<List<Statement>> bodies) {
      return new Switch(number, label, bodies.get(0), bodies.get(1));
    }
  }

  /** {@code for (int index = from; index < to; index++)}. */
  record Range(String index, Plain from, Plain to, List<Statement> body) implements Statement {
    @Override
    public List<List<Statement>> bodies() {
      return List.of(body);
    }

    @Override
    public Statement with(List<List<Statement>> bodies) {
      return new Range(index, from, to, bodies.get(0));
    }
  }

  /**
   * {@code for (type layer : all)}, where {@code all} is of a field: itself, a map's values or
   * entries.
   */
  record Each(String type, String layer, String all, String field, List<Statement> body)
      implements Statement {
    @Override
    public List<List<Statement>> bodies() {
      return List.of(body);
    }

    /** The layer of a pass. */
    String access() {
      return all.endsWith("entrySet()") ? layer + ".getValue()" : layer;
    }

    @Override
    public Statement with(List<List<Statement>> bodies) {
      return new Each(type, layer, all, field, bodies.get(0));
    }
  }

  /** {@code while (condition)}, whose condition changes with what {@code body} begins with. */
  record While(Plain condition, List<Statement> body) implements Statement {
    @Override
    public List<List<Statement>> bodies() {
      return List.of(body);
    }

    @Override
    public Statement with(List<List<Statement>> bodies) {
      return new While(condition, bodies.get(0));
    }
  }

  /** {@code do { body } while (condition)}; the condition changes with what body begins with. */
  record Do(Plain condition, List<Statement> body) implements Statement {
    @Override
    public List<List<Statement>> bodies() {
      return List.of(body);
    }

    @Override
    public Statement with(List<List<Statement>> bodies) {
      return new Do(condition, bodies.get(0));
    }
  }

  /** A plain statement that changes nothing: a check that holds, a call. */
  record Check(String code) implements Statement {}

  /** Ends a loop, or one pass of it. */
  record Leave(boolean loop) implements Statement {}

  /** The result. */
  record Return(Expression value) implements Statement {}
}
