package dev.mezzo.processor.emit;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Input;
import dev.mezzo.processor.plan.LoopHeader;
import dev.mezzo.processor.plan.Step;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes the heads of loops, forwards and backwards. */
final class LoopEmitter {
  /** What needs no parentheses. */
  private static final Pattern SIMPLE = Pattern.compile("[\\w.$]+(\\([\\w.$]*\\))?");

  private static final Pattern INT = Pattern.compile("\\d{1,9}");

  private final CallEmitter calls;
  private final Code.Builder code;

  LoopEmitter(CallEmitter calls, Code.Builder code) {
    this.calls = calls;
    this.code = code;
  }

  /**
   * <pre>{@code
   * int passes = 0;
   * for (int i = 0; i < depth; i++) { // Net.java:9  carries h half
   *   passes++;
   *   ...
   *   if (done) {
   *     break;
   *   }
   * }
   * }</pre>
   *
   * @param line writes a statement with a remark
   * @param body writes the passes
   */
  void emit(Step.Loop loop, BiConsumer<Code, String> line, Runnable body) {
    LoopHeader header = loop.header();
    boolean counts = header.passes().isPresent() && !header.reversed();
    String passes = header.passes().map(calls::name).orElse("");
    if (counts) {
      line.accept(Code.of("int $L = 0", passes), "");
    }
    code.begin(new Code(head(header)), CodeLayout.mark(remark(loop)));
    if (counts) {
      line.accept(Code.of("$L++", passes), "");
    }
    if (header.reversed() && header.head() instanceof LoopHead.Each each && header.recovers()) {
      line.accept(element(each, header), "");
    }
    body.run();
    header
        .stop()
        .ifPresent(
            stop -> {
              code.beginControlFlow("if ($L)", stop);
              line.accept(Code.of("break"), "");
              code.endControlFlow();
            });
    code.endControlFlow();
  }

  private static String remark(Step.Loop loop) {
    String carried =
        loop.carried().stream()
            .map(carry -> carry.variable().name() + precision(carry.precision()))
            .collect(Collectors.joining(", "));
    return loop.position() + (carried.isEmpty() ? "" : "  carries " + carried);
  }

  private static String precision(Precision precision) {
    return precision == Precision.ANY ? "" : " " + StepEmitter.name(precision);
  }

  private String head(LoopHeader header) {
    return switch (header.head()) {
      case LoopHead.Range range -> header.reversed() ? reversed(range, header) : of(range, header);
      case LoopHead.Each each when header.reversed() && header.recovers() -> reversed(each, header);
      case LoopHead.Each each when !header.reversed() ->
          "for (" + each.type() + " " + each.element() + " : " + input(header, 0) + ")";
      case LoopHead.While loop when !header.reversed() -> "while (" + input(header, 0) + ")";
      case LoopHead.Each each -> counted(header);
      case LoopHead.While loop -> counted(header);
    };
  }

  /** {@code for (int i = 0; i < depth; i++)}. */
  private String of(LoopHead.Range range, LoopHeader header) {
    String compared = (range.down() ? ">" : "<") + (range.inclusive() ? "=" : "");
    return range(range.index(), input(header, 0), compared, input(header, 1), range.down());
  }

  /** {@code for (int i = depth - 1; i >= 0; i--)}, from what the last pass had. */
  private String reversed(LoopHead.Range range, LoopHeader header) {
    String from = input(header, 0);
    String last =
        header
            .passes()
            .map(passes -> last(range, from, passes))
            .orElseGet(
                () -> shifted(input(header, 1), range.inclusive() ? 0 : range.down() ? 1 : -1));
    return range(range.index(), last, range.down() ? "<=" : ">=", from, !range.down());
  }

  private String last(LoopHead.Range range, String from, Value passes) {
    String count = calls.name(passes);
    if (range.down()) {
      return operand(from) + " - " + count + " + 1";
    }
    return from.equals("0") ? count + " - 1" : operand(from) + " + " + count + " - 1";
  }

  /** {@code for (int pass = rates.length - 1; pass >= 0; pass--)}. */
  private String reversed(LoopHead.Each each, LoopHeader header) {
    String elements = operand(input(header, 0));
    String count =
        header
            .passes()
            .map(calls::name)
            .orElse(elements + (each.kind() == LoopHead.Elements.ARRAY ? ".length" : ".size()"));
    return range(header.pass(), count + " - 1", ">=", "0", true);
  }

  /** {@code float rate = rates[pass]}. */
  private Code element(LoopHead.Each each, LoopHeader header) {
    String elements = operand(input(header, 0));
    String access =
        each.kind() == LoopHead.Elements.ARRAY
            ? "[" + header.pass() + "]"
            : ".get(" + header.pass() + ")";
    return Code.of("$L $L = $L$L", each.type(), each.element(), elements, access);
  }

  /** {@code for (int pass = passes; pass > 0; pass--)}. */
  private String counted(LoopHeader header) {
    return range(header.pass(), header.passes().map(calls::name).orElse("0"), ">", "0", true);
  }

  private static String range(String index, String from, String compared, String to, boolean down) {
    String step = index + (down ? "--" : "++");
    return "for (int %s = %s; %s %s %s; %s)".formatted(index, from, index, compared, to, step);
  }

  private String input(LoopHeader header, int index) {
    Input input = header.inputs().get(index);
    return input instanceof Input.Code(Argument.Plain plain)
        ? calls.code(plain).toString()
        : calls.input(input).toString();
  }

  /** {@code depth - 1}; of a number the other number. */
  private static String shifted(String code, int by) {
    if (by == 0) {
      return code;
    }
    return INT.matcher(code).matches()
        ? Integer.toString(Integer.parseInt(code) + by)
        : operand(code) + (by < 0 ? " - 1" : " + 1");
  }

  private static String operand(String code) {
    return SIMPLE.matcher(code).matches() ? code : "(" + code + ")";
  }
}
