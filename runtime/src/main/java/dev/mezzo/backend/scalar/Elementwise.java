package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Comparison;
import dev.mezzo.backend.DropoutMask;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Tail;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One result for each element. Operands are read whole before the result is written, so any may be
 * the result's memory.
 */
final class Elementwise {

  private Elementwise() {}

  static void unary(Unary function, Operand x, Operand y) {
    float[] values = Values.read(x);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Functions.value(function, values[i]);
    }
    Values.write(values, y);
  }

  static void unaryGradient(Unary function, Operand dy, Operand saved, Operand dx) {
    float[] values = Values.read(dy);
    float[] at = Values.read(saved);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Functions.gradient(function, values[i], at[i]);
    }
    Values.write(values, dx);
  }

  static void binary(Binary function, Operand a, Operand b, Operand c, Broadcast broadcast) {
    float[] left = Values.read(a);
    float[] right = Values.read(b);
    float[] values = new float[Values.length(c)];
    int[] dims = broadcast.dims();
    int[] index = new int[dims.length];
    for (int i = 0; i < values.length; i++) {
      float x = left[offset(index, broadcast.aStrides())];
      float y = right[offset(index, broadcast.bStrides())];
      values[i] = binary(function, x, y);
      advance(index, dims);
    }
    Values.write(values, c);
  }

  static void compare(Comparison function, Operand a, Operand b, Operand y, Broadcast broadcast) {
    double[] left = doubles(a);
    double[] right = doubles(b);
    int[] values = new int[Values.length(y)];
    int[] index = new int[broadcast.dims().length];
    for (int i = 0; i < values.length; i++) {
      double first = left[offset(index, broadcast.aStrides())];
      double second = right[offset(index, broadcast.bStrides())];
      boolean holds =
          switch (function) {
            case EQUAL -> first == second;
            case NOT_EQUAL -> first != second;
            case LESS -> first < second;
            case LESS_OR_EQUAL -> first <= second;
          };
      values[i] = holds ? 1 : 0;
      advance(index, broadcast.dims());
    }
    Values.writeInts(values, y);
  }

  /** Floats or ints, exactly. */
  private static double[] doubles(Operand x) {
    if (x.dtype() == DType.INT32) {
      return Arrays.stream(Values.readInts(x)).asDoubleStream().toArray();
    }
    float[] values = Values.read(x);
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  static float binary(Binary function, float x, float y) {
    return switch (function) {
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case DIVIDE -> x / y;
      case MAXIMUM -> Math.max(x, y);
      case MINIMUM -> Math.min(x, y);
      case EQUAL -> x == y ? 1 : 0;
      case POWER -> (float) Math.pow(x, y);
    };
  }

  static void ternary(
      Ternary function, Operand a, Operand b, Operand c, Operand y, Broadcast broadcast) {
    float[] first = a.dtype() == DType.INT32 ? floats(Values.readInts(a)) : Values.read(a);
    float[] second = Values.read(b);
    float[] third = Values.read(c);
    float[] values = new float[Values.length(y)];
    int[] index = new int[broadcast.dims().length];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          ternary(
              function,
              first[offset(index, broadcast.strides()[0])],
              second[offset(index, broadcast.strides()[1])],
              third[offset(index, broadcast.strides()[2])]);
      advance(index, broadcast.dims());
    }
    Values.write(values, y);
  }

  static float ternary(Ternary function, float a, float b, float c) {
    return switch (function) {
      case WHERE -> a != 0 ? b : c;
      case MAXIMUM_GRADIENT -> b == c ? a / 2 : b < c ? 0 : a;
      case MINIMUM_GRADIENT -> b == c ? a / 2 : b > c ? 0 : a;
      case BASE_GRADIENT -> c == 0 ? 0 : (float) (a * (c * Math.pow(b, c - 1.0)));
      case EXPONENT_GRADIENT -> b == 0 && c >= 0 ? 0 : (float) (a * (Math.pow(b, c) * Math.log(b)));
      case TIED -> b == c ? a : 0;
      case SCALED_DIFFERENCE -> a * (b - c);
      case DIVISOR_GRADIENT -> (float) (-(double) a * ((double) b / c) / c);
    };
  }

  /** What is not 0 stays so. */
  private static float[] floats(int[] ints) {
    float[] values = new float[ints.length];
    for (int i = 0; i < ints.length; i++) {
      values[i] = ints[i];
    }
    return values;
  }

  static void scale(Operand x, float factor, Operand y) {
    float[] values = Values.read(x);
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    Values.write(values, y);
  }

  static void dropout(Operand x, Operand y, float rate, long seed, @Nullable Tail tail) {
    float[] values = Values.read(x);
    for (int i = 0; i < values.length; i++) {
      values[i] = DropoutMask.keeps(seed, i, rate) ? values[i] / (1 - rate) : 0;
    }
    Tails.apply(tail, values, 0);
    Values.write(values, y);
  }

  static int offset(int[] index, long[] strides) {
    long offset = 0;
    for (int d = 0; d < index.length; d++) {
      offset += index[d] * strides[d];
    }
    return (int) offset;
  }

  /** To the next index in row-major order. */
  static void advance(int[] index, int[] dims) {
    for (int d = dims.length - 1; d >= 0; d--) {
      if (++index[d] < dims[d]) {
        return;
      }
      index[d] = 0;
    }
  }
}
