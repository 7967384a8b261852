package dev.mezzo.programs;

import dev.mezzo.programs.LayerProgram.Method;
import dev.mezzo.programs.LayerProgram.Signature;
import dev.mezzo.programs.Statement.Assign;
import dev.mezzo.programs.Statement.Branch;
import dev.mezzo.programs.Statement.Compute;
import dev.mezzo.programs.Statement.Declare;
import dev.mezzo.programs.Statement.Each;
import dev.mezzo.programs.Statement.Leave;
import dev.mezzo.programs.Statement.Range;
import dev.mezzo.programs.Statement.Return;
import dev.mezzo.programs.Statement.Switch;
import dev.mezzo.programs.Statement.While;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes a program as Java. */
final class ProgramSource {
  private final Program program;
  private final StringBuilder out = new StringBuilder();

  ProgramSource(Program program) {
    this.program = program;
  }

  String text() {
    out.append(
        """
        package random;

        import static dev.mezzo.Ops.*;

        import dev.mezzo.*;
        import dev.mezzo.annotations.*;
        import dev.mezzo.layers.*;
        import java.util.*;

        """);
    line(0, "/** Seed " + program.seed() + ". */");
    line(0, "public class " + program.name() + " {");
    line(1, "record Pair(Tensor h, Tensor c) {}");
    interfaces();
    program.layers().forEach(this::layer);
    line(0, "}");
    return out.toString();
  }

  private void interfaces() {
    String annotation = program.seed() % 3 == 0 ? "@Full" : "@Half";
    program.layers().stream()
        .filter(LayerProgram::open)
        .map(layer -> layer.forward().signature())
        .filter(signature -> !signature.equals(Signature.UNARY))
        .distinct()
        .forEach(signature -> line(1, signature.interfaceText(annotation)));
  }

  private void layer(LayerProgram layer) {
    String fields =
        layer.fields().stream()
            .map(field -> field.type() + " " + field.name())
            .collect(Collectors.joining(", "));
    String implemented =
        layer.open() ? " implements " + layer.forward().signature().interfaceName() : "";
    line(1, layer.annotation());
    line(1, "record " + layer.name() + "(" + fields + ")" + implemented + " {");
    layer.methods().forEach(this::method);
    line(1, "}");
  }

  private void method(Method method) {
    String formals =
        Stream.concat(
                method.formals().stream().map(formal -> formal.type() + " " + formal.name()),
                method.plain().stream().map(name -> "int " + name))
            .collect(Collectors.joining(", "));
    String type = method.pair() ? "Pair " : "Tensor ";
    line(2, method.head() + type + method.name() + "(" + formals + ") {");
    statements(3, method.body());
    line(2, "}");
  }

  private void statements(int depth, List<Statement> statements) {
    statements.forEach(statement -> statement(depth, statement));
  }

