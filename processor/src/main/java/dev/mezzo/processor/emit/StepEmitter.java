package dev.mezzo.processor.emit;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Expression;
import dev.mezzo.processor.plan.Input;
import dev.mezzo.processor.plan.Need;
import dev.mezzo.processor.plan.Saved;
import dev.mezzo.processor.plan.Step;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the steps of a method, one a line. */
final class StepEmitter {
  private static final Map<String, String> BOXES =
      Map.of(
          "boolean", "Boolean",
          "byte", "Byte",
          "short", "Short",
          "char", "Character",
          "float", "Float",
          "double", "Double");

  private final CallEmitter calls;
  private final String tape;
  private final Code.Builder code = Code.builder();
  private final Set<Value> declared = new HashSet<>();

  private StepEmitter(CallEmitter calls, String tape) {
    this.calls = calls;
    this.tape = tape;
  }

  static Code emit(List<Step> steps, CallEmitter calls, String tape) {
    StepEmitter emitter = new StepEmitter(calls, tape);
    steps.forEach(emitter::step);
    return emitter.code.build();
  }

  private void step(Step step) {
    switch (step) {
      case Step.Compute compute -> compute(compute);
      case Step.Run run -> line(calls.call(run.expression()), remark(run.remark()));
      case Step.Accumulate accumulate -> accumulate(accumulate);
      case Step.Local(var local) ->
          line(
              Code.of("$L $L = $L", local.type(), local.name(), calls.code(local.value())),
              local.position().toString());
      case Step.Named(Value name, var plain) ->
          line(Code.of("$L $L = $L", plain.type(), name.name(), calls.code(plain)), "");
      case Step.TakeLayout(Value result, Value tensor, Need need) ->
          line(
              declare(Code.of("$T", Types.LAYOUT), result)
                  .add(" = $L.layout()", tensor.name())
                  .build(),
              "");
      case Step.Save(Saved saved) -> save(saved);
      case Step.Restore(Saved saved, Need need) -> restore(saved);
      case Step.Drop(int entries) ->
          line(Code.of("$L.drop($L)", tape, entries), "saved for an unwanted gradient");
      case Step.Close(Value value, Need need) -> close(value, need);
      case Step.Return(var values) -> returned(values);
      case Step.ReturnRetained(Input input) ->
          line(Code.of("return $L.retain()", calls.input(input)), "");
      case Step.When when -> when(when);
      case Step.Leave leave -> leave(leave);
    }
  }

  /**
   * <pre>{@code
   * Tensor h = relu(x); // Mlp.java:9  half
   * Tensor dx = wantDx ? reluGradient(dy, y) : null; // Mlp.java:9  half
   * }</pre>
   */
  private void compute(Step.Compute step) {
    Code type = step.array() ? Code.of("$T[]", Types.TENSOR) : Code.of("$T", Types.TENSOR);
    Code.Builder line = declare(type, step.result()).add(" = ");
    Code call = calls.checked(step.expression(), place(step));
    line(choice(line, step.need(), call), remark(step.remark()));
  }

  /** {@code Mlp.java:9 relu, h}. */
  private static String place(Step.Compute step) {
    String name = step.expression() instanceof Expression.Operation call ? call.name() : "";
    return step.remark().position() + " " + name + ", " + step.result().name();
  }

  private Code choice(Code.Builder line, Need need, Code value) {
    return need.depends()
        ? line.add("$L ? $L : null", calls.wanted(need), value).build()
        : line.add(value).build();
  }

  /** {@code weight.accumulate(linearGradientWeight(dy, x), "Linear.java:31 linear");}. */
  private void accumulate(Step.Accumulate step) {
    line(
        Code.of(
            "$L.accumulate($L, $S)",
            calls.field(step.parameter().name()),
            calls.checked(step.gradient(), step.source() + ", " + step.parameter().name()),
            step.source()),
        "");
  }

  /**
   * <pre>{@code
   * tape.save(x); // linear's weight gradient reads it
   * tape.save(x.layout()); // add's a gradient reads its shape
   * }</pre>
   */
  private void save(Saved saved) {
    String suffix = saved.content() == Saved.Content.LAYOUT ? ".layout()" : "";
    String what = saved.content() == Saved.Content.LAYOUT ? "its shape" : "it";
    line(
        Code.of("$L.save($L$L)", tape, saved.value().name(), suffix),
        readers(saved.readers()) + " " + what);
  }

