package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many weights are checked and updated by few kernels, and come out as those of plain loops. */
class CudaUpdatesTest {

  private static final int WEIGHTS = 150;

  @BeforeEach
  void fake() {
    assumeFalse(FakeCuda.real(), "calls of a GPU's driver are not counted");
    String missing = FakeCuda.install();
    assumeTrue(missing.isEmpty(), missing);
    FakeDriver.reset();
  }

  @AfterEach
  void reset() {
    if (FakeCuda.install().isEmpty() && !FakeCuda.real()) {
      FakeDriver.reset();
    }
  }

  /** Three lists to a pass: checked as they come, updated by their settings. */
  @Test
  void aStepOfManyWeightsIsAFewStarts() {
    try (CudaBackend backend = new CudaBackend(0)) {
      Step step = new Step(backend);
      backend.synchronize();
      long before = FakeDriver.calls("cuLaunchKernel");
      step.run(Double.NaN);
      backend.synchronize();
      assertEquals(3 + 1 + 3 + 1, FakeDriver.calls("cuLaunchKernel") - before);
    }
  }

  @Test
  void weightsAreThoseOfPlainLoops() {
    try (CudaBackend backend = new CudaBackend(0);
        ScalarBackend plain = new ScalarBackend()) {
      Step step = new Step(backend);
      Step expected = new Step(plain);
      for (Step one : List.of(step, expected)) {
        one.run(Double.NaN);
        one.run(Double.NaN);
      }
      for (int i = 0; i < WEIGHTS; i++) {
        assertArrayEquals(expected.read(i), step.read(i), 1e-6f, "weight " + i);
      }
    }
  }

  /** Steps of one weight are one after the other, whoever makes several. */
  @Test
  void aWeightIsNotTwiceInAStart() {
    try (CudaBackend backend = new CudaBackend(0)) {
      Step step = new Step(backend);
      backend.synchronize();
      long before = FakeDriver.calls("cuLaunchKernel");
      for (int i = 0; i < 3; i++) {
        step.adamW(0);
        step.adamW(2);
      }
      backend.synchronize();
      assertEquals(3, FakeDriver.calls("cuLaunchKernel") - before);
    }
  }

  /** The last weight alone has an infinite gradient: its flag is set, and nothing is written. */
  @Test
  void oneOverflowKeepsAllWeights() {
    try (CudaBackend backend = new CudaBackend(0)) {
      Step step = new Step(backend);
      float[] before = step.read(0);
      step.run(Double.POSITIVE_INFINITY);
      assertArrayEquals(before, step.read(0));
      int[] flags = new int[WEIGHTS];
      backend.download(step.control.flags().data(), MemorySegment.ofArray(flags));
      int[] expected = new int[WEIGHTS];
      expected[WEIGHTS - 1] = 1;
      assertArrayEquals(expected, flags);
    }
  }

  /** Weights of many sizes, some larger than what a block takes at once, on a backend. */
  private static final class Step {

    private final Backend backend;
    private final List<Operand> gradients = new ArrayList<>();
    private final List<Operand> masters = new ArrayList<>();
    private final List<Operand> means = new ArrayList<>();
    private final List<Operand> variances = new ArrayList<>();
    private final StepControl control;

    Step(Backend backend) {
      this.backend = backend;
      for (int i = 0; i < WEIGHTS; i++) {
        int size = 1 + 97 * i % 5003;
        gradients.add(floats(size, i + 1));
        masters.add(floats(size, -2 * i));
        means.add(floats(size, 0));
        variances.add(floats(size, 0));
      }
      control =
          new StepControl(
              ints(WEIGHTS),
              floats(1, 0),
              ints(1),
              floats(1, 0),
              ints(1),
              constant(0.1f),
              floats(1, 0),
              constant(2f),
              ints(2));
    }

    /** A step of AdamW for all but every fifth weight, whose step is SGD's. */
    void run(double last) {
      if (!Double.isNaN(last)) {
        Operand gradient = gradients.getLast();
        backend.fill(gradient.slice(gradient.size() - 1, 1), (float) last);
      }
      for (int i = 0; i < WEIGHTS; i++) {
        backend.checkFinite(gradients.get(i), control, i);
      }
      backend.beginUpdate(control, Float.POSITIVE_INFINITY);
      for (int i = 0; i < WEIGHTS; i++) {
        if (i % 5 == 0) {
          backend.sgd(
              new SgdStep(
                  control,
                  gradients.get(i),
                  means.get(i),
                  masters.get(i),
                  null,
                  0.9f,
                  true,
                  0.01f));
        } else {
          adamW(i);
        }
      }
      backend.endUpdate(control, LossScale.dynamic());
    }

    void adamW(int i) {
      backend.adamW(
          new AdamWStep(
              control,
              gradients.get(i),
              means.get(i),
              variances.get(i),
              masters.get(i),
              null,
              0.9f,
              0.999f,
              1e-8f,
              i % 2 == 0 ? 0 : 0.01f));
    }

    float[] read(int weight) {
      float[] values = new float[(int) masters.get(weight).size()];
      backend.download(masters.get(weight).data(), MemorySegment.ofArray(values));
      return values;
    }

    private Operand floats(int size, int seed) {
      float[] values = new float[size];
      for (int i = 0; seed != 0 && i < size; i++) {
        values[i] = (float) Math.sin(seed + 0.37 * i);
      }
      return new Operand(upload(MemorySegment.ofArray(values)), DType.FP32, size);
    }

    private Operand constant(float value) {
      return new Operand(upload(MemorySegment.ofArray(new float[] {value})), DType.FP32, 1);
    }

    private Operand ints(int size) {
      return new Operand(upload(MemorySegment.ofArray(new int[size])), DType.INT32, size);
    }

    private MemorySegment upload(MemorySegment values) {
      MemorySegment memory = backend.allocate(values.byteSize()).asSlice(0, values.byteSize());
      backend.upload(values, memory);
      return memory;
    }
  }
}
