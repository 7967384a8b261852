package dev.mezzo.examples.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Device;
import dev.mezzo.Tensor;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

final class BatchesTest {

  private final LabeledImages test = FashionMnist.test(new DataLocation.Bundled());

  @Test
  void tensorsOfABatch() {
    Batch batch = test.shuffled(3).batches(64).iterator().next();
    assertEquals(Shape.of(64, 784), batch.images().shape());
    assertEquals(DType.FP32, batch.images().dtype());
    assertEquals(Shape.of(64), batch.labels().shape());
    assertEquals(DType.INT32, batch.labels().dtype());
    float[] expected = new float[784];
    test.shuffled(3).copyImage(5, expected, 0);
    assertArrayEquals(expected, Arrays.copyOfRange(batch.images().toFloats(), 5 * 784, 6 * 784));
    assertEquals(test.shuffled(3).label(5), batch.labels().toInts()[5]);
    batch.close();
  }

  @Test
  void theLastOneMayBeSmaller() {
    assertEquals(List.of(900, 900, 200), sizes(test.batches(900)));
    assertEquals(List.of(1000, 1000), sizes(test.batches(1000)));
    assertEquals(List.of(2000), sizes(test.batches(5000)));
  }

  @Test
  void orIsLeftOut() {
    assertEquals(List.of(900, 900), sizes(test.fullBatches(900)));
    assertEquals(List.of(1000, 1000), sizes(test.fullBatches(1000)));
    assertEquals(List.of(), sizes(test.fullBatches(5000)));
  }

  @Test
  void oneBatchIsOpenAtATime() {
    long live = Device.current().memory().liveTensors();
    List<Tensor> seen = new ArrayList<>();
    for (Batch batch : test.batches(500)) {
      assertFalse(batch.images().isClosed());
      assertEquals(live + 2, Device.current().memory().liveTensors());
      seen.add(batch.images());
    }
    assertEquals(4, seen.size());
    assertTrue(seen.stream().allMatch(Tensor::isClosed));
    assertEquals(live, Device.current().memory().liveTensors());
  }

  @Test
  void afterTheLast() {
    Iterator<Batch> batches = test.batches(2000).iterator();
    batches.next();
    assertFalse(batches.hasNext());
    assertThrows(NoSuchElementException.class, batches::next);
  }

  @Test
  void noBatchOfNothing() {
    assertThrows(IllegalArgumentException.class, () -> test.batches(0));
  }

  private static List<Integer> sizes(Batches batches) {
    List<Integer> sizes = new ArrayList<>();
    for (Batch batch : batches) {
      sizes.add(batch.size());
    }
    assertEquals(sizes.size(), batches.count());
    return sizes;
  }
}
