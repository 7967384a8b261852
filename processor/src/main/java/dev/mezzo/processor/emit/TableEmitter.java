package dev.mezzo.processor.emit;

import com.palantir.javapoet.CodeBlock;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.Row;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the table of operations in a generated class's Javadoc. */
final class TableEmitter {
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
  static CodeBlock emit(LayerPlan plan) {
    CodeBlock.Builder code = CodeBlock.builder();
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
   * The bytes that a step keeps for backward in a format of 16 bits: {@code 2·|x| + 4·|h|}; 0 where
   * there are none.
   */
  static String total(List<Row> rows) {
    String sum =
        rows.stream()
            .flatMap(row -> row.saved().stream())
            .filter(bytes -> !bytes.shared())
            .map(TableEmitter::bytes)
            .collect(Collectors.joining(" + "));
    return sum.isEmpty() ? "0" : sum;
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
