package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

@Half
final class UnsupportedConstruct extends Base { // ERROR UnsupportedConstruct: Base
  final boolean deep = true;
  final Tensor state = null;
  final List<List<UnsupportedConstruct>> layers = List.of();
  int calls;

  Tensor forward(Tensor x) {
    for (int i = 0; i < 3; i++) {
      relu(x); // ERROR UnsupportedConstruct: (
    }
    do {
      x = relu(x);
    } while (deep);
    outer:  // ERROR UnsupportedConstruct: outer
    {
      if (deep) {
        break outer;
      }
      x = relu(x);
    }
    while (relu(x).shape().rank() > 2) { // ERROR UnsupportedConstruct: >
      x = mean(x, 0);
    }
    Tensor h = relu(x);
    calls++; // ERROR UnsupportedConstruct: ++
    Tensor k = h = relu(h); // ERROR UnsupportedConstruct: = relu
    Tensor[] both = {x, h};
    both = new Tensor[2]; // ERROR UnsupportedConstruct: =
    Tensor[][] table = {both}; // ERROR UnsupportedConstruct: table
    List<Tensor> list = new java.util.ArrayList<>();
    list.remove(0); // ERROR UnsupportedConstruct: (
    Tensor[] halves = split(x, 0, 1, 1);
    halves[0] = h; // ERROR UnsupportedConstruct: =
    Tensor[] same = both; // ERROR UnsupportedConstruct: both
    UnaryOperator<Integer> f = n -> n + 1; // ERROR UnsupportedConstruct: n -> n
    Tensor sum = add(x, null); // ERROR UnsupportedConstruct: null
    Tensor product = multiply(both[0], h);
    Tensor shifted = add(x, state); // ERROR UnsupportedConstruct: state
    Tensor inner = layers.get(0).get(0).forward(x); // ERROR UnsupportedConstruct: .forward
    relu(h); // ERROR UnsupportedConstruct: (
    System.out.println(calls);
    switch (calls) {
      case 1: // ERROR UnsupportedConstruct: case
        x = relu(x);
      default:
        x = tanh(x);
    }
    Tensor yielded =
        switch (calls) {
          case 2: // ERROR UnsupportedConstruct: case
            if (deep) {
              yield relu(x);
            }
            yield x;
          default:
            yield tanh(x);
        };
    Object choice = calls;
    x =
        switch (choice) {
          case Sized(int n) -> relu(x); // ERROR UnsupportedConstruct: case
          default -> x;
        };
    int width =
        switch (calls) {
          case 1 -> { // ERROR UnsupportedConstruct: case
            yield 2;
          }
          default -> 3;
        };
    if (inTraining()) { // ERROR UnsupportedConstruct: ()
      x = relu(x);
    }
    try { // ERROR UnsupportedConstruct: try
      return x;
    } finally {
      calls = 0;
    }
  }

  boolean inTraining() {
    return training();
  }

  Tensor twice(Tensor x) {
    return twice(x);
  }
}

record Sized(int n) {}

class Base {
  Parameter weight = null;
}

@Half
record Recursive() {
  Tensor forward(Tensor x) {
    return again(relu(x));
  }

  private Tensor again(Tensor x) {
    return again(relu(x)); // ERROR UnsupportedConstruct: again
  }
}

@Half
interface Generic<T> { // ERROR UnsupportedConstruct: T
  Tensor forward(Tensor x, T plain);
}

@Half
abstract class Holding {
  final Holding inner = this; // ERROR UnsupportedConstruct: inner

  abstract Tensor forward(Tensor x);
}

@Half
enum Constant { // ERROR UnsupportedConstruct: enum
  ONE;

  Tensor forward(Tensor x) {
    return relu(x);
  }
}

@Half
record Patterns() {
  Tensor forward(Tensor x) {
    return x instanceof Parameter p ? p : x; // ERROR UnsupportedConstruct: instanceof
  }
}

@Half
record Overloaded() {
  Tensor forward(Tensor x) {
    return relu(x);
  }

  Tensor forward(Tensor x, Tensor y) { // ERROR UnsupportedConstruct: forward
    return add(x, y);
  }
}

@Half
record Arguments() {
  Tensor forward(List<Tensor> all, Tensor x) throws Exception { // ERROR UnsupportedConstruct: all // ERROR UnsupportedConstruct: Exception
    return relu(x);
  }
}

