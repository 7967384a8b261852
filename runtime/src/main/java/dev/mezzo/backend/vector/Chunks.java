package dev.mezzo.backend.vector;

/** Splits a run of elements into chunks that fit {@link Scratch}, and many chunks among threads. */
final class Chunks {

  /** What is done to a chunk: elements [from, from + count). */
  interface Body {
    void run(long from, int count, Scratch scratch);
  }

  /** As {@link Body}, giving a part of a sum. */
  interface Summand {
    double run(long from, int count, Scratch scratch);
  }

  /** Chunks of a task: enough work to be worth handing to a thread. */
  private static final int TASK_CHUNKS = 8;

  private static final int TASK = TASK_CHUNKS * Scratch.CHUNK;

  /** Elements that a core computes in a nanosecond, for a guess of how long a run takes. */
  static final double RATE = 2;

  private Chunks() {}

  /** Runs the body over [0, size). */
  static void run(Workers workers, long size, Body body) {
    tasks(workers, size, (task, scratch) -> task(task, size, body, scratch));
  }

  /** The sum over all chunks, in FP64 and in order: the same whatever the threads. */
  static double sum(Workers workers, long size, Summand summand) {
    double[] sums = new double[count(size)];
    tasks(
        workers,
        size,
        (task, scratch) -> {
          double[] sum = new double[1];
          task(task, size, (from, n, s) -> sum[0] += summand.run(from, n, s), scratch);
          sums[task] = sum[0];
        });
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return total;
  }

  private static void task(int task, long size, Body body, Scratch scratch) {
    long end = Math.min(size, (task + 1L) * TASK);
    for (long from = (long) task * TASK; from < end; from += Scratch.CHUNK) {
      body.run(from, (int) Math.min(Scratch.CHUNK, end - from), scratch);
    }
  }

  private static void tasks(Workers workers, long size, Workers.Task task) {
    int count = count(size);
    if (workers.pays(size / RATE)) {
      workers.run(count, task);
      return;
    }
    for (int i = 0; i < count; i++) {
      task.run(i, workers.callers());
    }
  }

  private static int count(long size) {
    return Math.toIntExact((size + TASK - 1) / TASK);
  }
}
