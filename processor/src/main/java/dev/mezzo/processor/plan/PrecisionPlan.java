package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Map;

/**
 * The precision of everything in a layer.
 *
 * @param functions by name
 */
public record PrecisionPlan(Map<String, OfFunction> functions) {

  /** The plan of the function with the given name. */
  public OfFunction of(String function) {
    OfFunction plan = functions.get(function);
    if (plan == null) {
      throw new IllegalArgumentException("no function '" + function + "'");
    }
    return plan;
  }

  /**
   * The precision of everything in a function.
   *
   * @param values of each tensor that it receives or computes
   * @param arguments by the statement itself, not one that is equal to it: what each argument is
   *     read in, in order; {@code ANY}: as it comes (and for plain Java). Of a return, one entry
   * @param inputs what each tensor parameter is given in
   * @param output what it returns
   */
  public record OfFunction(
      Map<Value, Precision> values,
      Map<Statement, List<Precision>> arguments,
      List<Precision> inputs,
      Precision output) {

    /** What the value is held in. */
    public Precision of(Value value) {
      return values.getOrDefault(value, Precision.ANY);
    }

    /** What the statement reads an argument in. */
    public Precision argument(Statement statement, int index) {
      List<Precision> read = arguments.get(statement);
      return read == null ? Precision.ANY : read.get(index);
    }
  }
}
