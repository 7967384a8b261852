package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import org.junit.jupiter.api.Test;

/** What arrays of tensors hold, and who owns it. */
class TensorArrayTest {

  @Test
  void ownsWhatIsInIt() {
    long before = Device.current().memory().liveTensors();
    try (Tensor a = Tensor.of(Shape.of(2), 1, 2);
        Tensor b = Tensor.of(Shape.of(2), 3, 4);
        TensorArray array = TensorArray.of(a, b)) {
      array.set(0, b);
      array.set(2, a);
      try (Tensor first = array.get(0);
          Tensor last = array.get(2)) {
        assertEquals(3, array.size());
        assertArrayEquals(new float[] {3, 4}, first.toFloats());
        assertArrayEquals(new float[] {1, 2}, last.toFloats());
      }
    }
    assertEquals(before, Device.current().memory().liveTensors());
  }

  @Test
  void saysWhichElementIsMissing() {
    try (TensorArray array = new TensorArray(3)) {
      assertEquals(
          "element 1 of 3 has not been assigned",
          assertThrows(IllegalStateException.class, () -> array.get(1)).getMessage());
      assertEquals(
          "element 3 of 3",
          assertThrows(IndexOutOfBoundsException.class, () -> array.get(3)).getMessage());
    }
  }

  @Test
  void gradientsAddUpUntilTheyAreTaken() {
    long before = Device.current().memory().liveTensors();
    try (Tensor one = Tensor.of(Shape.of(2), 1, 2);
        TensorArray gradients = new TensorArray(0)) {
      gradients.plus(1, one);
      gradients.plus(1, one);
      Layout layout = one.layout();
      try (Tensor sum = gradients.take(1, layout);
          Tensor none = gradients.take(1, layout)) {
        assertArrayEquals(new float[] {2, 4}, sum.toFloats());
        assertArrayEquals(new float[] {0, 0}, none.toFloats());
      }
      gradients.plus(0, one);
      Tensor[] all = gradients.filled(new Layout[] {layout, layout, layout});
      assertArrayEquals(new float[] {1, 2}, all[0].toFloats());
      assertArrayEquals(new float[] {0, 0}, all[2].toFloats());
      gradients.drop(0);
      assertArrayEquals(new float[] {1, 2}, one.toFloats(), "what was given is not changed");
    }
    assertEquals(before, Device.current().memory().liveTensors());
  }

  @Test
  void theTapeHasItAsItWas() {
    Tape tape = Tape.forTraining();
    try (Tensor a = Tensor.of(Shape.of(2), 1, 2);
        Tensor b = Tensor.of(Shape.of(2), 3, 4);
        TensorArray array = TensorArray.of(a)) {
      tape.save(array);
      assertEquals(8, tape.savedBytes());
      array.set(0, b);
      try (TensorArray restored = tape.restoreArray();
          Tensor first = restored.get(0)) {
        assertArrayEquals(new float[] {1, 2}, first.toFloats());
      }
      tape.save(array);
      tape.drop(1);
      assertEquals(0, tape.savedBytes());
    }
  }
}
