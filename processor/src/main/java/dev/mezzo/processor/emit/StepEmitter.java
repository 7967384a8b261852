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
  private final Set<String> declared = new HashSet<>();

  private StepEmitter(CallEmitter calls, String tape) {
    this.calls = calls;
    this.tape = tape;
  }

  static Code emit(List<Step> steps, CallEmitter calls, String tape) {
    StepEmitter emitter = new StepEmitter(calls, tape);
    calls.rename(SharedVariables.of(steps));
    steps.forEach(emitter::step);
    return emitter.code.build();
  }

  private void step(Step step) {
    switch (step) {
      case Step.Compute compute -> compute(compute);
      case Step.Declare declare -> declare(declare);
      case Step.Plus plus -> plus(plus);
      case Step.Branch branch -> branch(branch);
      case Step.Loop loop ->
          new LoopEmitter(calls, code).emit(loop, this::line, () -> inner(loop.body()));
      case Step.Change change -> line(calls.code(change.code()), change.position().toString());
      case Step.Effect effect -> line(calls.code(effect.code()), effect.position().toString());
      case Step.Run run -> line(calls.call(run.expression()), remark(run.remark()));
      case Step.Accumulate accumulate -> accumulate(accumulate);
      case Step.Local(var local) ->
          line(
              Code.of("$L $L = $L", local.type(), local.name(), calls.code(local.value())),
              local.position().toString());
      case Step.Named(Value name, var plain) ->
          line(Code.of("$L $L = $L", plain.type(), name.name(), calls.code(plain)), "");
      case Step.Finish(Value variable, var expression, var remark) ->
          line(
              declare(Code.of("$T", Types.FINISH), variable)
                  .add(" = $L", calls.finish(expression))
                  .build(),
              remark(remark));
      case Step.TakeLayout(Value result, Value tensor, Need need) ->
          line(
              declare(Code.of("$T", Types.LAYOUT), result)
                  .add(" = $L.layout()", calls.name(tensor))
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
    if (isThereAlready(step)) {
      return;
    }
    Code type = step.array() ? Code.of("$T[]", Types.TENSOR) : type(step.result());
    Code.Builder line = declare(type, step.result()).add(" = ");
    Code call =
        step.array() || step.result().several()
            ? array(step)
            : calls.checked(step.expression(), place(step));
    line(choice(line, step.need(), call), remark(step.remark()));
  }

  /** {@code TensorArray parts = TensorArray.owning(split(x, 1, 2, 2));}. */
  private Code array(Step.Compute step) {
    Code call = calls.call(step.expression());
    return step.result().several() && step.expression() instanceof Expression.Operation
        ? Code.of("$T.owning($L)", Types.TENSOR_ARRAY, call)
        : call;
  }

  private static Code type(Value value) {
    return Code.of("$T", value.several() ? Types.TENSOR_ARRAY : Types.TENSOR);
  }

  /** {@code Mlp.java:9 relu, h}. */
  private static String place(Step.Compute step) {
    String name =
        switch (step.expression()) {
          case Expression.Operation call -> call.name();
          case Expression.Fused fused -> fused.constant();
          default -> "";
        };
    return step.remark().position() + " " + name + ", " + step.result().name();
  }

  /**
   * <pre>{@code
   * Tensor h;
   * Tensor dx = null;
   * }</pre>
   */
  private void declare(Step.Declare step) {
    String name = calls.name(step.value());
    if (declared.add(name)) {
      line(Code.of(step.sum() ? "$T $L = null" : "$T $L", Types.TENSOR, name), "");
    } else if (step.sum()) {
      line(Code.of("$L = null", name), "");
    }
  }

  /** {@code dx = plus(dx, reluGradient(dy, y)); // Net.java:9 half}. */
  private void plus(Step.Plus step) {
    String sum = calls.name(step.sum());
    Code value = calls.plus(step);
    line(
        step.need().depends()
            ? Code.of("$L = $L ? $L : $L", sum, calls.wanted(step.need()), value, sum)
            : Code.of("$L = $L", sum, value),
        remark(step.remark()));
  }

  /**
   * <pre>{@code
   * if (deep) { // Net.java:9
   *   h = relu(x);
   * } else {
   *   h = x.retain();
   * }
   * }</pre>
   */
  private void branch(Step.Branch step) {
    Code condition = calls.input(step.condition());
    String remark = CodeLayout.mark(step.position().toString());
    if (step.then().isEmpty()) {
      code.begin(Code.of("if (!($L))", condition), remark);
      inner(step.otherwise());
    } else {
      code.begin(Code.of("if ($L)", condition), remark);
      inner(step.then());
      otherwise(step.otherwise());
    }
    code.endControlFlow();
  }

  private void otherwise(List<Step> steps) {
    List<Step> written = steps.stream().filter(this::isWritten).toList();
    if (written.size() == 1
        && written.getFirst() instanceof Step.Branch next
        && !next.then().isEmpty()) {
      Code condition = calls.input(next.condition());
      String remark = CodeLayout.mark(next.position().toString());
      code.next(Code.of("else if ($L)", condition), remark);
      inner(next.then());
      otherwise(next.otherwise());
    } else if (!steps.isEmpty()) {
      code.nextControlFlow("else");
      inner(steps);
    }
  }

  /** Not written is what has its variable already. */
  private boolean isWritten(Step step) {
    return switch (step) {
      case Step.Declare declare -> !declared.contains(calls.name(declare.value()));
      case Step.Compute compute -> !isThereAlready(compute);
      default -> true;
    };
  }

  private boolean isThereAlready(Step.Compute step) {
    return step.expression() instanceof Expression.Share(Input.Variable(Value from), boolean moved)
        && moved
        && calls.name(from).equals(calls.name(step.result()));
  }

  /** What is declared within is not there behind it. */
  private void inner(List<Step> steps) {
    Set<String> outer = Set.copyOf(declared);
    steps.forEach(this::step);
    declared.retainAll(outer);
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
            calls.weight(step.parameter(), step.element()),
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
    boolean several = saved.value().several();
    String layout = several ? ".layouts()" : ".layout()";
    String suffix = saved.content() == Saved.Content.LAYOUT ? layout : "";
    String what = saved.content() == Saved.Content.LAYOUT ? "its shape" : "it";
    line(
        Code.of("$L.save($L$L)", tape, calls.name(saved.value()), suffix),
        reason(saved.readers(), what));
  }

  private static String reason(List<Saved.Reader> readers, String what) {
    List<Saved.Reader> gradients =
        readers.stream().filter(reader -> !reader.equals(Saved.Reader.ZEROS)).toList();
    if (gradients.isEmpty()) {
      return "its gradient may be zero";
    }
    return switch (gradients.getFirst().operation()) {
      case "branch" -> "backward goes the same way";
      case "recomputed" -> "it runs again in backward";
      case "element" -> "backward finds the same element";
      case "loop" -> "backward goes through the same passes";
      default -> readers(gradients) + " " + what;
    };
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
              declare(type(restored), restored)
                  .add(restored.several() ? " = $L.restoreArray()" : " = $L.restoreTensor()", tape)
                  .build();
          case LAYOUT ->
              saved.value().several()
                  ? declare(Code.of("$T[]", Types.LAYOUT), restored)
                      .add(" = $L.restore($T[].class)", tape, Types.LAYOUT)
                      .build()
                  : declare(Code.of("$T", Types.LAYOUT), restored)
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
      line(Code.of("$L.close()", calls.name(value)), "");
      code.endControlFlow();
    } else {
      line(Code.of("$L.close()", calls.name(value)), "");
    }
  }

  /**
   * <pre>{@code
   * return dx;
   * return new Tensor[] {dq, dk};
   * }</pre>
   */
  private void returned(List<Value> values) {
    String names = values.stream().map(calls::name).collect(Collectors.joining(", "));
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
      declares
          .declares()
          .filter(value -> declared.add(calls.name(value)))
          .ifPresent(value -> declareAhead(declares, value));
    }
    code.beginControlFlow("if ($L)", calls.wanted(step.need()));
    inner(step.then());
    if (!step.otherwise().isEmpty()) {
      code.nextControlFlow("else");
      inner(step.otherwise());
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
            calls.name(value)),
        "");
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
    inner(step.otherwise());
    line(Code.of("return null"), "");
    code.endControlFlow();
  }

  private Code.Builder declare(Code type, Value value) {
    Code.Builder line = Code.builder();
    String name = calls.name(value);
    return declared.add(name) ? line.add("$L $L", type, name) : line.add("$L", name);
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
