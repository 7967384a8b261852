package dev.mezzo.programs;

import java.util.ArrayList;
import java.util.List;

/** What may be used at a place of a method. */
record Scope(
    List<Tensor> tensors,
    List<Plain> plain,
    List<Expression.Invoke> loopLayers,
    List<Expression.Several> arrays,
    List<String> pairs,
    int depth) {

  /** How many tensors an array or list has, of (3, 4) each. */
  static final int SEVERAL = 3;

  /** A tensor by name. */
  record Tensor(String name, int rows, int columns) {}

  Scope() {
    this(
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        0);
  }

  /** What a block within may use; what it declares is not seen outside. */
  Scope inner() {
    return new Scope(
        new ArrayList<>(tensors),
        new ArrayList<>(plain),
        new ArrayList<>(loopLayers),
        new ArrayList<>(arrays),
        new ArrayList<>(pairs),
        depth + 1);
  }

  List<Tensor> of(int rows, int columns) {
    return tensors.stream().filter(t -> t.rows == rows && t.columns == columns).toList();
  }
}