@Half
record Precisions(dev.mezzo.layers.Linear linear) {
  Tensor forward(Tensor x) {
    @Full Tensor h = linear.forward(x); // ERROR UnsupportedConstruct: h
    @Full Tensor same = h; // ERROR UnsupportedConstruct: same
    @Half Tensor p = exp(same); // ERROR UnsupportedConstruct: p
    @Full Tensor q = low(p); // ERROR UnsupportedConstruct: q
    @Full int count = 3; // ERROR UnsupportedConstruct: count
    return q;
  }

  private Tensor low(Tensor x) {
    return relu(x);
  }
}

@Half
record Records() {
  record Pair(Tensor a, Tensor b) {}

  Tensor forward(Tensor x) {
    Pair pair = new Pair(x, relu(x));
    Pair none = null; // ERROR UnsupportedConstruct: null
    Pair chosen = x.shape().rank() > 2 ? pair : null; // ERROR UnsupportedConstruct: null
    return pair.a();
  }
}

@Half
record OfParameters(@MasterFp32 Parameter[] weights, @MasterFp32 Map<String, Parameter> named) {
  Tensor forward(Tensor x) {
    Parameter[] same = weights; // ERROR UnsupportedConstruct: same
    for (Map.Entry<String, Parameter> entry : named.entrySet()) {
      x = entry.equals(weights) ? x : relu(x); // ERROR UnsupportedConstruct: entry
    }
    return add(x, stack(0, weights)); // ERROR UnsupportedConstruct: weights)
  }
}

@Half
record Elsewhere(
    dev.mezzo.layers.Linear a, dev.mezzo.layers.Linear b, List<dev.mezzo.layers.Linear> all, int[] counts) {
  Tensor forward(Tensor x) {
    UnaryOperator<Tensor> f = t -> relu(t); // ERROR UnsupportedConstruct: t -> relu
    x = all.stream().reduce(x, (h, layer) -> layer.forward(h), (h, k) -> k); // ERROR UnsupportedConstruct: (h, layer)
    for (var layer : all.reversed()) { // ERROR UnsupportedConstruct: ()
      x = layer.forward(x);
    }
    var either = counts[0] > 0 ? a : b; // ERROR UnsupportedConstruct: ? a
    counts[0] += 1; // ERROR UnsupportedConstruct: += 1
    return either.forward(x);
  }
}

@Half
record Unassigned(int depth) {
  Tensor forward(Tensor x) {
    Tensor h;
    while (true) {
      h = relu(x);
      if (depth > 1) {
        break;
      }
    }
    return h; // ERROR UnsupportedConstruct: h
  }
}

@Half
record Again(@Recompute float factor) { // ERROR UnsupportedConstruct: @Recompute
  @Recompute // ERROR UnsupportedConstruct: @Recompute
  Tensor forward(Tensor x) {
    @Recompute Tensor h = relu(x); // ERROR UnsupportedConstruct: @Recompute
    @Recompute int rank = x.shape().rank(); // ERROR UnsupportedConstruct: @Recompute
    return scale(x, factor);
  }
}

@Recompute
@LossScaled
@Half
record AgainWithLoss() { // ERROR UnsupportedConstruct: record
  Tensor loss(Tensor x) {
    return sum(x);
  }
}

@Half
record Nothing() {
  Tensor forward(Tensor x) { // ERROR UnsupportedConstruct: forward
  }
}

@Half
record SometimesNothing() {
  Tensor forward(Tensor x) {
    if (x.shape().rank() > 2) {
      return; // ERROR UnsupportedConstruct: return
    }
    return x;
  }
}

@Half
record AlwaysThrowing() {
  Tensor forward(Tensor x) { // ERROR UnsupportedConstruct: forward
    throw new IllegalStateException("not today");
  }
}

@Half
record NoCaseHasAResult(int kind) {
  Tensor forward(Tensor x) { // ERROR UnsupportedConstruct: forward
    x = switch (kind) {
      case 1 -> throw new IllegalStateException("one");
      default -> throw new IllegalStateException("another");
    };
    return relu(x);
  }
}

@Half
record Comparing<B extends Comparable<B>>(B one, B other) {
  Tensor forward(Tensor x) {
    return scale(x, one.compareTo(other)); // ERROR UnsupportedConstruct: (other
  }
}
