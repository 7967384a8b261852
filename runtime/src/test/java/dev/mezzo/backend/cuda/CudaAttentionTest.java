package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels.Saved;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.types.BFloat16;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention with the head dimensions that tensor cores take, beside plain loops. */
class CudaAttentionTest {

  @BeforeEach
  void install() {
    String missing = FakeCuda.install();
    Assumptions.assumeTrue(missing.isEmpty(), missing);
  }

  /**
   * Queries, keys and values in one matrix, as layers have them. Probabilities and slopes are
   * rounded to 16 bits, as results are: each adds its half unit, relative to the greatest element
   * and with some cancellation.
   */
  @ParameterizedTest
  @CsvSource({ // from eight blocks of 128 queries on, on a fake GPU of four multiprocessors, by 32
    // a warp
    "2, FP16, 64, 70, 70, true",
    "2, FP16, 128, 33, 65, true",
    "2, BF16, 64, 65, 31, false",
    "2, BF16, 128, 140, 97, false",
    "2, FP16, 64, 300, 300, true",
    "1, FP16, 64, 70, 70, true",
    "1, FP16, 128, 33, 65, true",
    "1, BF16, 64, 3, 130, false",
    "1, BF16, 128, 16, 16, true",
    "2, FP16, 64, 40, 20, true", // the first queries see nothing
    "1, BF16, 128, 40, 20, true"
  })
  void itIsThatOfPlainLoops(
      int batch, DType dtype, int dims, int queries, int keys, boolean causal) {
    AttentionShape shape =
        new AttentionShape(batch, 4, 2, queries, keys, dims, 1 / (float) Math.sqrt(dims), causal);
    float[][] expected = results(new ScalarBackend(), shape, dtype);
    float[][] found;
    try (CudaBackend backend = new CudaBackend(0)) {
      found = results(backend, shape, dtype);
    }
    String[] names = {"y", "dq", "dk", "dv"};
    double unit = dtype == DType.FP16 ? 0x1p-11 : 0x1p-8;
    for (int r = 0; r < names.length; r++) {
      double most = 0;
      for (float value : expected[r]) {
        most = Math.max(most, Math.abs(value));
      }
      for (int i = 0; i < expected[r].length; i++) {
        assertEquals(expected[r][i], found[r][i], 4 * unit * most, names[r] + ", element " + i);
      }
    }
  }

  /** A query of NaN has a result of NaN, and nobody else has. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void nanIsNotLost(int batch) {
    int rows = 40;
    int dims = 64;
    int width = 4 * dims;
    AttentionShape shape = new AttentionShape(batch, 4, 4, rows, rows, dims, 0.125f, true);
    Random random = new Random(5);
    try (CudaBackend backend = new CudaBackend(0)) {
      Operand q = operand(backend, DType.FP16, batch * rows * width, random);
      Operand k = operand(backend, DType.FP16, batch * rows * width, random);
      Operand y = operand(backend, DType.FP16, batch * rows * width, random);
      backend.fill(q.slice(3L * width, dims), Float.NaN);
      Operand logSums = new Operand(backend.allocate(640L * batch), DType.FP32, 160L * batch);
      Heads keys = new Heads(k, 0, width);
      backend
          .attention()
          .forward(
              new Attention(shape, new Heads(q, 0, width), keys, keys, null),
              new Heads(y, 0, width),
              logSums);
      float[] values = floats(backend, y);
      for (int i = 0; i < values.length; i++) {
        assertEquals(i / dims == 3 * 4, Float.isNaN(values[i]), "element " + i);
      }
      float[] sums = new float[160 * batch];
      backend.download(logSums.data(), MemorySegment.ofArray(sums));
      for (int i = 0; i < sums.length; i++) {
        assertEquals(i == 3, Float.isNaN(sums[i]), "sum " + i);
      }
    }
  }

  private static float[][] results(Backend backend, AttentionShape s, DType dtype) {
    Random random = new Random(17);
    int width = (s.heads() + 2 * s.keyHeads()) * s.headDim();
    int rows = s.batch() * Math.max(s.queries(), s.keys());
    Operand all = operand(backend, dtype, rows * width, random);
    Operand dy = operand(backend, dtype, s.batch() * s.queries() * s.heads() * s.headDim(), random);
    Operand y = operand(backend, dtype, (int) dy.size(), random);
    Operand gradients = operand(backend, dtype, rows * width, random);
    backend.fill(gradients, 0);
    int sums = s.batch() * s.heads() * s.queries();
    Operand logSums = new Operand(backend.allocate(4L * sums), DType.FP32, sums);
    int keysAt = s.heads() * s.headDim();
    int valuesAt = keysAt + s.keyHeads() * s.headDim();
    Attention attention =
        new Attention(
            s,
            new Heads(all, 0, width),
            new Heads(all, keysAt, width),
            new Heads(all, valuesAt, width),
            null);
    Heads out = new Heads(y, 0, keysAt);
    backend.attention().forward(attention, out, logSums);
    Operand dKeys = operand(backend, dtype, rows * width, random);
    Operand dValues = operand(backend, dtype, rows * width, random);
    backend.fill(dKeys, 0);
    backend.fill(dValues, 0);
    backend
        .attention()
        .gradient(
            attention,
            new Saved(new Heads(dy, 0, keysAt), out, logSums),
            new Heads(gradients, 0, width),
            new Heads(dKeys, keysAt, width),
            new Heads(dValues, valuesAt, width));
    return new float[][] {
      floats(backend, y),
      floats(backend, gradients),
      floats(backend, dKeys),
      floats(backend, dValues)
    };
  }

  private static Operand operand(Backend backend, DType dtype, int size, Random random) {
    short[] bits = new short[size];
    for (int i = 0; i < size; i++) {
      float value = (float) random.nextGaussian();
      bits[i] = dtype == DType.FP16 ? Float.floatToFloat16(value) : BFloat16.fromFloat(value);
    }
    MemorySegment memory = backend.allocate(2L * size).asSlice(0, 2L * size);
    backend.upload(MemorySegment.ofArray(bits), memory);
    return new Operand(memory, dtype, size);
  }

  private static float[] floats(Backend backend, Operand x) {
    byte[] bytes = new byte[(int) x.size() * 2];
    MemorySegment host = MemorySegment.ofArray(bytes);
    backend.download(x.data(), host);
    float[] values = new float[(int) x.size()];
    for (int i = 0; i < values.length; i++) {
      short bits = host.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i);
      values[i] = x.dtype() == DType.FP16 ? Float.float16ToFloat(bits) : BFloat16.toFloat(bits);
    }
    return values;
  }
}
