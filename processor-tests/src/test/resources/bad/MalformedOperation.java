package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

import dev.mezzo.Tape;
import java.util.List;

class MalformedOperation {
  @Op(PrecisionClass.FOLLOW)
  Tensor notStatic(Tensor x) { // ERROR MalformedOperation: notStatic
    return x;
  }

  @Op(PrecisionClass.FOLLOW)
  private static Tensor hidden(Tensor x) { // ERROR MalformedOperation: hidden
    return x;
  }

  @Op(PrecisionClass.FOLLOW)
  public static float first(Tensor x) { // ERROR MalformedOperation: first
    return 1;
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor fill(float value) { // ERROR MalformedOperation: fill
    return null;
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor subtract(Tensor x, Tensor y) { // ERROR MalformedOperation: subtract
    return x;
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor concat(List<Tensor> parts) { // ERROR MalformedOperation: concat
    return parts.getFirst();
  }

  @Op(PrecisionClass.ALLOW)
  public static Tensor sum(Tensor[] parts) { // ERROR MalformedOperation: sum
    return parts[0];
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor taped(Tape tape, Tensor x) { // ERROR MalformedOperation: taped
    return x;
  }
}
