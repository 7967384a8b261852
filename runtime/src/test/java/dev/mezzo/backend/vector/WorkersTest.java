package dev.mezzo.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class WorkersTest {

  @Test
  void everyTaskRunsOnce() {
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 2000; round++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(round % 17);
        workers.run(runs.length(), (task, scratch) -> runs.incrementAndGet(task));
        for (int i = 0; i < runs.length(); i++) {
          assertEquals(1, runs.get(i));
        }
      }
    }
  }

  @Test
  void parkedThreadsWake() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      for (int round = 0; round < 20; round++) {
        Thread.sleep(2);
        AtomicIntegerArray runs = new AtomicIntegerArray(4);
        workers.run(4, (task, scratch) -> runs.incrementAndGet(task));
        assertEquals("[1, 1, 1, 1]", runs.toString());
      }
    }
  }

  @Test
  void threadsHaveTheirOwnScratch() {
    try (Workers workers = new Workers(2)) {
      Set<Scratch> seen = ConcurrentHashMap.newKeySet();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (seen.size() < 2 && System.nanoTime() < end) {
        workers.run(
            2,
            (task, scratch) -> {
              seen.add(scratch);
              LockSupport.parkNanos(1000); // lets the other thread claim a task
            });
      }
      assertEquals(2, seen.size());
    }
  }

  @Test
  void aFailureReachesTheCallerAfterAllTasks() {
    try (Workers workers = new Workers(2)) {
      IllegalStateException failure = new IllegalStateException("task 3");
      AtomicIntegerArray runs = new AtomicIntegerArray(8);
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.run(
                      8,
                      (task, scratch) -> {
                        runs.incrementAndGet(task);
                        if (task == 3) {
                          throw failure;
                        }
                      }));
      assertSame(failure, thrown);
      assertEquals("[1, 1, 1, 1, 1, 1, 1, 1]", runs.toString());
    }
  }

  @Test
  void closeEndsTheThreads() throws InterruptedException {
    Workers workers = new Workers(2);
    Thread[] found = new Thread[2];
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (found[1] == null && System.nanoTime() < end) {
      workers.run(
          2,
          (task, scratch) -> {
            found[scratch == workers.callers() ? 0 : 1] = Thread.currentThread();
            LockSupport.parkNanos(1000); // lets the other thread claim a task
          });
    }
    workers.close();
    found[1].join(10_000);
    assertTrue(found[1].isDaemon());
    assertTrue(!found[1].isAlive());
  }
}
