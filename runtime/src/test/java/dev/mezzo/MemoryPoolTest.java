package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** Memory that is used up, and sizes that no memory has. */
class MemoryPoolTest {

  private static final long LIMIT = 1 << 20;

  @Test
  void anErrorSaysWhatWasAskedForAndWhatIsHeldByWhom() {
    Device device = Device.of(limited());
    try (Tensor held = Tensor.zeros(device, Shape.of(300, 7), DType.FP32);
        Tensor other = Tensor.zeros(device, Shape.of(300, 7), DType.FP32)) {
      OutOfMemoryError e =
          assertThrows(
              OutOfMemoryError.class, () -> Tensor.allocate(device, Shape.of(1 << 20), DType.FP32));
      String message = e.toString();
      assertTrue(message.contains("4,194,304 bytes asked for on limited"), message);
      assertTrue(message.contains("16,800 bytes in 2 tensors"), message);
      assertTrue(message.contains("2 x (300, 7) FP32"), message);
      assertEquals(held.shape(), other.shape());
    }
  }

  @Test
  void afterwardsThePoolIsWhole() {
    Device device = Device.of(limited());
    try (Tensor x = Tensor.zeros(device, Shape.of(5), DType.FP32).fill(2)) {
      Shape large = Shape.of(1 << 20);
      assertThrows(OutOfMemoryError.class, () -> Tensor.allocate(device, large, DType.FP32));
      assertThrows(OutOfMemoryError.class, () -> Ops.pad(x, new int[1], new int[] {1 << 20}, 0));
      assertEquals(1, device.memory().liveTensors());
      assertEquals(20, device.memory().liveBytes());
      try (Tensor y = Ops.square(x)) {
        assertEquals(4, y.toFloats()[4]);
      }
    }
    assertEquals(0, device.memory().liveBytes());
  }

  @Test
  void sizesBeyondALongAreRefused() {
    int most = Integer.MAX_VALUE;
    ShapeException e = assertThrows(ShapeException.class, () -> Shape.of(most, most, most));
    assertTrue(e.toString().endsWith("has more elements than a long counts"), e::toString);
    assertEquals(0, Shape.of(0, most).size());
  }

  @Test
  void dimensionsBeyondAnIntAreRefused() {
    Shape huge = Shape.of((1 << 16) + 1, 1 << 15);
    ShapeException e =
        assertThrows(ShapeException.class, () -> Views.complete(huge, new int[] {-1}));
    assertTrue(e.toString().contains("(65537, 32768) to [-1]: 2147516416 elements"), e::toString);
    assertEquals(Shape.of(2, (1 << 30) + (1 << 14)), Views.complete(huge, new int[] {2, -1}));
    int half = 1 << 30;
    assertThrows(
        ShapeException.class, () -> Views.complete(huge, new int[] {half, half, half, -1}));
  }

  @Test
  void sizesBeyondWhatKernelsCountAreRefused() {
    Device device = TestDevices.scalar();
    try (Tensor scalar = Tensor.zeros(device, Shape.of(1, 1, 1), DType.FP32)) {
      int half = 1 << 30;
      int[] none = new int[3];
      assertThrows(
          ShapeException.class, () -> Ops.pad(scalar, none, new int[] {half, half, half}, 0));
      assertThrows(
          ShapeException.class,
          () -> Ops.pad(scalar, new int[] {half, 0, 0}, new int[] {half, 0, 0}, 0));
    }
  }

  /** Plain loops with little memory: what was given is given, whether or not it is used. */
  private static Backend limited() {
    ScalarBackend right = new ScalarBackend();
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("allocate") && (long) arguments[0] > LIMIT) {
                throw new OutOfMemoryError("no more");
              }
              if (method.getName().equals("description")) {
                return "limited";
              }
              try {
                return method.invoke(right, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
