package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A spec that does not read, or does not fit, is refused with the reason. */
class EinsumTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ij,jk | it must read as in ij,jk->ik: two operands and the result",
        "ij->ji | it must read as in ij,jk->ik: two operands and the result",
        "ij,jk,kl->il | it must read as in ij,jk->ik: two operands and the result",
        "ij,jk->il | the result has a dimension that no operand has",
        "ii,jk->ik | a name occurs twice in ii, a diagonal, which it does not take",
        "...i,ij->...j | dimensions are named by letters; for others write reshape first"
      })
  void whatDoesNotRead(String spec, String rule) {
    refused(spec, "einsum: \"" + spec + "\": " + rule);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"ij,kj->ik | dimension j is 3 and 5", "i,kj->ik | each dimension needs one name"})
  void whatDoesNotFit(String spec, String rule) {
    refused(spec, "einsum: \"" + spec + "\" of (2, 3) and (4, 5): " + rule);
  }

  private static void refused(String spec, String message) {
    Device device = TestDevices.scalar();
    try (Tensor a = Tensor.zeros(device, Shape.of(2, 3), DType.FP32);
        Tensor b = Tensor.zeros(device, Shape.of(4, 5), DType.FP32)) {
      ShapeException e = assertThrows(ShapeException.class, () -> Ops.einsum(spec, a, b));
      assertEquals(message, e.getMessage());
    }
  }
}
