package dev.mezzo.backend.vector;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import java.lang.foreign.MemorySegment;

/**
 * Matrix products: {@code c = epilogue(a·b)}.
 *
 * <p>Blocks of the left operand's rows are packed once, by all threads. Then each thread takes
 * panels of the right operand's columns, packs one into memory of its own, which stays in its
 * second-level cache, and multiplies all packed rows with it, a tile at a time, k by k in
 * registers. A tile whose k is longer than a panel adds its passes in FP32.
 *
 * <p>Precision: operands widened exactly, FP32 fused multiply-adds in the order of k (restarted
 * every {@link GemmBlocks#KC} steps), one rounding to the result's type. Error before rounding: at
 * most k·2⁻²⁴·Σ|a·b|, to first order. The result depends on neither the number of threads nor their
 * timing.
 *
 * @see <a href="https://doi.org/10.1145/2764454">Van Zee and van de Geijn, BLIS: A Framework for
 *     Rapidly Instantiating BLAS Functionality</a>
 */
final class Gemm {

  private static final int KC = GemmBlocks.KC;
  private static final int ROWS = GemmBlocks.ROWS;
  private static final int WIDTH = GemmBlocks.WIDTH;
  private static final int LINES = GemmPacking.LINES;

  /**
   * Elements of the packed left operand: 4 MiB, which a third-level cache keeps beside the matrices
   * themselves while panel after panel is multiplied with it.
   */
  private static final int MAX_PACKED = 1 << 20;

  /** Rows of the left operand that a task packs. */
  private static final int PACKED_ROWS = 64;

  /** Fewest rows of a block: each costs the right operand one more packing. */
  private static final int LEAST_ROWS = 128;

  /** Rows of tiles that are finished and stored together. */
  private static final int STORED_ROWS = Scratch.CHUNK / WIDTH / ROWS * ROWS;

  /** Multiply-adds of a core in a nanosecond, for a guess of how long a product takes. */
  private static final double RATE = 40;

  private final Workers workers;
  private float[] packed = new float[0];

  Gemm(Workers workers) {
    this.workers = workers;
  }

  void run(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    if (shape.m() == 0 || shape.n() == 0) {
      return;
    }
    if (GemmDots.takes(shape, a, b)) {
      GemmDots.run(workers, shape, a, b, c, epilogue, threads(shape.m(), shape));
      return;
    }
    if (FloatDots.takes(shape, a, b)) {
      FloatDots.run(workers, shape, a, b, c, epilogue, threads(shape.m(), shape));
      return;
    }
    if (GemmRows.takes(shape, a, b)) {
      GemmRows.run(workers, shape, a, b, c, epilogue, threads(shape.m(), shape));
      return;
    }
    int most = Math.max(LEAST_ROWS, MAX_PACKED / Math.max(1, shape.k()));
    int blocks = (shape.m() + most - 1) / most;
    int rows = roundUp((shape.m() + blocks - 1) / blocks, LINES);
    for (int first = 0; first < shape.m(); first += rows) {
      block(new Block(shape, a, b, c, epilogue, first, Math.min(rows, shape.m() - first)));
    }
  }

  private void block(Block block) {
    if (packed.length < block.packedSize()) {
      packed = new float[block.packedSize()];
    }
    float[] left = packed;
    GemmShape shape = block.shape;
    int threads = threads(block.rows, shape);

    int packs = (block.rows + PACKED_ROWS - 1) / PACKED_ROWS;
    runTasks(threads, packs, (task, scratch) -> block.packLeft(task, left, scratch));

    int panels = (shape.n() + WIDTH - 1) / WIDTH;
    int whole = threads == 1 ? panels : Math.max(0, (panels - 1) / threads * threads);
    int parts = threads == 1 ? 1 : Math.min(2 * threads, (block.rows + ROWS - 1) / ROWS);
    int partRows = roundUp((block.rows + parts - 1) / parts, ROWS);
    runTasks(
        threads,
        whole + (panels - whole) * parts,
        (task, scratch) -> {
          if (task < whole) {
            block.panel(task, 0, block.rows, left, scratch);
          } else {
            int from = (task - whole) % parts * partRows;
            int to = Math.min(from + partRows, block.rows);
            block.panel(whole + (task - whole) / parts, from, to, left, scratch);
          }
        });
  }