  /** {@code relu's and matmul's a, b gradients read}. */
  private static String readers(List<Saved.Reader> readers) {
    Map<String, Set<String>> operands = new LinkedHashMap<>();
    for (Saved.Reader reader : readers) {
      operands
          .computeIfAbsent(reader.operation(), o -> new LinkedHashSet<>())
          .add(reader.operand());
    }
    String names =
        operands.entrySet().stream()
            .map(e -> (e.getKey() + "'s " + String.join(", ", e.getValue())).strip())
            .collect(Collectors.joining(" and "));
    boolean one = readers.stream().distinct().count() == 1;
    return names + (one ? " gradient reads" : " gradients read");
  }

  /**
   * <pre>{@code
   * Tensor x = tape.restoreTensor();
   * Layout xLayout = tape.restoreLayout();
   * float factor = tape.restore(Float.class);
   * }</pre>
   */
  private void restore(Saved saved) {
    Value restored = saved.restored();
    Code line =
        switch (saved.content()) {
          case TENSOR ->
              declare(Code.of("$T", Types.TENSOR), restored)
                  .add(" = $L.restoreTensor()", tape)
                  .build();
          case LAYOUT ->
              declare(Code.of("$T", Types.LAYOUT), restored)
                  .add(" = $L.restoreLayout()", tape)
                  .build();
          case PLAIN ->
              declare(Code.of("$L", saved.type()), restored)
                  .add(" = $L", plain(saved.type()))
                  .build();
        };
    line(line, "");
  }

  /** {@code (int) tape.restoreLong()}, {@code tape.restore(Float.class)}. */
  private Code plain(String type) {
    return switch (type) {
      case "long" -> Code.of("$L.restoreLong()", tape);
      case "int" -> Code.of("(int) $L.restoreLong()", tape);
      default -> Code.of("$L.restore($L.class)", tape, BOXES.getOrDefault(type, type));
    };
  }

  /** {@code h.close();}, where it may be null only if it is wanted. */
  private void close(Value value, Need need) {
    if (need.depends()) {
      code.beginControlFlow("if ($L)", calls.wanted(need));
      line(Code.of("$L.close()", value.name()), "");
      code.endControlFlow();
    } else {
      line(Code.of("$L.close()", value.name()), "");
    }
  }

  /**
   * <pre>{@code
   * return dx;
   * return new Tensor[] {dq, dk};
   * }</pre>
   */
  private void returned(List<Value> values) {
    String names = values.stream().map(Value::name).collect(Collectors.joining(", "));
    if (values.size() == 1) {
      line(Code.of("return $L", names), "");
    } else if (!values.isEmpty()) {
      line(Code.of("return new $T[] {$L}", Types.TENSOR, names), "");
    }
  }

  /**
   * <pre>{@code
   * Tensor dx = null;
   * if (wantDx) {
   *   dx = add(dx1, dx2);
   *   dx1.close();
   *   dx2.close();
   * }
   * }</pre>
   */
  private void when(Step.When step) {
    for (Step declares : step.declared()) {
      declares.declares().ifPresent(value -> declareAhead(declares, value));
    }
    code.beginControlFlow("if ($L)", calls.wanted(step.need()));
    step.then().forEach(this::step);
    if (!step.otherwise().isEmpty()) {
      code.nextControlFlow("else");
      step.otherwise().forEach(this::step);
    }
    code.endControlFlow();
  }

  private void declareAhead(Step step, Value value) {
    boolean layout =
        step instanceof Step.TakeLayout
            || (step instanceof Step.Restore(Saved saved, Need need)
                && saved.content() == Saved.Content.LAYOUT);
    boolean array = step instanceof Step.Compute compute && compute.array();
    line(
        Code.of(
            array ? "$T[] $L = null" : "$T $L = null",
            layout ? Types.LAYOUT : Types.TENSOR,
            value.name()),
        "");
    declared.add(value);
  }

  /**
   * <pre>{@code
   * if (!wantDx) {
   *   tape.drop(1);
   *   return null;
   * }
   * }</pre>
   */
  private void leave(Step.Leave step) {
    code.beginControlFlow("if ($L)", calls.unwanted(step.need()));
    step.otherwise().forEach(this::step);
    line(Code.of("return null"), "");
    code.endControlFlow();
  }

  private Code.Builder declare(Code type, Value value) {
    Code.Builder line = Code.builder();
    return declared.contains(value)
        ? line.add("$L", value.name())
        : line.add("$L $L", type, value.name());
  }

  /** {@code Mlp.java:9 half}, of a cast {@code Mlp.java:9 full → half}. */
  private static String remark(Step.Remark remark) {
    String precision = remark.precision() == Precision.ANY ? "" : "  " + name(remark.precision());
    String from = remark.from().map(before -> "  " + name(before) + " \u2192").orElse("");
    return remark.position() + from + (from.isEmpty() ? precision : precision.substring(1));
  }

  static String name(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  private void line(Code statement, String remark) {
    code.line(statement, remark.isEmpty() ? ";" : ";" + CodeLayout.mark(remark));
  }
}
