package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Optional;

/** The operations of the runtime that the plan itself inserts. */
final class Inserted {
  private static final ClassName OPS = new ClassName("dev.mezzo", "Ops");

  private static final ClassName SUMS = new ClassName("dev.mezzo", "GradientSum");

  private Inserted() {}

  static Expression cast(Input tensor, Precision to) {
    return new Expression.Operation(OPS, "cast", List.of(tensor, new Input.Type(to)));
  }

  /** The sum of two gradients, which are given up. */
  static Expression plus(Value a, Value b) {
    return new Expression.Operation(
        SUMS, "plus", List.of(new Input.Variable(a), new Input.Variable(b)));
  }

  /** Whether that is the sum of two gradients. */
  static boolean isPlus(Expression expression) {
    return expression instanceof Expression.Operation(var owner, var name, var inputs)
        && owner.equals(SUMS)
        && name.equals("plus")
        && inputs.size() == 2;
  }

  /** The same sum where somebody still needs one of the two. */
  static Expression add(Expression plus) {
    return new Expression.Operation(OPS, "add", plus.inputs());
  }

  static Expression zeros(Input layout) {
    return new Expression.Operation(SUMS, "zeros", List.of(layout));
  }

  /** What has added up, or zeros where nothing has. */
  static Expression orZeros(Value sum, Input layout) {
    return new Expression.Operation(SUMS, "orZeros", List.of(new Input.Variable(sum), layout));
  }

  /** One of a field's parameters; its weight keeps it, too. */
  static Expression element(Node.Operand.OfParameter parameter, Input index) {
    return new Expression.Share(
        new Input.OfParameter(parameter.parameter(), Optional.of(index), parameter.precision()),
        false);
  }

  /** What has added up so far, and one more; both are given up. */
  static Expression plus(Value sum) {
    return new Expression.Operation(SUMS, "plus", List.of(new Input.Variable(sum)));
  }
}
