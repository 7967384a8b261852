package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.Given;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.dims.Solver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of the shapes in an array of tensors.
 *
 * @param all of each of them; empty where it is not known which is where
 * @param common what the shapes of all have in common; empty as long as there are none
 */
record ArrayShapes(Optional<List<Shaped>> all, Optional<Shaped> common) {

  /** Of an array with nothing in it. */
  static ArrayShapes empty() {
    return new ArrayShapes(Optional.of(List.of()), Optional.empty());
  }

  /** Of these, in order. */
  static ArrayShapes of(List<Shaped> all, Solver solver) {
    ArrayShapes shapes = empty();
    for (int i = 0; i < all.size(); i++) {
      shapes = shapes.with(i, all.get(i), solver);
    }
    return shapes;
  }

  /** Of as many as there are, which have that in common. */
  static ArrayShapes alike(Shaped common) {
    return new ArrayShapes(Optional.empty(), Optional.of(common));
  }

  /** With another one at an index: instead of one, or behind the last. */
  ArrayShapes with(int index, Shaped shaped, Solver solver) {
    Optional<List<Shaped>> known = all.filter(before -> index >= 0 && index <= before.size());
    return new ArrayShapes(known.map(before -> put(before, index, shaped)), joined(shaped, solver));
  }

  /** With another one somewhere. */
  ArrayShapes with(Shaped shaped, Solver solver) {
    return new ArrayShapes(Optional.empty(), joined(shaped, solver));
  }

  private Optional<Shaped> joined(Shaped shaped, Solver solver) {
    return Optional.of(
        common
            .map(
                before ->
                    new Shaped(
                        solver.join(before.shape(), shaped.shape()),
                        before.origin(),
                        before.position()))
            .orElse(shaped));
  }

  private static List<Shaped> put(List<Shaped> before, int index, Shaped shaped) {
    List<Shaped> after = new ArrayList<>(before);
    if (index < after.size()) {
      after.set(index, shaped);
    } else {
      after.add(shaped);
    }
    return after;
  }

  /** The one at an index; of which it is not known, what all have in common. */
  Optional<Shaped> at(Optional<Integer> index) {
    return all.filter(_ -> index.isPresent())
        .filter(known -> index.get() >= 0 && index.get() < known.size())
        .map(known -> known.get(index.get()))
        .or(() -> common);
  }

  /** As a call is given them. */
  Given.OfTensors given() {
    Optional<List<ShapeTerm>> terms = all.map(known -> known.stream().map(Shaped::shape).toList());
    return new Given.OfTensors(terms, common.map(Shaped::shape));
  }
}
