package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.mezzo.OperationTable.Operation;
import dev.mezzo.RandomCall.Data;
import dev.mezzo.RandomRun.Found;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.AssertionFailedError;

/**
 * Every operation and all its gradients, with random shapes, types, layouts and numbers, special
 * ones among them: on vectors as on plain loops, or refused with the same words. {@code
 * -Dmezzo.fuzz=N} makes N calls of each, {@code -Dmezzo.fuzz.seed=S} others.
 *
 * <p>Tolerances (docs/numerics.md, Random calls): two roundings to the result's type, and in FP32 a
 * unit for each number that may enter an element, of what the element is made of; that is how far
 * plain loops' result moves, relatively, where all numbers that enter move a little.
 */
class OperationFuzzTest {

  private static final int CALLS = Integer.getInteger("mezzo.fuzz", 5);
  private static final long SEED = Long.getLong("mezzo.fuzz.seed", 1);

  /** A call that an operation does not take is drawn again; whether both refuse it is seen. */
  private static final int DRAWS = 40;

  private static final int MOVES = 4;
  private static final DType[] TYPES = {DType.FP32, DType.FP16, DType.BF16};

  private static final Device ORACLE = Device.of(new ScalarBackend());
  private static final List<Device> SUBJECTS =
      List.of(Device.of(new VectorBackend(1)), Device.of(new VectorBackend(3)));

  @BeforeAll
  static void sayTheSeed() {
    System.out.println("random calls: " + CALLS + " of each operation, seed " + SEED);
  }

  @AfterAll
  static void everythingIsClosed() {
    assertEquals(0, ORACLE.memory().liveTensors(), "a tensor was not closed");
    for (Device device : SUBJECTS) {
      assertEquals(0, device.memory().liveTensors(), "a tensor was not closed");
    }
  }

  @TestFactory
  Stream<DynamicTest> vectorsComputeWhatPlainLoopsDo() {
    return OperationTable.all().stream()
        .map(operation -> dynamicTest(operation.signature(), () -> check(operation)));
  }

  private static void check(Operation operation) {
    int taken = 0;
    for (int i = 0; i < CALLS; i++) {
      DType dtype = TYPES[i % TYPES.length];
      Random random = new Random(SEED * 31 + i * 1_000_003L + operation.signature().hashCode());
      boolean done = false;
      for (int draw = 0; draw < DRAWS && !done; draw++) {
        RandomCall call = new RandomCall(operation, dtype, random);
        try {
          done = agrees(call, dtype, SUBJECTS.get(i % SUBJECTS.size()), random);
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionFailedError(
              "%s of %s, call %d of seed %d: %s".formatted(dtype, call, i, SEED, e.getMessage()),
              e);
        }
      }
      taken += done ? 1 : 0;
    }
    assertTrue(taken > 0, "no call was taken: RandomSizes does not know what fits");
  }

  /** Whether the operation took the call. */
  private static boolean agrees(RandomCall call, DType dtype, Device device, Random random) {
    RandomRun oracle;
    try {
      oracle = new RandomRun(call, ORACLE, dtype, null);
    } catch (RuntimeException | AssertionError refused) {
      refusesToo(call, dtype, device, refused);
      return false;
    }
    try (oracle;
        RandomRun subject = new RandomRun(call, device, dtype, null)) {
      Map<String, Found> expected = oracle.results();
      List<Found> y = new ArrayList<>(expected.values());
      List<Data> dy = y.stream().map(each -> call.gradient(each.shape())).toList();
      List<Map<String, Found>> moved = new ArrayList<>();
      List<Map<String, Found>> movedGradients = new ArrayList<>();
      for (int i = 0; i <= MOVES; i++) {
        try (RandomRun run = new RandomRun(call, ORACLE, DType.FP32, i == 0 ? null : random)) {
          moved.add(run.results());
          movedGradients.add(run.gradients(dy, y));
        }
      }
      Tolerance tolerance = new Tolerance(call, dtype);
      tolerance.check(expected, subject.results(), moved, List.of());
      tolerance.check(oracle.gradients(dy, y), subject.gradients(dy, y), movedGradients, dy);
    }
    return true;
  }

  private static void refusesToo(RandomCall call, DType dtype, Device device, Throwable refused) {
    try (RandomRun _ = new RandomRun(call, device, dtype, null)) {
      throw new AssertionFailedError("plain loops refuse it: " + refused + "; vectors do not");
    } catch (RuntimeException | AssertionError e) {
      if (e instanceof AssertionFailedError) {
        throw e;
      }
      assertEquals(refused.toString(), e.toString());
    }
  }
}
