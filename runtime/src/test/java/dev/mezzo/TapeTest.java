package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import org.junit.jupiter.api.Test;

class TapeTest {

  private final Device device = TestDevices.scalar();

  @Test
  void restoresInTheReverseOrder() {
    Tape tape = Tape.forTraining();
    try (Tensor a = tensor(3);
        Tensor b = tensor(5)) {
      tape.save(a);
      tape.save(a.layout());
      tape.save(7L);
      tape.save(b);
      tape.save(0.5f);
      assertEquals(0.5f, tape.restore(Float.class));
      assertSame(b, closed(tape.restoreTensor()));
      assertEquals(7L, tape.restoreLong());
      assertEquals(new Layout(Shape.of(3), DType.FP32, false), tape.restoreLayout());
      assertSame(a, closed(tape.restoreTensor()));
      assertEquals(0, tape.size());
    }
  }

  @Test
  void dropsWhatNobodyWants() {
    Tape tape = Tape.forTraining();
    tape.save(1L);
    Tensor a = tensor(3);
    tape.save(a);
    a.close();
    tape.save(a.layout());
    tape.drop(2);
    assertTrue(a.isClosed());
    assertEquals(0, tape.savedBytes());
    assertEquals(1L, tape.restoreLong());
    assertThrows(IllegalStateException.class, () -> tape.drop(1));
  }

  @Test
  void unsavedDrawsTheSameSeedsAndKeepsNothing() {
    Tape tape = Tape.forTraining();
    tape.begin(7, 3, 0);
    long first = tape.nextSeed();
    long second = tape.nextSeed();
    tape.begin(7, 3, 0);
    Tape unsaved = tape.unsaved();
    assertTrue(unsaved.training());
    assertEquals(first, unsaved.nextSeed());
    assertEquals(second, tape.nextSeed());
    try (Tensor a = tensor(3)) {
      unsaved.save(a);
      unsaved.save(5L);
    }
    assertEquals(0, tape.size() + unsaved.size());
    assertSame(unsaved, unsaved.unsaved());
    assertSame(Tape.inference(), Tape.inference().unsaved());
  }

  @Test
  void statesMoveInTrainingAndOnlyOnce() {
    Tape tape = Tape.forTraining();
    tape.begin(7, 3, 0);
    assertTrue(tape.movesStates());
    assertTrue(tape.unsaved().movesStates(), "without a gradient, but still in training");
    assertFalse(tape.again(0).movesStates(), "a recomputed part");
    tape.beginAgain(7, 3, 0);
    assertFalse(tape.movesStates(), "a skipped step, run again");
    assertFalse(tape.unsaved().movesStates());
    assertFalse(Tape.inference().movesStates());
  }

  @Test
  void keepsATensorAliveAfterItsOwnerClosedIt() {
    Tape tape = Tape.forTraining();
    Tensor a = tensor(3);
    tape.save(a);
    a.close();
    assertFalse(a.isClosed());
    closed(tape.restoreTensor());
    assertTrue(a.isClosed());
  }

  @Test
  void countsSharedMemoryOnceAndParametersNever() {
    Tape tape = Tape.forTraining();
    Parameter parameter = Parameter.of(tensor(100));
    try (Tensor a = tensor(6);
        Tensor view = a.view(Shape.of(2, 3), false);
        Tensor half = Ops.cast(a, DType.FP16)) {
      tape.save(a);
      tape.save(view);
      tape.save(parameter);
      assertEquals(24, tape.savedBytes());
      tape.save(half);
      assertEquals(36, tape.savedBytes());
      assertEquals(36, device.memory().savedBytes());
      closed(tape.restoreTensor());
      closed(tape.restoreTensor());
      closed(tape.restoreTensor());
      assertEquals(24, tape.savedBytes(), "a still holds the memory");
      closed(tape.restoreTensor());
      assertEquals(0, tape.savedBytes());
      assertEquals(36, tape.peakSavedBytes());
    }
    assertEquals(0, device.memory().savedBytes());
  }

  @Test
  void clearClosesWhatIsLeft() {
    long before = device.memory().liveTensors();
    Tape tape = Tape.forTraining();
    try (Tensor a = tensor(4)) {
      tape.save(a);
      tape.save(a);
      tape.save(1L);
    }
    tape.clear();
    assertEquals(before, device.memory().liveTensors());
    assertEquals(0, tape.savedBytes());
    assertEquals(0, tape.size());
  }

  @Test
  void restoringAnotherTypeNamesBoth() {
    Tape tape = Tape.forTraining();
    tape.save(3L);
    IllegalStateException error = assertThrows(IllegalStateException.class, tape::restoreTensor);
    assertTrue(error.toString().contains("Tensor") && error.toString().contains("Long"));
    assertEquals(3L, tape.restoreLong(), "the value is still there");
    assertTrue(
        assertThrows(IllegalStateException.class, tape::restoreLayout)
            .toString()
            .contains("nothing is left"));
  }

  @Test
  void theInferenceTapeIgnoresSaves() {
    Tape tape = Tape.inference();
    assertFalse(tape.training());
    try (Tensor a = tensor(4)) {
      tape.save(a);
      tape.save(a.layout());
      tape.save(1L);
    }
    assertEquals(0, tape.size());
    assertThrows(IllegalStateException.class, tape::restoreTensor);
    assertThrows(IllegalStateException.class, tape::nextSeed);
  }

  @Test
  void seedsDependOnSeedStepAndDraw() {
    Tape tape = Tape.forTraining();
    tape.begin(1, 0, 0);
    long first = tape.nextSeed();
    long second = tape.nextSeed();
    tape.begin(1, 1, 0);
    long nextStep = tape.nextSeed();
    tape.begin(2, 0, 0);
    long otherSeed = tape.nextSeed();
    assertNotEquals(first, second);
    assertNotEquals(first, nextStep);
    assertNotEquals(first, otherSeed);
    assertNotEquals(second, nextStep, "a step is not the one before, moved by a draw");
    tape.begin(1, 0, 0);
    assertEquals(first, tape.nextSeed());
    assertEquals(second, tape.nextSeed());
  }

  private Tensor tensor(int size) {
    return Tensor.zeros(device, Shape.of(size), DType.FP32);
  }

  private static Tensor closed(Tensor tensor) {
    tensor.close();
    return tensor;
  }
}
