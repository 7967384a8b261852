package dev.mezzo.programs;

import java.util.List;

/** What gives a tensor. */
public sealed interface Expression {

  /** The expressions that it is made of. */
  default List<Expression> parts() {
    return List.of();
  }

  /** The same, made of others. */
  default Expression with(List<Expression> parts) {
    return this;
  }

  /** A tensor by name: an argument or a local variable. */
  record Local(String name) implements Expression {}

  /** {@code new Pair(h, c)}; this, a local variable, and calls of what returns one give a pair. */
  record Both(List<Expression> parts) implements Expression {
    @Override
    public Expression with(List<Expression> other) {
      return new Both(other);
    }
  }

  /** One of both: {@code pair.c()}. */
  record Component(Expression pair, boolean second) implements Expression {
    @Override
    public List<Expression> parts() {
      return List.of(pair);
    }

    @Override
    public Expression with(List<Expression> other) {
      return new Component(other.getFirst(), second);
    }
  }

  /** {@code batchNorm} with weight and bias, running mean and variance that the fields hold. */
  record Norm(Expression x, List<String> weights, List<String> states) implements Expression {
    @Override
    public List<Expression> parts() {
      return List.of(x);
    }

    @Override
    public Expression with(List<Expression> other) {
      return new Norm(other.getFirst(), weights, states);
    }
  }

  /** One of an array or list of tensors. */
  record Element(Several array, Plain index) implements Expression {}

  /** The sum of all of an array or list. */
  record Total(Several array) implements Expression {}

  /** A local variable for several tensors. */
  record Several(String name, boolean list) {}

  /** A field of type Parameter. */
  record Weight(String field) implements Expression {}

  /** An operation. */
  record Apply(Operation operation, List<Expression> parts) implements Expression {
    @Override
    public Expression with(List<Expression> other) {
      return new Apply(operation, other);
    }
  }

  /**
   * A sub-layer's forward.
   *
   * @param access as Java: {@code first}, {@code rows.get(%s)}, a loop's variable
   * @param field that holds it, or the loop's variable
   * @param index within the array, list or map
   * @param plain int arguments
   */
  record Invoke(String access, String field, Plain index, List<Expression> parts, List<Plain> plain)
      implements Expression {
    @Override
    public Expression with(List<Expression> other) {
      return new Invoke(access, field, index, other, plain);
    }
  }

  /** A method of the class itself. */
  record Helper(String method, List<Expression> parts, List<Plain> plain) implements Expression {
    @Override
    public Expression with(List<Expression> other) {
      return new Helper(method, other, plain);
    }
  }

  /** {@code condition ? yes : no}. */
  record Choice(Plain condition, Expression yes, Expression no) implements Expression {
    @Override
    public List<Expression> parts() {
      return List.of(yes, no);
    }

    @Override
    public Expression with(List<Expression> other) {
      return new Choice(condition, other.get(0), other.get(1));
    }
  }
}
