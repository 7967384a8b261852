package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.RecurrentKernels.Weights;
import dev.mezzo.backend.vector.TileProduct.Panels;
import java.util.Arrays;

/**
 * The memory of a recurrence while it runs, in FP32: the packed weights, which all steps read; what
 * goes from step to step, as the product's left operand (two of them: one is read while the other
 * is written) and unit by unit.
 *
 * <p>A block is some panels of 16 units of a direction; it owns its numbers, so blocks are tasks.
 * The fewer sequences, the more panels, so that its rows are long.
 */
final class RecurrentState {

  private static final int LINES = TileProduct.LINES;

  /** About how many numbers of a kind a block has. */
  private static final int BLOCK = 512;

  private final Workers workers;
  private float[] packed = new float[0];
  private float[][] left = new float[2][0];
  private float[][] carried = new float[2][0];
  private Recurrence r = new Recurrence(Recurrence.Cell.TANH, 0, 0, 0, 1, null);
  private int depth;
  private int width;
  private int products;
  private boolean fromZero = true;

  RecurrentState(Workers workers) {
    this.workers = workers;
  }

  int blocks() {
    return r.directions() * blocksOfDirection();
  }

  private int blocksOfDirection() {
    return (panels(r.hidden()) + width - 1) / width;
  }

  private static int panels(int units) {
    return (units + LINES - 1) / LINES;
  }

  /** As many panels as make a block, in blocks of one size, one for each thread at least. */
  private int width() {
    int all = panels(r.hidden());
    int most = Math.max(2, BLOCK / tile());
    int fewest = (workers.threads() + r.directions() - 1) / r.directions();
    int blocks = Math.max((all + most - 1) / most, Math.min(fewest, (all + 1) / 2));
    return (all + blocks - 1) / blocks;
  }

  int direction(int block) {
    return block / blocksOfDirection();
  }

  /** A block's first unit. */
  int unit(int block) {
    return block % blocksOfDirection() * width * LINES;
  }

  /** How many units it has. */
  int units(int block) {
    return Math.min(width * LINES, r.hidden() - unit(block));
  }

  /** Elements of a panel of a block: 16 for each sequence, and for each that is only computed. */
  int tile() {
    return FewRowsProduct.written(r.batch()) * LINES;
  }

  /** Elements of a block: its panels, a tile each. */
  int span() {
    return width * tile();
  }

  /**
   * Begins: for the forward pass, h times the rows of the weight, gate after gate; for the
   * gradient, gates' gradients times its columns.
   */
  void begin(Recurrence recurrence, Weights weights, boolean gradient) {
    this.r = recurrence;
    this.fromZero = true;
    int gates = r.cell().gates();
    this.depth = gradient ? gates * r.hidden() : r.hidden();
    this.width = width();
    this.products = gradient ? width : gates * width;
    packed = grown(packed, blocks() * products * depth * LINES);
    Operand weight = weights.weight();
    workers.run(blocks(), (block, scratch) -> pack(block, weight, gradient, scratch));
    int batch = TileProduct.padded(r.batch());
    for (int i = 0; i < 2; i++) {
      left[i] = zeroed(left[i], r.directions() * batch * depth);
      carried[i] = zeroed(carried[i], blocks() * span());
    }
  }

  /**
   * Begins with a state in the place of 0: the rows of {@code from} behind so many time steps.
   *
   * @param left whether the first step multiplies it
   */
  void resume(Operand from, int steps, boolean left) {
    fromZero = !left;
    workers.run(
        blocks(),
        (block, scratch) -> {
          for (int which = 0; which < r.cell().states(); which++) {
            rows(from, stateAt(steps, which, block), r.stride(), block)
                .load(carried[which], carriedAt(block), scratch);
          }
          if (left) {
            leave(block, -1, carried[0], carriedAt(block), unit(block));
          }
        });
  }

