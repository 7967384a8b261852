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
   * @param index within the array or list; -1 where there is none
   */
  record Invoke(String access, String field, Plain index, List<Expression> parts)
      implements Expression {
    @Override
    public Expression with(List<Expression> other) {
      return new Invoke(access, field, index, other);
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