  private int threads(int rows, GemmShape shape) {
    boolean pays = workers.pays((double) rows * shape.n() * shape.k() / RATE);
    return pays ? workers.threads() : 1;
  }

  private void runTasks(int threads, int tasks, Workers.Task task) {
    if (threads > 1) {
      workers.run(tasks, task);
      return;
    }
    for (int i = 0; i < tasks; i++) {
      task.run(i, workers.callers());
    }
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** A block of the left operand's rows times the right operand. */
  private static final class Block {
    private final GemmShape shape;
    private final GemmPacking a;
    private final GemmPacking b;
    private final Matrix c;
    private final GemmStore store;
    private final int first;
    private final int rows;
    private final int passes;
    private final int passSteps;

    Block(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue, int first, int rows) {
      this.shape = shape;
      this.a = new GemmPacking(a.operand(), !a.transposed(), a.stride());
      this.b = new GemmPacking(b.operand(), b.transposed(), b.stride());
      this.c = c;
      this.store = new GemmStore(c, shape.m(), shape.n(), epilogue);
      this.first = first;
      this.rows = rows;
      this.passes = Math.max(1, (shape.k() + KC - 1) / KC);
      this.passSteps = (shape.k() + passes - 1) / passes;
    }

    int packedSize() {
      return passes * panelSize() * ((rows + LINES - 1) / LINES);
    }

    private int panelSize() {
      return Math.max(1, passSteps) * LINES;
    }

    private int leftPanel(int pass, int row) {
      return (pass * ((rows + LINES - 1) / LINES) + row / LINES) * panelSize();
    }

    private int steps(int pass) {
      return Math.min(passSteps, shape.k() - pass * passSteps);
    }

    void packLeft(int task, float[] left, Scratch scratch) {
      int from = task * PACKED_ROWS;
      int count = Math.min(PACKED_ROWS, rows - from);
      for (int pass = 0; pass < passes; pass++) {
        int p = pass * passSteps;
        int at = leftPanel(pass, from);
        a.pack(first + from, count, p, steps(pass), left, at, panelSize(), scratch);
      }
    }

    /** Rows [from, to) of the block times one panel. */
    void panel(int index, int from, int to, float[] left, Scratch scratch) {
      int column = index * WIDTH;
      int width = Math.min(WIDTH, shape.n() - column);
      store.bias(column, width, scratch);
      MemorySegment right = scratch.panel(GemmBlocks.PANEL * (WIDTH / LINES));
      for (int pass = 0; pass < passes; pass++) {
        int steps = steps(pass);
        b.pack(column, width, pass * passSteps, steps, right, GemmBlocks.PANEL, scratch);
        for (int row = from; row < to; row += STORED_ROWS) {
          int count = Math.min(STORED_ROWS, to - row);
          tiles(pass, row, count, width, left, right, scratch);
          if (passes > 1) {
            addUp(pass, (row - from) * WIDTH, count * WIDTH, scratch, (to - from) * WIDTH);
          }
          if (pass == passes - 1) {
            long target = (long) (first + row) * c.stride() + column;
            store.store(scratch.x, 0, count, width, target, scratch);
          }
        }
      }
    }

    /** One pass's products of some rows with a panel, to {@code scratch.x}. */
    private void tiles(
        int pass,
        int row,
        int count,
        int width,
        float[] left,
        MemorySegment right,
        Scratch scratch) {
      int steps = steps(pass);
      for (int done = 0; done < count; done += ROWS) {
        int at = leftPanel(pass, row + done) + (row + done) % LINES;
        int rows = Math.min(ROWS, count - done);
        GemmBlocks.multiply(rows, width, steps, left, at, right, scratch.x, done * WIDTH);
      }
    }

    /**
     * Adds the earlier passes' sums to {@code scratch.x}, and keeps the result for the next one.
     */
    private void addUp(int pass, int at, int count, Scratch scratch, int size) {
      float[] sums = scratch.sums(size);
      if (pass > 0) {
        GemmStore.add(scratch.x, 0, sums, at, count);
      }
      if (pass < passes - 1) {
        System.arraycopy(scratch.x, 0, sums, at, count);
      }
    }
  }
}
