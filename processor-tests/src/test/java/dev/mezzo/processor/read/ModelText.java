package dev.mezzo.processor.read;

import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.Statement;
import java.util.List;
import java.util.stream.Collectors;

/** A layer's functions as text, a statement a line: what the reader has understood. */
final class ModelText {

  private ModelText() {}

  static String of(LayerModel layer) {
    return layer.functions().stream().map(ModelText::of).collect(Collectors.joining());
  }

  private static String of(FunctionModel function) {
    StringBuilder text =
        new StringBuilder()
            .append(function.name())
            .append(
                function.formals().stream()
                    .map(ModelText::of)
                    .collect(Collectors.joining(", ", "(", ")\n")));
    append(text, function.body(), "  ");
    return text.toString();
  }

  private static void append(StringBuilder text, Block block, String indent) {
    for (Statement statement : block.statements()) {
      text.append(indent).append(statement.position().line()).append(": ");
      text.append(of(statement)).append('\n');
      switch (statement) {
        case Statement.If branch -> {
          append(text, branch.then(), indent + "  ");
          text.append(indent).append("else\n");
          append(text, branch.otherwise(), indent + "  ");
        }
        case Statement.Loop loop -> append(text, loop.body(), indent + "  ");
        default -> {}
      }
    }
  }

  private static String of(Formal formal) {
    return switch (formal) {
      case Formal.OfTensor(var value) -> value.name();
      case Formal.OfPlain(String type, String name) -> type + " " + name;
    };
  }

  private static String of(Statement statement) {
    return switch (statement) {
      case Statement.Apply(var result, Call call, var _) -> result.name() + " = " + of(call);
      case Statement.Write(var array, Argument.Plain index, Argument.OfTensor value, var _) ->
          array.name() + "[" + of(index) + "] = " + of(value);
      case Statement.PlainLocal(String type, String name, Argument.Plain value, var _) ->
          type + " " + name + " = " + of(value);
      case Statement.PlainAssign(String _, Argument.Plain code, var _) -> of(code);
      case Statement.Effect(Argument.Plain code, boolean ends, var _) ->
          (ends ? "end " : "do ") + of(code);
      case Statement.If branch ->
          branch.joins().stream()
              .map(
                  join ->
                      join.result().name() + " = " + of(join.then()) + " : " + of(join.otherwise()))
              .collect(Collectors.joining(", ", "if " + of(branch.condition()) + " (", ")"));
      case Statement.Loop loop ->
          loop.carried().stream()
              .map(
                  carried ->
                      carried.inside().name()
                          + " = "
                          + of(carried.initial())
                          + ", "
                          + of(carried.next()))
              .collect(Collectors.joining("; ", of(loop) + " (", ")"));
      case Statement.Return(Argument.OfTensor result, var _) -> "return " + of(result);
    };
  }

  private static String of(Statement.Loop loop) {
    String head =
        switch (loop.head()) {
          case LoopHead.Range range ->
              "for "
                  + range.index()
                  + " from "
                  + of(range.from())
                  + (range.down() ? " down" : "")
                  + (range.inclusive() ? " to " : " before ")
                  + of(range.to());
          case LoopHead.Each each -> "for " + each.element() + " of " + of(each.elements());
          case LoopHead.While until -> "while " + of(until.condition());
        };
    return head + loop.stop().map(stop -> " until " + stop).orElse("");
  }

  private static String of(Call call) {
    String callee =
        switch (call) {
          case Call.OfOperation(var operation, var _) ->
              operation.owner().name() + "." + operation.name() + (operation.taped() ? "~" : "");
          case Call.OfLayer(var layer, var _) ->
              layer.field().access()
                  + layer.element().map(element -> "[" + of(element) + "]").orElse("")
                  + "."
                  + layer.field().type();
          case Call.OfArray _ -> "new";
          case Call.OfElement _ -> "element";
          case Call.OfFunction(String function, var _) -> "#" + function;
        };
    return callee + of(call.arguments());
  }

  private static String of(List<Argument> arguments) {
    return arguments.stream().map(ModelText::of).collect(Collectors.joining(", ", "(", ")"));
  }

  private static String of(Argument argument) {
    return switch (argument) {
      case Argument.OfValue(var value, var _) -> value.name();
      case Argument.OfParameter(var parameter, var _) -> "@" + parameter.access();
      case Argument.Plain plain ->
          "<"
              + plain.type()
              + " "
              + plain.code()
              + (plain.reads().isEmpty() ? "" : " of " + names(plain))
              + (plain.locals().isEmpty() ? "" : " with " + String.join(", ", plain.locals()))
              + (plain.constant().isPresent() ? " = " + plain.constant().getAsDouble() : "")
              + ">";
    };
  }

  private static String names(Argument.Plain plain) {
    return plain.reads().stream().map(value -> value.name()).collect(Collectors.joining(", "));
  }
}
