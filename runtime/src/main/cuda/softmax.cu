// Softmax of rows, its logarithm, and their gradients. A row is read twice; a warp takes it, or a block. x, y, dy, dx (rows, cols).
// In place: y may be x, dx may be dy.
#include "softmax.cuh"

template <int G>
__device__ void softmaxRows(const Array& x, const Array& y, Index rows, Index cols, bool logarithm) {
  for (Index row = Group<G>::first(); row < rows; row += Group<G>::count()) {
    Index from = row * cols, to = from + cols;
    Exponentials e = exponentials<G>(x, from, cols);
    float inverse = 1 / e.sum, logSum = logf(e.sum);
    for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) {
      Eight v = loadWithin(x, i, from, to);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        float shifted = v.v[k] - e.maximum;
        v.v[k] = logarithm ? shifted - logSum : expf(shifted) * inverse;
      }
      storeWithin(y, i, from, to, v);
    }
  }
}
BLOCK_KERNEL(softmaxByWarps, Array x, Array y, Index rows, Index cols, int logarithm) {
  softmaxRows<LANES>(x, y, rows, cols, logarithm != 0);
}
BLOCK_KERNEL(softmaxByBlocks, Array x, Array y, Index rows, Index cols, int logarithm) {
  softmaxRows<THREADS>(x, y, rows, cols, logarithm != 0);
}

template <int G>
__device__ void softmaxGradientRows(const Array& dy, const Array& y, const Array& dx, Index rows, Index cols, bool logarithm) {
  for (Index row = Group<G>::first(); row < rows; row += Group<G>::count()) {
    Index from = row * cols, to = from + cols;
    float sum = 0;
    for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) {
      Eight d = loadWithin(dy, i, from, to), v = loadWithin(y, i, from, to);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) sum += logarithm ? d.v[k] : d.v[k] * v.v[k];
    }
    sum = Group<G>::template over<Sum>(sum, 0.0f);
    for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) {
      Eight d = loadWithin(dy, i, from, to), v = loadWithin(y, i, from, to);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) d.v[k] = logarithm ? d.v[k] - expf(v.v[k]) * sum : v.v[k] * (d.v[k] - sum);
      storeWithin(dx, i, from, to, d);
    }
  }
}
BLOCK_KERNEL(softmaxGradientByWarps, Array dy, Array y, Array dx, Index rows, Index cols, int logarithm) {
  softmaxGradientRows<LANES>(dy, y, dx, rows, cols, logarithm != 0);
}
BLOCK_KERNEL(softmaxGradientByBlocks, Array dy, Array y, Array dx, Index rows, Index cols, int logarithm) {
  softmaxGradientRows<THREADS>(dy, y, dx, rows, cols, logarithm != 0);
}
