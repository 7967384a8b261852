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
 * <p>A block is {@link #UNITS} units of a direction; it owns its numbers, so blocks are tasks.
 */
final class RecurrentState {

  static final int LINES = TileProduct.LINES;

  /** Units of a block: two panels. */
  static final int UNITS = 2 * LINES;

  private final Workers workers;
  private float[] packed = new float[0];
  private float[][] left = new float[2][0];
  private float[][] carried = new float[2][0];
  private Recurrence r = new Recurrence(Recurrence.Cell.TANH, 0, 0, 0, 1, null);
  private int depth;
  private int panels;
  private boolean fromZero = true;

  RecurrentState(Workers workers) {
    this.workers = workers;
  }

  int blocks() {
    return r.directions() * blocksOfDirection();
  }

  private int blocksOfDirection() {
    return (r.hidden() + UNITS - 1) / UNITS;
  }

  int direction(int block) {
    return block / blocksOfDirection();
  }

  /** A block's first unit. */
  int unit(int block) {
    return block % blocksOfDirection() * UNITS;
  }

  /** How many units it has. */
  int units(int block) {
    return Math.min(UNITS, r.hidden() - unit(block));
  }

  /** Elements of a panel of a block: 16 for each sequence, and room for whole eights. */
  int tile() {
    return TileProduct.padded(r.batch()) * LINES;
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
    this.panels = gradient ? 2 : 2 * gates;
    packed = grown(packed, blocks() * panels * depth * LINES);
    Operand weight = weights.weight();
    workers.run(blocks(), (block, scratch) -> pack(block, weight, gradient, scratch));
    int batch = TileProduct.padded(r.batch());
    for (int i = 0; i < 2; i++) {
      left[i] = zeroed(left[i], r.directions() * batch * depth);
      carried[i] = zeroed(carried[i], blocks() * 2 * tile());
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
        (block, scratch) ->
            each(
                block,
                (panel, unit, units) -> {
                  for (int which = 0; which < r.cell().states(); which++) {
                    long at = stateAt(steps, which, block, unit);
                    float[] to = carried[which];
                    int tileAt = carriedAt(block, panel);
                    PanelMemory.load(from, at, r.stride(), r.batch(), units, to, tileAt, scratch);
                  }
                  if (left) {
                    leave(block, -1, carried[0], carriedAt(block, panel), unit, units);
                  }
                }));
  }

  /** Stores what is carried as rows of {@code to} behind so many time steps. */
  void store(Operand to, int steps) {
    workers.run(
        blocks(),
        (block, scratch) ->
            each(
                block,
                (panel, unit, units) -> {
                  for (int which = 0; which < r.cell().states(); which++) {
                    long at = stateAt(steps, which, block, unit);
                    int tileAt = carriedAt(block, panel);
                    PanelMemory.store(
                        carried[which], tileAt, r.batch(), units, to, at, r.stride(), scratch);
                  }
                }));
  }

  /** Adds to the first of what is carried the product with what the last step left. */
  void addProducts(int steps) {
    workers.run(
        blocks(),
        (block, scratch) -> {
          float[] products = scratch.large(0, panels * tile());
          multiply(block, steps, products);
          each(
              block,
              (panel, unit, units) -> {
                float[] to = carried[0];
                GemmStore.add(to, carriedAt(block, panel), products, panel * tile(), tile());
              });
        });
  }

  private long stateAt(int steps, int which, int block, int unit) {
    long row = (long) (steps + which) * r.batch();
    return row * r.stride() + (long) direction(block) * r.hidden() + unit;
  }

  /** What is done to a panel of a block, which has some units. */
  private interface OfPanel {
    void run(int panel, int unit, int units);
  }

  private void each(int block, OfPanel body) {
    for (int panel = 0; panel < 2; panel++) {
      int unit = unit(block) + panel * LINES;
      int units = Math.min(LINES, r.hidden() - unit);
      if (units > 0) {
        body.run(panel, unit, units);
      }
    }
  }

  private void pack(int block, Operand weight, boolean gradient, Scratch scratch) {
    int gates = r.cell().gates();
    int rows = gates * r.hidden();
    int panel = depth * LINES;
    int at = block * panels * panel;
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
      packing.pack(line, units(block), 0, depth, packed, at + 2 * gate * panel, panel, scratch);
    }
  }

  /**
   * The block's product with what the step before left: {@code 2·gates} panels (of the gradient 2),
   * a tile each.
   */
  void multiply(int block, int step, float[] to) {
    Arrays.fill(to, 0, panels * tile(), 0f);
    if (step == 0 && fromZero) {
      return;
    }
    int panel = depth * LINES;
    int batch = TileProduct.padded(r.batch());
    Panels a = new Panels(left[step % 2], direction(block) * batch * depth, panel);
    Panels b = new Panels(packed, block * panels * panel, panel);
    TileProduct.multiply(r.batch(), panels * LINES, depth, a, b, new Panels(to, 0, tile()));
  }

  /**
   * Puts a panel of a block where the next step's product reads it.
   *
   * @param line the number of its first unit among those of the left operand
   */
  void leave(int block, int step, float[] from, int at, int line, int units) {
    float[] to = left[(step + 1) % 2];
    int batch = TileProduct.padded(r.batch());
    int base = direction(block) * batch * depth;
    for (int b = 0; b < r.batch(); b += LINES) {
      int panel = base + b / LINES * depth * LINES;
      int rows = Math.min(LINES, r.batch() - b);
      for (int u = 0; u < units; u++) {
        int target = panel + (line + u) * LINES;
        int source = at + b * LINES + u;
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

  /** Where a panel of a block has its numbers in {@link #carried}. */
  int carriedAt(int block, int panel) {
    return (2 * block + panel) * tile();
  }

  private static float[] grown(float[] array, int size) {
    return array.length < size + LINES ? new float[size + LINES] : array;
  }

  private static float[] zeroed(float[] array, int size) {
    float[] fitting = grown(array, size + 8 * LINES);
    Arrays.fill(fitting, 0f);
    return fitting;
  }
}
