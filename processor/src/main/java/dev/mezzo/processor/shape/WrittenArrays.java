package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.Solver;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a function's arrays of tensors while it is gone through: what is written on a
 * way that may not be taken is known behind it of all that is in the array.
 */
final class WrittenArrays {

  private final Solver solver;
  private final Map<Value, ArrayShapes> arrays = new HashMap<>();
  private final Map<Value, Integer> depths = new HashMap<>();
  private final Set<Value> changing = new HashSet<>();
  private List<Write> writes = new ArrayList<>();
  private int depth;

  /** A tensor that is written into an array, on a way that may not be taken. */
  record Write(Value array, Shaped shaped) {}

  WrittenArrays(Solver solver) {
    this.solver = solver;
  }

  void define(Value array, ArrayShapes shapes) {
    arrays.put(array, shapes);
    depths.put(array, depth);
  }

  /** What is known of it; null if nothing. */
  @Nullable ArrayShapes get(Value array) {
    return arrays.get(array);
  }

  /** Whether a loop that is gone through writes it: what is in it may be of any pass. */
  boolean isChanging(Value array) {
    return changing.contains(array);
  }

  void write(Statement.Write write, Shaped shaped) {
    ArrayShapes before = arrays.get(write.array());
    if (before == null) {
      return;
    }
    if (isOuter(write.array())) {
      writes.add(new Write(write.array(), shaped));
      return;
    }
    boolean last = write.index().code().equals(write.array().name() + ".size()");
    int size = before.all().map(List::size).orElse(-1);
    int index = last ? size : index(write.index()).filter(at -> at <= size).orElse(-1);
    arrays.put(write.array(), before.with(index, shaped, solver));
  }

  /** An index that is known. */
  static Optional<Integer> index(Argument.Plain index) {
    return index.constant().stream().mapToObj(number -> (int) number).findFirst();
  }

  /** Begins a way. Returns what {@link #leave} wants. */
  List<Write> enter() {
    List<Write> outer = writes;
    writes = new ArrayList<>();
    depth++;
    return outer;
  }

  /** Puts other shapes for those that were written on the way, at its end. */
  void settle(UnaryOperator<Shaped> shapes) {
    writes.replaceAll(write -> new Write(write.array(), shapes.apply(write.shaped())));
  }

  /** Ends a way. */
  void leave(List<Write> outer) {
    depth--;
    List<Write> inner = writes;
    writes = outer;
    for (Write write : inner) {
      ArrayShapes before = arrays.get(write.array());
      if (isOuter(write.array())) {
        writes.add(write);
      } else if (before != null) {
        arrays.put(write.array(), before.with(write.shaped(), solver));
      }
    }
  }

  /** Goes through a loop that writes arrays. */
  void during(Statement.Loop loop, Runnable passes) {
    List<Value> opened =
        loop.body()
            .all()
            .filter(Statement.Write.class::isInstance)
            .map(write -> ((Statement.Write) write).array())
            .filter(array -> arrays.containsKey(array) && changing.add(array))
            .toList();
    passes.run();
    opened.forEach(changing::remove);
  }

  private boolean isOuter(Value array) {
    return depth > depths.getOrDefault(array, 0);
  }
}
