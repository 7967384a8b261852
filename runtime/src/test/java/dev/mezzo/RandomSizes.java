package dev.mezzo;

import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Random sizes for the names in a rule of shapes: 0, 1, primes, tails, and what mostly fits. */
final class RandomSizes {

  private static final int[] SIZES = {1, 1, 2, 3, 4, 5, 7, 8, 13, 15, 16, 17, 31, 33, 65, 130};

  /** The product of all sizes stays below it. */
  private static final int MOST = 1 << 13;

  private static final int RANKS = 4;

  private final Random random;
  private final Map<String, Integer> named = new HashMap<>();

  /** Dimensions that a pattern leaves open, by its name: {@code ...} or {@code rows...}. */
  private final Map<String, int[]> open = new HashMap<>();

  private final int axis;
  private long product = 1;

  RandomSizes(Random random) {
    this.random = random;
    int rank = random.nextInt(RANKS + 1);
    int[] rows = IntStream.range(0, rank).map(i -> size()).toArray();
    this.axis = rank == 0 ? 0 : random.nextInt(rank);
    open.put("", rows);
    open.put("rows", rows);
    int[] places = rows.clone();
    if (rank > 0) {
      places[axis] = size();
    }
    open.put("places", places);
    named.put("axis", rank == 0 ? 1 : rows[axis]);
  }

  int[] rows() {
    return open("rows");
  }

  /** As rows, but for the dimension {@link #axis}. */
  Shape along() {
    int[] dims = rows();
    if (dims.length > 0) {
      dims[axis] = size();
    }
    return Shape.of(dims);
  }

  /** A dimension of the rows. */
  int axis() {
    return axis;
  }

  /** Says what a name is. */
  void put(String name, int size) {
    named.put(name, size);
  }

  /** The size of that name, if it has one. */
  int get(String name, int otherwise) {
    return named.getOrDefault(name, otherwise);
  }

  /** A shape that fits to a pattern. */
  Shape shape(List<String> pattern) {
    List<Integer> dims = new ArrayList<>();
    for (String text : pattern) {
      if (text.endsWith("...")) {
        repeated(text.substring(0, text.length() - "...".length()), dims);
      } else {
        dims.add(ShapePattern.dim(text, this::symbol));
      }
    }
    return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
  }

  /** What is open without a name may lack dimensions in front, and have others of 1. */
  private void repeated(String name, List<Integer> dims) {
    int[] all = open(name);
    boolean repeats = name.isEmpty() && random.nextInt(3) == 0;
    for (int i = repeats ? random.nextInt(all.length + 1) : 0; i < all.length; i++) {
      dims.add(repeats && random.nextInt(3) == 0 ? 1 : all[i]);
    }
  }

  private int[] open(String name) {
    int[] dims = open.get(name);
    return dims == null ? rows() : dims.clone();
  }

  int symbol(String name) {
    Integer known = named.get(name);
    if (known == null) {
      known = fitting(name);
      named.put(name, known);
    }
    return known;
  }

  private int fitting(String name) {
    return switch (name) {
      case "directions" -> random.nextInt(1, 3);
      case "kernelHeight", "kernelWidth", "kernel" -> random.nextInt(1, 5);
      case "in", "out", "channels" -> multiple(get("groups", 1));
      case "width" -> get("heads", 0) == 0 ? size() : symbol("heads") * symbol("dim");
      case "size" -> (random.nextBoolean() ? symbol("heads") : 1) * symbol("dim");
      case "dim" -> 2 * random.nextInt(1, 10);
      case "b" -> oneOr("batch");
      case "h" -> oneOr("heads");
      case "m" -> oneOr("queries");
      case "n" -> Math.max(size(), Math.max(get("time", 0), get("least", 0)));
      default -> size();
    };
  }

  private int multiple(int of) {
    return of * Math.max(1, size() / of);
  }

  private int oneOr(String name) {
    return random.nextBoolean() ? 1 : symbol(name);
  }

  int size() {
    if (random.nextInt(40) == 0) {
      return 0;
    }
    int size = SIZES[random.nextInt(SIZES.length)];
    while (size > 1 && product * size > MOST) {
      size /= 2;
    }
    product *= size;
    return size;
  }
}
