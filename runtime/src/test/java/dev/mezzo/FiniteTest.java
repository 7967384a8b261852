package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteTest {

  @Test
  void finiteTensorsComeBack() {
    try (Tensor x = Tensor.of(Shape.of(2, 2), 0f, -1f, Float.MAX_VALUE, Float.MIN_VALUE);
        Tensor none = Tensor.of(Shape.of(0));
        Tensor ints = Tensor.ofInts(Shape.of(1), 0x7fc00000)) {
      assertSame(x, Finite.check(x, "here"));
      assertSame(none, Finite.check(none, "here"));
      assertSame(ints, Finite.check(ints, "here"));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void othersNameThePlaceAndTheElement(float value) {
    Tensor x = Tensor.of(Shape.of(1, 3), 1f, value, 2f);
    NonFiniteException thrown =
        assertThrows(NonFiniteException.class, () -> Finite.check(x, "Mlp.java:9 relu, h"));
    assertEquals("Mlp.java:9 relu, h: element 1 of (1, 3) FP32 is " + value, thrown.getMessage());
  }

  @Test
  void valuesBeyondHalf() {
    try (Tensor x = Tensor.of(Shape.of(1), 65520f)) {
      Tensor half = Ops.cast(x, DType.FP16);
      assertThrows(NonFiniteException.class, () -> Finite.check(half, "here"));
    }
  }
}
