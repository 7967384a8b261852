package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.Value;
import java.util.List;

/** The operations of the runtime that the plan itself inserts. */
final class Inserted {
  private static final ClassName OPS = new ClassName("dev.mezzo", "Ops");

  private Inserted() {}

  static Expression cast(Input tensor, Precision to) {
    return new Expression.Operation(OPS, "cast", List.of(tensor, new Input.Type(to)));
  }

  static Expression add(Value a, Value b) {
    return new Expression.Operation(
        OPS, "add", List.of(new Input.Variable(a), new Input.Variable(b)));
  }
}
