package dev.mezzo.backend.vector;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import dev.mezzo.backend.Comparison;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Comparisons that give 1 or 0. A loop for each: the operator must be a constant where it is
 * compiled. Up to a vector's length less one element beyond the end is computed too.
 */
final class Comparisons {

  private static final int LANES = Lanes.COUNT;

  private Comparisons() {}

  /** to = f(x, y) ? 1 : 0. */
  static void apply(Comparison f, float[] x, float[] y, int[] to, int n) {
    switch (f) {
      case EQUAL -> floats(EQ, x, y, to, n);
      case NOT_EQUAL -> floats(NE, x, y, to, n);
      case LESS -> floats(LT, x, y, to, n);
      case LESS_OR_EQUAL -> floats(LE, x, y, to, n);
    }
  }

  /** x = f(x, y) ? 1 : 0. */
  static void apply(Comparison f, int[] x, int[] y, int n) {
    switch (f) {
      case EQUAL -> ints(EQ, x, y, n);
      case NOT_EQUAL -> ints(NE, x, y, n);
      case LESS -> ints(LT, x, y, n);
      case LESS_OR_EQUAL -> ints(LE, x, y, n);
    }
  }

  private static void floats(VectorOperators.Comparison f, float[] x, float[] y, int[] to, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector right = FloatVector.fromArray(Lanes.FLOATS, y, i);
      VectorMask<Float> holds = FloatVector.fromArray(Lanes.FLOATS, x, i).compare(f, right);
      one(holds.cast(Lanes.INTS), to, i);
    }
  }

  private static void ints(VectorOperators.Comparison f, int[] x, int[] y, int n) {
    for (int i = 0; i < n; i += LANES) {
      IntVector right = IntVector.fromArray(Lanes.INTS, y, i);
      one(IntVector.fromArray(Lanes.INTS, x, i).compare(f, right), x, i);
    }
  }

  private static void one(VectorMask<Integer> holds, int[] to, int at) {
    IntVector.zero(Lanes.INTS).blend(1, holds).intoArray(to, at);
  }
}
