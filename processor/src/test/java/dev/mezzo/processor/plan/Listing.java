package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Programs as lines of text, short enough to compare with in a test. */
final class Listing {
  private Listing() {}

  static List<String> forward(ModelBuilder layer) {
    return of(layer.plan().entry().forward());
  }

  static List<String> backward(ModelBuilder layer) {
    return of(layer.plan().entry().backward().orElseThrow().steps());
  }

  static List<String> of(List<Step> steps) {
    List<String> lines = new ArrayList<>();
    steps.forEach(step -> lines.addAll(of(step)));
    return lines;
  }

  private static List<String> of(Step step) {
    return switch (step) {
      case Step.Compute c ->
          List.of(c.result().name() + " = " + choice(c.need(), of(c.expression())));
      case Step.Declare(Value value, Need present, boolean sum) ->
          List.of(value.name() + (sum ? " = null" : ""));
      case Step.Plus p -> List.of(p.sum().name() + " plus= " + choice(p.need(), of(p.gradient())));
      case Step.Branch b -> block("if " + of(b.condition()), b.then(), "else", b.otherwise());
      case Step.Loop l -> block(of(l.header()), l.body(), "", List.of());
      case Step.Change(var code, var position) -> List.of(code.code());
      case Step.Effect(var code, var ends, var position) -> List.of(code.code());
      case Step.Run r -> List.of(of(r.expression()));
      case Step.Accumulate a -> List.of(a.parameter().name() + " += " + of(a.gradient()));
      case Step.Local(var local) -> List.of(local.name() + " = " + local.value().code());
      case Step.Named(Value name, var plain) -> List.of(name.name() + " = " + plain.code());
      case Step.Finish f -> List.of(f.variable().name() + " = finish " + of(f.expression()));
      case Step.TakeLayout t -> List.of(t.result().name() + " = " + t.tensor().name() + ".layout");
      case Step.Save(Saved s) -> List.of("save " + s.value().name() + layout(s));
      case Step.Restore(Saved s, Need need) -> List.of("restore " + s.restored().name());
      case Step.Drop(int entries) -> List.of("drop " + entries);
      case Step.Close(Value value, Need need) ->
          List.of((need.depends() ? "close if " + of(need) + " " : "close ") + value.name());
      case Step.Return(List<Value> values) ->
          List.of(
              ("return " + values.stream().map(Value::name).collect(Collectors.joining(", ")))
                  .strip());
      case Step.ReturnRetained(Input input) -> List.of("return retained " + of(input));
      case Step.When w -> block("if " + of(w.need()), w.then(), "else", w.otherwise());
      case Step.Leave l -> {
        List<String> lines = new ArrayList<>(List.of("unless " + of(l.need())));
        of(l.otherwise()).forEach(line -> lines.add("  " + line));
        lines.add("  return null");
        yield lines;
      }
    };
  }

  private static List<String> block(
      String head, List<Step> steps, String second, List<Step> otherwise) {
    List<String> lines = new ArrayList<>(List.of(head));
    of(steps).forEach(line -> lines.add("  " + line));
    if (!otherwise.isEmpty()) {
      lines.add(second);
      of(otherwise).forEach(line -> lines.add("  " + line));
    }
    return lines;
  }

  /** {@code for i: 0, n}, {@code for i: 0, n backwards}. */
  private static String of(LoopHeader header) {
    String inputs = header.inputs().stream().map(Listing::of).collect(Collectors.joining(", "));
    String name =
        switch (header.head()) {
          case LoopHead.Range range -> "for " + range.index();
          case LoopHead.Each each -> "for " + each.element();
          case LoopHead.While loop -> "while";
        };
    return name
        + ": "
        + inputs
        + header.passes().map(passes -> " " + passes.name()).orElse("")
        + (header.reversed() ? " backwards" : "");
  }

  private static String layout(Saved saved) {
    return saved.content() == Saved.Content.LAYOUT ? ".layout" : "";
  }

  private static String choice(Need need, String value) {
    return need.depends() ? of(need) + " ? " + value : value;
  }

  private static String of(Expression expression) {
    String inputs =
        expression.inputs().stream().map(Listing::of).collect(Collectors.joining(", ", "(", ")"));
    return switch (expression) {
      case Expression.Rerun(Expression forward) -> of(forward) + ".close";
      case Expression.NewArray _ -> "new" + inputs;
      case Expression.OnArray call -> call.array().name() + "." + call.method() + inputs;
      case Expression.Operation operation -> operation.name() + inputs;
      case Expression.Components components -> components.call().name() + inputs;
      case Expression.Fused fused -> fused.constant() + inputs;
      case Expression.LayerForward call -> call.layer().field().name() + ".forward" + inputs;
      case Expression.LayerBackward call -> call.layer().field().name() + ".backward" + inputs;
      case Expression.FunctionForward call -> call.function() + inputs;
      case Expression.FunctionBackward call -> call.function() + "Backward" + inputs;
      case Expression.Element(Value array, int index) -> array.name() + "[" + index + "]";
      case Expression.Share(Input input, boolean moved) -> of(input) + (moved ? "" : " retained");
    };
  }

  private static String of(Input input) {
    return switch (input) {
      case Input.Sum(Value soFar) -> "sum " + soFar.name();
      case Input.NoSum _ -> "none";
      case Input.SumOf(var parameter, var _) -> parameter.name() + ".sum()";
      case Input.ViewOfSum(var view) -> of(view);
      case Input.Whole(var array) -> array.name();
      case Input.Again(var draws) -> "again " + draws.name();
      case Input.Refilled _ -> "tape";
      case Input.Filled(var array, var layouts) -> array.name() + ".filled " + of(layouts);
      case Input.Variable(Value value) -> value.name();
      case Input.OfParameter(var parameter, var _, Precision precision) ->
          parameter.name() + (precision == Precision.FULL ? ".full" : ".half");
      case Input.LayoutOf(Input tensor) -> of(tensor) + ".layout";
      case Input.Code(var plain) -> plain.code();
      case Input.Tape(boolean unsaved) -> unsaved ? "unsaved" : "tape";
      case Input.Type(Precision precision) -> precision == Precision.FULL ? "full" : "half";
      case Input.Wanted(Need need) -> of(need);
      case Input.Finish(var fused, var variable) ->
          variable.map(Value::name).orElseGet(() -> "finish " + of(fused));
      case Input.Handed(String name) -> name;
      case Input.Nothing nothing -> "null";
    };
  }

  private static String of(Need need) {
    return need.always()
        ? "true"
        : need.never()
            ? "false"
            : need.inputs().stream().map(Value::name).collect(Collectors.joining("|"));
  }
}
