package dev.mezzo.backend.vector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a result pixel reads, if anything: pixels of the source at fixed distances from {@code
 * (i·rowStep, j·columnStep)}, each through one pixel of the kernel. In order of rows, then columns.
 */
record Taps(List<Tap> all, int rowStep, int columnStep) {

  /**
   * One of them.
   *
   * @param row distance, maybe negative
   * @param column distance, maybe negative
   * @param kernel the kernel's pixel
   */
  record Tap(int row, int column, int kernel) {}

  Taps {
    List<Tap> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparingInt(Tap::row).thenComparingInt(Tap::column));
    all = List.copyOf(sorted);
  }

  int firstRow() {
    return all.isEmpty() ? 0 : all.getFirst().row();
  }

  int firstColumn() {
    return all.stream().mapToInt(Tap::column).min().orElse(0);
  }

  /** Rows of the source that {@code rows} rows of the result read. */
  int rows(int rows) {
    int last = all.isEmpty() ? 0 : all.getLast().row();
    return (rows - 1) * rowStep + last - firstRow() + 1;
  }

  /** Columns of the source that {@code columns} columns of the result read. */
  int columns(int columns) {
    int last = all.stream().mapToInt(Tap::column).max().orElse(0);
    return (columns - 1) * columnStep + last - firstColumn() + 1;
  }

  /** How many taps in a row are neighbours: the same for all runs. */
  int run() {
    int run = 0;
    int length = 1;
    for (int i = 1; i <= all.size(); i++) {
      boolean neighbour =
          i < all.size()
              && all.get(i).row() == all.get(i - 1).row()
              && all.get(i).column() == all.get(i - 1).column() + 1;
      if (neighbour) {
        length++;
      } else {
        run = run == 0 || run == length ? length : 1;
        length = 1;
      }
    }
    return run > 0 && all.size() % run == 0 && runsOf(run) ? run : 1;
  }

  private boolean runsOf(int run) {
    for (int i = 0; i < all.size(); i++) {
      boolean neighbour =
          i % run == 0
              || (all.get(i).row() == all.get(i - 1).row()
                  && all.get(i).column() == all.get(i - 1).column() + 1);
      if (!neighbour) {
        return false;
      }
    }
    return true;
  }

  /** Where each run starts in rows of {@code columns} pixels of {@code wide} elements. */
  int[] offsets(int columns, int wide) {
    return offsets(columns, wide, run());
  }

  /** Where each tap is in rows of {@code columns} pixels of {@code wide} elements. */
  int[] eachOffset(int columns, int wide) {
    return offsets(columns, wide, 1);
  }

  private int[] offsets(int columns, int wide, int run) {
    int firstColumn = firstColumn();
    int[] offsets = new int[all.size() / run];
    for (int i = 0; i < offsets.length; i++) {
      Tap tap = all.get(i * run);
      offsets[i] = ((tap.row() - firstRow()) * columns + tap.column() - firstColumn) * wide;
    }
    return offsets;
  }
}