  /** Stores what is carried as rows of {@code to} behind so many time steps. */
  void store(Operand to, int steps) {
    workers.run(
        blocks(),
        (block, scratch) -> {
          for (int which = 0; which < r.cell().states(); which++) {
            rows(to, stateAt(steps, which, block), r.stride(), block)
                .store(carried[which], carriedAt(block), scratch);
          }
        });
  }

  /** Adds to the first of what is carried the product with what the last step left. */
  void addProducts(int steps) {
    workers.run(
        blocks(),
        (block, scratch) -> {
          float[] back = scratch.large(0, span());
          multiply(block, steps, back);
          GemmStore.add(carried[0], carriedAt(block), back, 0, span());
        });
  }

  private long stateAt(int steps, int which, int block) {
    long row = (long) (steps + which) * r.batch();
    return row * r.stride() + (long) direction(block) * r.hidden() + unit(block);
  }

  /** A block's numbers in memory, a row for each sequence. */
  PanelMemory rows(Operand operand, long from, int stride, int block) {
    return new PanelMemory(operand, from, stride, r.batch(), units(block), tile());
  }

  private void pack(int block, Operand weight, boolean gradient, Scratch scratch) {
    int gates = r.cell().gates();
    int rows = gates * r.hidden();
    int panel = depth * LINES;
    int at = block * products * panel;
    GemmPacking packing = new GemmPacking(weight, !gradient, r.hidden());
    if (gradient) {
      // steps are rows of the weight, those of the direction; lines its columns
      long first = (long) direction(block) * rows * r.hidden();
      new GemmPacking(weight.slice(first, weight.size() - first), false, r.hidden())
          .pack(unit(block), units(block), 0, rows, packed, at, panel, scratch);
      return;
    }
    for (int gate = 0; gate < gates; gate++) {
      int line = direction(block) * rows + gate * r.hidden() + unit(block);
      packing.pack(line, units(block), 0, depth, packed, at + gate * width * panel, panel, scratch);
    }
  }

  /** The block's product with what the step before left: of the gradient one span, else a gate. */
  void multiply(int block, int step, float[] to) {
    if (step == 0 && fromZero) {
      Arrays.fill(to, 0, products * tile(), 0f);
      return;
    }
    int panel = depth * LINES;
    int batch = TileProduct.padded(r.batch());
    Panels a = new Panels(left[step % 2], direction(block) * batch * depth, panel);
    Panels b = new Panels(packed, block * products * panel, panel);
    Panels c = new Panels(to, 0, tile());
    if (tile() < 8 * LINES) {
      FewRowsProduct.multiply(r.batch(), products * LINES, depth, a, b, c);
    } else {
      TileProduct.multiply(r.batch(), products * LINES, depth, a, b, c, false);
    }
  }

  /**
   * Puts a block's numbers where the next step's product reads them.
   *
   * @param line the number of its first unit among those of the left operand
   */
  void leave(int block, int step, float[] from, int at, int line) {
    float[] to = left[(step + 1) % 2];
    int batch = TileProduct.padded(r.batch());
    int base = direction(block) * batch * depth;
    for (int b = 0; b < r.batch(); b += LINES) {
      int panel = base + b / LINES * depth * LINES;
      int rows = Math.min(LINES, r.batch() - b);
      for (int u = 0; u < units(block); u++) {
        int target = panel + (line + u) * LINES;
        int source = at + u / LINES * tile() + b * LINES + u % LINES;
        for (int i = 0; i < rows; i++) {
          to[target + i] = from[source + i * LINES];
        }
      }
    }
  }

  /** One of two arrays that last from step to step. */
  float[] carried(int which) {
    return carried[which];
  }

  /** Where a block has its numbers in {@link #carried}. */
  int carriedAt(int block) {
    return block * span();
  }

  private static float[] grown(float[] array, int size) {
    return array.length < size + LINES ? new float[size + LINES] : array;
  }

  private static float[] zeroed(float[] array, int size) {
    float[] fitting = grown(array, size + 8 * LINES);
    Arrays.fill(fitting, 0, size + 9 * LINES, 0f);
    return fitting;
  }
}
