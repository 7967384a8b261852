package dev.mezzo.examples.report;

import dev.mezzo.examples.training.RunResult;
import java.util.ArrayList;
import java.util.List;

/** The table for a terminal: a row for each metric, a column for each form. */
public final class TextTable {

  private TextTable() {}

  /**
   * Lines of equal columns, the first one left-aligned, each ended by a newline. A metric that no
   * run measured is left out.
   */
  public static String of(Report report) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(""));
    report.runs().forEach(run -> head.add(run.form().name()));
    rows.add(head);
    for (Metric metric : Metric.ALL) {
      List<String> row = new ArrayList<>(List.of(plain(metric.label())));
      report.runs().forEach(run -> row.add(metric.of(report, run)));
      if (row.stream().skip(1).anyMatch(value -> !value.equals(Metric.UNKNOWN))) {
        rows.add(row);
      }
    }
    StringBuilder text = new StringBuilder(layOut(rows));
    for (RunResult run : report.runs()) {
      if (run.stopped() != null) {
        text.append(run.form().name()).append(" stopped: ").append(run.stopped()).append('\n');
      }
    }
    return text.toString();
  }

  /** For terminals whose font or encoding has no raised digits. */
  private static String plain(String label) {
    return label.replace("2⁻²⁴", "2^-24");
  }

  private static String layOut(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(row.getFirst());
      line.repeat(' ', widths[0] - row.getFirst().length());
      for (int i = 1; i < columns; i++) {
        line.repeat(' ', 2 + widths[i] - row.get(i).length()).append(row.get(i));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
