package dev.mezzo.processor.emit;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.plan.FunctionPlan;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes the table of operations in a generated class's Javadoc. */
final class TableEmitter {
  private static final int SUM_WIDTH = 40;

  private TableEmitter() {}

  /**
   * <pre>{@code
   * <table>
   * <caption>Operations: what they read, how they add, what they make, what stays for backward</caption>
   * <tr><th>line</th><th>operation</th><th>reads</th><th>adds in</th><th>makes</th><th>saved bytes</th></tr>
   * <tr><td>9</td><td>relu</td><td>h half</td><td>full</td><td>half</td><td>2·|h|</td></tr>
   * </table>
   * }</pre>
   */
  static Code emit(LayerPlan plan) {
    Code.Builder code = Code.builder();
    code.add("<table>\n");
    code.add("<caption>Operations; |x| is the number of elements of x</caption>\n");
    code.add(
        "<tr><th>line</th><th>operation</th><th>operands</th><th>accumulation</th>"
            + "<th>result</th><th>saved bytes</th></tr>\n");
    for (Row row : plan.table()) {
      boolean helper = !row.function().equals(plan.entry().source().name());
      code.add(
          "<tr><td>$L</td><td>$L</td><td>$L</td><td>$L</td><td>$L</td><td>$L</td></tr>\n",
          row.position().line(),
          (helper ? row.function() + ": " : "") + row.operation(),
          row.operands().stream().map(TableEmitter::operand).collect(Collectors.joining(", ")),
          row.computes() ? "FP32" : "",
          precision(row.precision()),
          row.saved().stream().map(TableEmitter::bytes).collect(Collectors.joining(" + ")));
    }
    return code.add("</table>").build();
  }

  /**
   * What a step keeps for backward in a format of 16 bits: {@code 2·|x| + 4·|h| bytes, and 2·|a| in
   * each call of mix}.
   */
  static String total(LayerPlan plan) {
    StringBuilder total = new StringBuilder();
    for (FunctionPlan function : plan.functions()) {
      boolean helper = !function.equals(plan.entry());
      String name = function.source().name();
      Map<Optional<Integer>, List<Row>> loops = new LinkedHashMap<>();
      loops.put(Optional.empty(), new ArrayList<>());
      plan.table().stream()
          .filter(row -> row.function().equals(name))
          .forEach(
              row ->
                  loops
                      .computeIfAbsent(row.loop().map(loop -> loop.line()), l -> new ArrayList<>())
                      .add(row));
      loops.forEach(
          (loop, rows) -> {
            String sum = sum(rows);
            if (!helper && loop.isEmpty()) {
              total.append(sum.isEmpty() ? "0" : sum).append(" bytes");
            } else if (!sum.isEmpty()) {
              String pass = loop.map(line -> "pass of the loop in line " + line).orElse("");
              String call = helper ? "call of " + name : "";
              String of = !pass.isEmpty() && helper ? " in each " : "";
              total.append(",\nand ").append(sum).append(" in each ").append(pass);
              total.append(of).append(call);
            }
          });
    }
    return total.toString();
  }

  /** A long one in lines of its own. */
  private static String sum(List<Row> rows) {
    List<String> terms =
        rows.stream()
            .flatMap(row -> row.saved().stream())
            .filter(bytes -> !bytes.shared())
            .map(TableEmitter::bytes)
            .toList();
    StringBuilder sum = new StringBuilder();
    int line = 0;
    for (String term : terms) {
      boolean full = line + term.length() > SUM_WIDTH;
      sum.append(sum.isEmpty() ? "" : full ? "\n+ " : " + ").append(term);
      line = full ? term.length() : line + term.length();
    }
    return sum.toString();
  }

  private static String operand(Row.Operand operand) {
    String precision = precision(operand.precision());
    return precision.isEmpty() ? operand.name() : operand.name() + " " + precision;
  }

  private static String precision(Precision precision) {
    return precision == Precision.ANY ? "" : StepEmitter.name(precision);
  }

  private static String bytes(Row.Bytes bytes) {
    String size = "|" + bytes.tensor() + "|";
    if (bytes.shared()) {
      return size + " shared";
    }
    return switch (bytes.precision()) {
      case HALF -> "2\u00b7" + size;
      case FULL -> "4\u00b7" + size;
      case ANY -> "bytes(" + bytes.tensor() + ")";
    };
  }
}
