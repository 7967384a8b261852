package dev.mezzo.backend.vector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A pool of a fixed number of threads, the caller being one of them.
 *
 * <p>Work is a number of independent tasks, claimed one by one, so that a core that was interrupted
 * does less. Which thread runs a task changes nothing in its result: a task's extent never depends
 * on who runs it, and sums over tasks are made by the caller in the tasks' order. Threads wait for
 * the next work awake for some microseconds, then park.
 */
final class Workers implements AutoCloseable {

  /** A part of a kernel's work. */
  interface Task {
    void run(int index, Scratch scratch);
  }

  /** How long a thread waits awake: longer than the gap between two kernels of a step. */
  private static final long SPIN_NANOS = 50_000;

  private static final double AWAKE_NANOS = 10_000;
  private static final double PARKED_NANOS = 80_000;

  private final Scratch[] scratch;
  private final Worker[] workers;
  private volatile @Nullable Job job;
  private volatile boolean closed;

  /** Starts {@code threads − 1} daemon threads. */
  Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, but is " + threads);
    }
    scratch = new Scratch[threads];
    for (int i = 0; i < threads; i++) {
      scratch[i] = new Scratch();
    }
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(scratch[i + 1], i + 1);
    }
    for (Worker worker : workers) {
      worker.start();
    }
  }

  int threads() {
    return scratch.length;
  }

  /** The caller's working memory. */
  Scratch callers() {
    return scratch[0];
  }

  /**
   * Whether handing out work that takes the caller so long alone pays: a thread that is awake
   * begins within a microsecond, one that is parked has to be woken by the system.
   */
  boolean pays(double nanos) {
    return workers.length > 0 && nanos >= (workers[0].parked ? PARKED_NANOS : AWAKE_NANOS);
  }

  /** Runs tasks 0 to {@code tasks − 1}, each once, and returns when all have ended. */
  void run(int tasks, Task task) {
    if (tasks <= 1 || workers.length == 0) {
      for (int i = 0; i < tasks; i++) {
        task.run(i, scratch[0]);
      }
      return;
    }
    Job next = new Job(task, tasks);
    job = next;
    for (int i = 0; i < Math.min(workers.length, tasks - 1); i++) {
      workers[i].wake();
    }
    next.work(scratch[0]);
    next.await();
    job = null;
  }

  /** Ends the threads. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
  }

  /** Some tasks; threads that come too late find none left. */
  private static final class Job {
    private final Task task;
    private final int tasks;
    private final AtomicInteger claimed = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private volatile @Nullable Throwable failure;

    Job(Task task, int tasks) {
      this.task = task;
      this.tasks = tasks;
    }

    void work(Scratch scratch) {
      for (int i = claimed.getAndIncrement(); i < tasks; i = claimed.getAndIncrement()) {
        try {
          task.run(i, scratch);
        } catch (RuntimeException | Error e) {
          failure = e; // the caller throws it
        } finally {
          ended.getAndIncrement();
        }
      }
    }

    void await() {
      long start = System.nanoTime();
      while (ended.get() < tasks) {
        if (System.nanoTime() - start < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          LockSupport.parkNanos(1_000); // another program has the core that our worker needs
        }
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
    }
  }

  private final class Worker extends Thread {
    private final Scratch own;
    private volatile boolean parked;

    Worker(Scratch own, int index) {
      super("mezzo-vector-" + index);
      this.own = own;
      setDaemon(true);
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      Job last = null;
      while (!closed) {
        Job next = awaitJob(last);
        if (next != null) {
          next.work(own);
        }
        last = next;
      }
    }

    /** A job other than {@code last}, or null if there came none for a while. */
    private @Nullable Job awaitJob(@Nullable Job last) {
      long start = System.nanoTime();
      while (System.nanoTime() - start < SPIN_NANOS) {
        Job next = job;
        if (next != null && next != last) {
          return next;
        }
        Thread.onSpinWait();
      }
      parked = true;
      Job next = job; // read after parked was written: the caller writes the job, then reads parked
      if ((next == null || next == last) && !closed) {
        LockSupport.park(this);
      }
      parked = false;
      return null;
    }
  }
}
