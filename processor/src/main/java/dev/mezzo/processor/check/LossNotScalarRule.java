package dev.mezzo.processor.check;

import dev.mezzo.annotations.PrecisionClass;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A loss is a scalar, as far as that can be told: operations declare scalar results, and those that
 * work element by element keep them. What a sub-layer returns is seen at run time only.
 */
final class LossNotScalarRule {
  private final LayerModel layer;
  private final Map<String, Rank> helpers = new HashMap<>();

  private LossNotScalarRule(LayerModel layer) {
    this.layer = layer;
  }

  /** What is known of a value's shape. */
  private enum Rank {
    SCALAR,
    /** A tensor from outside: a scalar only if the user gives one. */
    GIVEN,
    UNKNOWN,
    TENSOR
  }

  static Stream<Problem> check(LayerModel layer) {
    return layer.lossScaling().isEmpty()
        ? Stream.empty()
        : new LossNotScalarRule(layer).check(layer.entry());
  }

  private Stream<Problem> check(FunctionModel loss) {
    Map<Value, Rank> ranks = ranks(loss);
    return loss.body().statements().stream()
        .filter(Statement.Return.class::isInstance)
        .map(statement -> ((Statement.Return) statement).result())
        .filter(
            result ->
                switch (rank(result, ranks)) {
                  case TENSOR, GIVEN -> true;
                  case SCALAR, UNKNOWN -> false;
                })
        .map(
            result ->
                Catalogue.LOSS_NOT_SCALAR.at(
                    result.position(), layer.type().name(), describe(result, loss)));
  }

  private Map<Value, Rank> ranks(FunctionModel function) {
    Map<Value, Rank> ranks = new HashMap<>();
    ranks(function.body(), ranks);
    return ranks;
  }

  private void ranks(Block block, Map<Value, Rank> ranks) {
    for (Statement statement : block.statements()) {
      switch (statement) {
        case Statement.Apply(Value result, Call call, var _) ->
            ranks.put(result, rank(call, ranks));
        case Statement.If branch -> {
          ranks(branch.then(), ranks);
          ranks(branch.otherwise(), ranks);
          for (Statement.Join join : branch.joins()) {
            Rank then = rank(join.then(), ranks);
            ranks.put(join.result(), either(then, rank(join.otherwise(), ranks)));
          }
        }
        case Statement.Loop loop -> {
          loop.carried().forEach(carried -> ranks.put(carried.inside(), Rank.UNKNOWN));
          ranks(loop.body(), ranks);
          for (Statement.Carried carried : loop.carried()) {
            Rank last = rank(carried.next(), ranks);
            ranks.put(carried.after(), either(rank(carried.initial(), ranks), last));
          }
        }
        case Statement.PlainLocal _,
            Statement.PlainAssign _,
            Statement.Effect _,
            Statement.Write _,
            Statement.Return _ -> {}
      }
    }
  }

  private static Rank either(Rank a, Rank b) {
    return a == b ? a : Rank.UNKNOWN;
  }

  private Rank rank(Call call, Map<Value, Rank> ranks) {
    return switch (call) {
      case Call.OfLayer _, Call.OfArray _, Call.OfElement _ -> Rank.UNKNOWN;
      case Call.OfFunction(String name, var _) -> rankOfHelper(name);
      case Call.OfOperation(OperationModel operation, List<Argument> arguments) -> {
        if (operation.scalar()) {
          yield Rank.SCALAR;
        }
        if (operation.precision() == PrecisionClass.ALLOW) {
          yield Rank.TENSOR;
        }
        yield arguments.stream()
            .filter(Argument.OfTensor.class::isInstance)
            .map(argument -> rank((Argument.OfTensor) argument, ranks))
            .reduce(LossNotScalarRule::join)
            .orElse(Rank.UNKNOWN);
      }
    };
  }

  /** A helper's result, whatever it is given; found once. */
  private Rank rankOfHelper(String name) {
    Rank known = helpers.get(name);
    if (known != null) {
      return known;
    }
    Rank rank =
        layer.functions().stream()
            .filter(function -> function.name().equals(name))
            .findFirst()
            .map(this::rankOfResult)
            .filter(found -> found != Rank.GIVEN)
            .orElse(Rank.UNKNOWN);
    helpers.put(name, rank);
    return rank;
  }

  private Rank rankOfResult(FunctionModel function) {
    Map<Value, Rank> ranks = ranks(function);
    return function.body().statements().stream()
        .filter(Statement.Return.class::isInstance)
        .map(statement -> rank(((Statement.Return) statement).result(), ranks))
        .findFirst()
        .orElse(Rank.UNKNOWN);
  }

  private static Rank rank(Argument.OfTensor tensor, Map<Value, Rank> ranks) {
    return switch (tensor) {
      case Argument.OfValue(Value value, var _) -> ranks.getOrDefault(value, Rank.GIVEN);
      case Argument.OfParameter _ -> Rank.GIVEN;
    };
  }

  /** The rank of an element-wise result. */
  private static Rank join(Rank a, Rank b) {
    if (a == b) {
      return a;
    }
    return a == Rank.TENSOR || b == Rank.TENSOR ? Rank.TENSOR : Rank.UNKNOWN;
  }

  private static String describe(Argument.OfTensor result, FunctionModel loss) {
    return switch (result) {
      case Argument.OfParameter(ParameterModel parameter, var _) ->
          "parameter '" + parameter.name() + "'";
      case Argument.OfValue(Value value, var _) ->
          loss.body()
              .all()
              .filter(Statement.Apply.class::isInstance)
              .map(Statement.Apply.class::cast)
              .filter(apply -> apply.result().equals(value))
              .findFirst()
              .map(apply -> "the result of '" + callee(apply.call()) + "'")
              .orElse("its argument '" + value.name() + "'");
    };
  }

  private static String callee(Call call) {
    return switch (call) {
      case Call.OfOperation(OperationModel operation, var _) -> operation.name();
      case Call.OfArray _, Call.OfElement _ -> "element";
      case Call.OfLayer(var layer, var _) -> layer.name();
      case Call.OfFunction(String name, var _) -> name;
    };
  }
}
