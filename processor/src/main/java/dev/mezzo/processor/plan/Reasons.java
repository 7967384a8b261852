package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Says in a few words why a value has its precision, as the planners have decided. */
final class Reasons {
  private final LayerModel layer;

  Reasons(LayerModel layer) {
    this.layer = layer;
  }

  /** Of a tensor that a function is given. */
  String ofInput(TypedFunction function, Value input) {
    boolean root = layer.lossScaling().isPresent() && function.source().equals(layer.entry());
    return switch (function.of(input)) {
      case ANY -> "as the caller gives it: nothing here asks for a precision";
      case FULL ->
          root
              ? "the training is given FP32"
              : layer.precision() == Precision.FULL
                  ? "the layer is @Full"
                  : "all that read it here want full";
      case HALF -> "read in half here; the caller casts";
    };
  }

  /** Of what a node makes. */
  String of(Node node, TypedFunction function) {
    return switch (node) {
      case Node.Local local -> "";
      case Node.Assign assign -> "";
      case Node.Effect effect -> "";
      case Node.Write write -> "";
      case Node.If branch -> "";
      case Node.Loop loop -> "";
      case Node.Cast cast ->
          name(cast.operand()) + " is " + text(cast.from()) + ", and is read in " + text(cast.to());
      case Node.Apply apply ->
          switch (apply.callee()) {
            case Node.Callee.OfOperation(var operation) -> operation(apply, operation, function);
            case Node.Callee.OfArray _ -> "one precision for all that is written into it";
            case Node.Callee.OfElement _ -> "that of " + name(apply.operands().getFirst());
            case Node.Callee.OfLayer(var sub, var signature, var _) ->
                sub.field().full()
                    ? "@Full on '" + sub.name() + "'"
                    : "the result of "
                        + sub.field().type().name()
                        + " is "
                        + text(signature.output());
            case Node.Callee.OfFunction(var helper, var signature, var _) ->
                helper + " returns " + text(signature.output());
          };
    };
  }

  /** The annotation that decides, if one does: of the variable, the method or the layer. */
  private Optional<String> annotated(FunctionModel function, Value result) {
    FunctionModel.AnnotatedLocal asked = function.asked().get(result);
    if (asked != null) {
      String annotation = asked.precision() == Precision.FULL ? "Full" : "Half";
      return Optional.of("its variable is @" + annotation);
    }
    if (function.precision() == Precision.HALF) {
      return Optional.empty();
    }
    return Optional.of(
        layer.precision() == Precision.FULL ? "the layer is @Full" : "the method is @Full");
  }

  private String operation(Node.Apply node, OperationModel operation, TypedFunction function) {
    Precision precision = function.of(node.result());
    return switch (operation.precision()) {
      case ALLOW -> annotated(function.source(), node.result()).orElse("ALLOW");
      case DENY -> "DENY: needs the range of FP32";
      case FOLLOW -> {
        Optional<String> annotated = annotated(function.source(), node.result());
        if (annotated.isPresent()) {
          yield annotated.get();
        }
        List<Node.Operand> asked =
            IntStream.range(0, node.operands().size())
                .filter(i -> Signatures.differentiable(operation, i))
                .mapToObj(node.operands()::get)
                .filter(operand -> of(operand, function) == precision)
                .toList();
        String causes =
            asked.stream()
                .filter(
                    operand ->
                        operand instanceof Node.Operand.OfValue
                            || asked.stream().noneMatch(Node.Operand.OfValue.class::isInstance))
                .map(operand -> name(operand))
                .distinct()
                .collect(Collectors.joining(", "));
        yield causes.isEmpty() ? "FOLLOW: its readers want it so" : "FOLLOW: as " + causes;
      }
    };
  }

  private static Precision of(Node.Operand operand, TypedFunction function) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> function.of(value);
      case Node.Operand.OfParameter(var parameter, var precision) -> precision;
      case Node.Operand.OfPlain plain -> Precision.ANY;
    };
  }

  private static String name(Node.Operand operand) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> value.name();
      case Node.Operand.OfParameter(var parameter, var precision) -> parameter.name();
      case Node.Operand.OfPlain(var plain) -> plain.code();
    };
  }

  private static String text(Precision precision) {
    return precision == Precision.ANY ? "as it comes" : precision.name().toLowerCase(Locale.ROOT);
  }
}
