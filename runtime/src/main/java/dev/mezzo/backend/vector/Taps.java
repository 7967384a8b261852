package dev.mezzo.backend.vector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What result pixels read, if anything: column {@code j·n + p} of row i, of n phases p, reads
 * pixels of the source at fixed distances from {@code (i·rowStep, j·columnStep)}, each through one
 * pixel of the kernel. A phase's taps are in order of rows, then columns.
 */
record Taps(List<List<Tap>> phases, int rowStep, int columnStep) {

  /**
   * One of them.
   *
   * @param row distance, maybe negative
   * @param column distance, maybe negative
   * @param kernel the kernel's pixel
   */
  record Tap(int row, int column, int kernel) {

    private boolean follows(Tap before) {
      return row == before.row && column == before.column + 1;
    }
  }

  Taps {
    List<List<Tap>> sorted = new ArrayList<>();
    for (List<Tap> phase : phases) {
      sorted.add(
          phase.stream()
              .sorted(Comparator.comparingInt(Tap::row).thenComparingInt(Tap::column))
              .toList());
    }
    phases = List.copyOf(sorted);
  }

  private Stream<Tap> stream() {
    return phases.stream().flatMap(List::stream);
  }

  /** How many there are, in all phases. */
  int size() {
    return phases.stream().mapToInt(List::size).sum();
  }

  int firstRow() {
    return stream().mapToInt(Tap::row).min().orElse(0);
  }

  int firstColumn() {
    return stream().mapToInt(Tap::column).min().orElse(0);
  }

  /** Rows of the source that {@code rows} rows of the result read. */
  int rows(int rows) {
    int last = stream().mapToInt(Tap::row).max().orElse(0);
    return (rows - 1) * rowStep + last - firstRow() + 1;
  }

  /** Columns of the source that {@code columns} columns of the result's phases read. */
  int columns(int columns) {
    int last = stream().mapToInt(Tap::column).max().orElse(0);
    return (columns - 1) * columnStep + last - firstColumn() + 1;
  }

  /** How many taps of a phase in a row are neighbours: the same for all its runs. */
  int run(int phase) {
    List<Tap> taps = phases.get(phase);
    int run = 1;
    while (run < taps.size() && taps.get(run).follows(taps.get(run - 1))) {
      run++;
    }
    for (int i = 1; i < taps.size(); i++) {
      if (i % run != 0 && !taps.get(i).follows(taps.get(i - 1))) {
        return 1;
      }
    }
    return taps.size() % run == 0 ? run : 1;
  }

  /**
   * Where each {@code run}-th tap of a phase is in rows of {@code columns} pixels of {@code wide}
   * elements.
   */
  int[] offsets(int phase, int run, int columns, int wide) {
    List<Tap> taps = phases.get(phase);
    int firstRow = firstRow();
    int firstColumn = firstColumn();
    int[] offsets = new int[taps.size() / run];
    for (int i = 0; i < offsets.length; i++) {
      Tap tap = taps.get(i * run);
      offsets[i] = ((tap.row() - firstRow) * columns + tap.column() - firstColumn) * wide;
    }
    return offsets;
  }
}