  private void statement(int depth, Statement statement) {
    switch (statement) {
      case Declare(String type, String name, Expression value) ->
          line(depth, type + " " + name + " = " + text(value) + ";");
      case Assign(String name, Expression value) -> line(depth, name + " = " + text(value) + ";");
      case Statement.Collect(Expression.Several array, List<Expression> values) -> {
        if (array.list()) {
          line(depth, "List<Tensor> " + array.name() + " = new ArrayList<>();");
          values.forEach(value -> line(depth, array.name() + ".add(" + text(value) + ");"));
        } else {
          line(depth, "Tensor[] " + array.name() + " = {" + list(values, List.of()) + "};");
        }
      }
      case Statement.Put(Expression.Several array, Plain index, Expression value) ->
          line(
              depth,
              array.list()
                  ? "%s.set(%s, %s);".formatted(array.name(), index.source(), text(value))
                  : "%s[%s] = %s;".formatted(array.name(), index.source(), text(value)));
      case Compute(String start, String name, boolean adds, Plain value) ->
          line(depth, start + name + (adds ? " += " : " = ") + value.source() + ";");
      case Branch(Plain condition, List<Statement> yes, List<Statement> no) -> {
        line(depth, "if (" + condition.source() + ") {");
        statements(depth + 1, yes);
        if (!no.isEmpty()) {
          line(depth, "} else {");
          statements(depth + 1, no);
        }
        line(depth, "}");
      }
      case Switch(Plain number, int label, List<Statement> yes, List<Statement> no) -> {
        line(depth, "switch (" + number.source() + ") {");
        line(depth + 1, "case " + label + " -> {");
        statements(depth + 2, yes);
        line(depth + 1, "}");
        line(depth + 1, "default -> {");
        statements(depth + 2, no);
        line(depth + 1, "}");
        line(depth, "}");
      }
      case Range(String index, Plain from, Plain to, List<Statement> body) ->
          block(
              depth,
              "for (int %s = %s; %s < %s; %s++)"
                  .formatted(index, from.source(), index, to.source(), index),
              body);
      case Each(String type, String layer, String all, String _, List<Statement> body) ->
          block(depth, "for (" + type + " " + layer + " : " + all + ")", body);
      case While(Plain condition, List<Statement> body) ->
          block(depth, "while (" + condition.source() + ")", body);
      case Statement.Do(Plain condition, List<Statement> body) -> {
        line(depth, "do {");
        statements(depth + 1, body);
        line(depth, "} while (" + condition.source() + ");");
      }
      case Statement.Check(String code) -> line(depth, code);
      case Leave(boolean loop) -> line(depth, loop ? "break;" : "continue;");
      case Return(Expression value) -> line(depth, "return " + text(value) + ";");
    }
  }

  private void block(int depth, String head, List<Statement> body) {
    line(depth, head + " {");
    statements(depth + 1, body);
    line(depth, "}");
  }

  private static String text(Expression expression) {
    return switch (expression) {
      case Expression.Local(String name) -> name;
      case Expression.Weight(String field) -> field;
      case Expression.Both(List<Expression> parts) -> "new Pair(" + list(parts, List.of()) + ")";
      case Expression.Component(Expression pair, boolean second) ->
          text(pair) + (second ? ".c()" : ".h()");
      case Expression.Norm(Expression x, List<String> weights, List<String> states) ->
          "batchNorm(%s, %s, %s, %sf, %sf)"
              .formatted(
                  text(x),
                  String.join(", ", weights),
                  String.join(", ", states),
                  BatchStatistics.MOMENTUM,
                  BatchStatistics.EPSILON);
      case Expression.Element(Expression.Several array, Plain index) ->
          (array.list() ? "%s.get(%s)" : "%s[%s]").formatted(array.name(), index.source());
      case Expression.Total(Expression.Several array) ->
          "sum(stack(0, %s), 0)"
              .formatted(array.name() + (array.list() ? ".toArray(new Tensor[0])" : ""));
      case Expression.Apply(Operation operation, List<Expression> parts) ->
          operation.call().formatted(parts.stream().map(ProgramSource::text).toArray());
      case Expression.Invoke(
              String access,
              String _,
              Plain index,
              List<Expression> parts,
              List<Plain> plain) ->
          access.formatted(index.source()) + ".forward(" + list(parts, plain) + ")";
      case Expression.Helper(String method, List<Expression> parts, List<Plain> plain) ->
          method + "(" + list(parts, plain) + ")";
      case Expression.Choice(Plain condition, Expression yes, Expression no) ->
          "(" + condition.source() + " ? " + text(yes) + " : " + text(no) + ")";
    };
  }

  private static String list(List<Expression> parts, List<Plain> plain) {
    return Stream.concat(parts.stream().map(ProgramSource::text), plain.stream().map(Plain::source))
        .collect(Collectors.joining(", "));
  }

  private void line(int depth, String text) {
    out.append("  ".repeat(depth)).append(text).append('\n');
  }
}
