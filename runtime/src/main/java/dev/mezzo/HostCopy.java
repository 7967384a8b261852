package dev.mezzo;

import dev.mezzo.types.BFloat16;
import dev.mezzo.types.DType;
import dev.mezzo.types.ShapeException;
import java.lang.foreign.MemorySegment;
import java.util.StringJoiner;

/** Copies between a tensor and Java arrays, in the order of its shape. */
final class HostCopy {

  private HostCopy() {}

  static void upload(Tensor to, float[] values) {
    checkWritable(to, values.length);
    MemorySegment host =
        switch (to.dtype()) {
          case FP32 -> MemorySegment.ofArray(values);
          case FP16, BF16 -> MemorySegment.ofArray(round(values, to.dtype()));
          case INT32 ->
              throw new ShapeException("copyFrom: an INT32 tensor takes int[], not float[]");
        };
    to.device().backend().upload(host, to.operand().data());
  }

  static void upload(Tensor to, int[] values) {
    checkWritable(to, values.length);
    if (to.dtype() != DType.INT32) {
      throw new ShapeException("copyFrom: an " + to.dtype() + " tensor takes float[], not int[]");
    }
    to.device().backend().upload(MemorySegment.ofArray(values), to.operand().data());
  }

  static float[] floats(Tensor from) {
    int size = arraySize(from);
    return switch (from.dtype()) {
      case FP32 -> {
        float[] values = new float[size];
        download(from, MemorySegment.ofArray(values));
        yield values;
      }
      case FP16, BF16 -> {
        short[] bits = new short[size];
        download(from, MemorySegment.ofArray(bits));
        yield widen(bits, from.dtype());
      }
      case INT32 -> throw new ShapeException("toFloats: the tensor is INT32; use toInts");
    };
  }

  static int[] ints(Tensor from) {
    if (from.dtype() != DType.INT32) {
      throw new ShapeException("toInts: the tensor is " + from.dtype() + "; use toFloats");
    }
    int[] values = new int[arraySize(from)];
    download(from, MemorySegment.ofArray(values));
    return values;
  }

  static String show(Tensor tensor, int most) {
    StringJoiner shown = new StringJoiner(", ", "[", "]");
    boolean ints = tensor.dtype() == DType.INT32;
    int[] intValues = ints ? tensor.toInts() : new int[0];
    float[] floatValues = ints ? new float[0] : tensor.toFloats();
    int size = Math.max(intValues.length, floatValues.length);
    for (int i = 0; i < Math.min(size, most); i++) {
      shown.add(ints ? Integer.toString(intValues[i]) : Float.toString(floatValues[i]));
    }
    return (size > most ? shown.add("…") : shown).toString();
  }

  private static void download(Tensor from, MemorySegment host) {
    try (Tensor rowMajor = from.contiguous()) {
      from.device().backend().download(rowMajor.operand().data(), host);
    }
  }

  private static short[] round(float[] values, DType dtype) {
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] =
          dtype == DType.FP16 ? Float.floatToFloat16(values[i]) : BFloat16.fromFloat(values[i]);
    }
    return bits;
  }

  private static float[] widen(short[] bits, DType dtype) {
    float[] values = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      values[i] = dtype == DType.FP16 ? Float.float16ToFloat(bits[i]) : BFloat16.toFloat(bits[i]);
    }
    return values;
  }

  private static void checkWritable(Tensor to, int length) {
    to.storage().checkUnclaimed();
    if (to.shape().size() != length) {
      throw new ShapeException(
          "copyFrom: shape %s has %d elements, but %d values are given"
              .formatted(to.shape(), to.shape().size(), length));
    }
  }

  private static int arraySize(Tensor from) {
    long size = from.shape().size();
    if (size > Integer.MAX_VALUE - 8) {
      throw new ShapeException(
          "shape " + from.shape() + " has more elements than a Java array can hold");
    }
    return (int) size;
  }
}
