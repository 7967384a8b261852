package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;
import java.util.ArrayList;
import java.util.List;

@Half
final class UnsupportedConstruct {
  static final int[] DIMS = {2, 3};
  private static final float FACTOR = 0.5f;
  final boolean deep = true;
  final int heads;

  UnsupportedConstruct(int heads) {
    this.heads = heads;
    for (int i = 0; i < heads; i++) {
      assert i < 8;
    }
  }

  Tensor forward(Tensor x, int extra) {
    var batch = x.shape().dim(0);
    int columns = deep ? heads * (extra + 2) : DIMS[1];
    Tensor same = x;
    {
      Tensor h = reshape(same, batch, columns, -1);
      ;
    }
    for (int i = 0; i < 3; i++) {
      if (deep) {
        break;
      }
      same = relu(same);
    }
    if (deep) {
      if (extra > 1) {
        return same;
      }
      return twice(x, 1);
    }
    while (same.shape().rank() > 2) {
      same = mean(same, 0);
    }
    Tensor later;
    if (columns > 2) {
      later = relu(same);
    } else {
      later = deep ? same : x;
    }
    switch (extra) {
      case 1:
      case 2:
        same = relu(same);
        break;
      case 3:
        return later;
      default:
        same = training() ? tanh(same) : same;
    }
    Tensor chosen =
        switch (extra) {
          case 1, 2 -> same;
          default -> {
            int n = extra;
            yield scale(same, n);
          }
        };
    int width =
        switch (extra) {
          case 1 -> 2;
          default -> 3;
        };
    Tensor[] both = {chosen, later};
    both[1] = both[0];
    List<Tensor> list = new ArrayList<>(2);
    list.add(both[0]);
    for (Tensor each : list) {
      same = add(same, each);
    }
    Tensor joined = concat(0, list.toArray(new Tensor[0]));
    var h = twice(scale(((x)), -FACTOR), Math.max(1, columns));
    return this.twice(add(h, joined), width() + width);
  }

  int width() {
    return heads;
  }

  private static Tensor twice(Tensor x, int n) {
    return scale(add(x, x), 1f / n);
  }
}

@Half
record Records() {
  record Pair(Tensor a, Tensor b) {}

  Pair forward(Tensor x, Pair before) {
    Pair pair;
    if (x.shape().rank() > 2) {
      pair = before;
    } else {
      pair = new Pair(x, before.a());
    }
    return swapped(pair);
  }

  private Pair swapped(Pair pair) {
    return new Pair(pair.b(), relu(pair.a()));
  }
}

@Half
record Scaled(@MasterFp32 Parameter weight) {
  Tensor forward(Tensor x) {
    return multiply(x, weight);
  }
}

@Half
record OfParameters(Scaled[] scaled) {
  Tensor forward(Tensor x) {
    Tensor h = x;
    for (Scaled each : scaled) {
      h = each.forward(h);
    }
    return h;
  }
}

@Half
record Nothing() {
  Tensor forward(Tensor x) {
    return x;
  }
}

@Half
record SometimesNothing() {
  Tensor forward(Tensor x) {
    if (x.shape().rank() > 2) {
      return relu(x);
    }
    return x;
  }
}

@Recompute
@Half
record Again(@Recompute Nothing inner, float factor) {
  Tensor forward(Tensor x) {
    return scaled(inner.forward(x));
  }

  @Recompute
  private Tensor scaled(Tensor x) {
    return scale(tanh(x), factor);
  }
}

@Half
record Comparing<B extends Comparable<B>>(B one, B other) {
  Tensor forward(Tensor x) {
    return scale(x, compared());
  }

  int compared() {
    return one.compareTo(other);
  }
}
