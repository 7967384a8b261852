// Element-wise kernels: y[i] = f(operands[i]) for i < n, computed in FP32 and rounded once. In place: y may be the memory of an
// operand of the same type that is not repeated, except where said. A thread takes eight neighbours at a time; any grid of one
// dimension.
#include "broadcast.cuh"
#include "functions.cuh"

KERNEL(unary, Array x, Array y, Index n, int function, float a, float b) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    store(y, i, n, unaryOf(function, a, b, load(x, i, n)));
  }
}

KERNEL(unaryGradient, Array dy, Array saved, Array dx, Index n, int function, float a, float b) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    store(dx, i, n, unaryGradientOf(function, a, b, load(dy, i, n), load(saved, i, n)));
  }
}

KERNEL(binary, Array a, Array b, Array y, Index n, int function, const __grid_constant__ Walk<2> walk) {
  Array operands[] = {a, b};
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v[2];
    loadAll(walk, operands, i, n, v);
    store(y, i, n, binaryOf(function, v[0], v[1]));
  }
}

KERNEL(ternary, Array a, Array b, Array c, Array y, Index n, int function, const __grid_constant__ Walk<3> walk) {
  Array operands[] = {a, b, c};
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v[3];
    loadAll(walk, operands, i, n, v);
    store(y, i, n, ternaryOf(function, v[0], v[1], v[2]));
  }
}

// y is INT32; a and b are floats, or both INT32. Not in place.
KERNEL(compare, Array a, Array b, Array y, Index n, int function, const __grid_constant__ Walk<2> walk) {
  for (Index i = firstThread(); i < n; i += allThreads()) {
    Index at[2];
    locate(walk, i, at);
    bool holds = a.type == INT32 ? compares(function, getInt(a, at[0]), getInt(b, at[1]))
                                 : compares(function, get(a, at[0]), get(b, at[1]));
    static_cast<int*>(y.data)[i] = holds ? 1 : 0;
  }
}

KERNEL(scale, Array x, Array y, Index n, float factor) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v = load(x, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) v.v[k] *= factor;
    store(y, i, n, v);
  }
}

__device__ __forceinline__ unsigned mixed(unsigned h) {
  h = (h ^ h >> 16) * 0x85EBCA6Bu;
  h = (h ^ h >> 13) * 0xC2B2AE35u;
  return h ^ h >> 16;
}

// dev.mezzo.backend.DropoutMask.uniform: the same numbers whatever the backend.
__device__ __forceinline__ float uniform(unsigned long long seed, unsigned long long index) {
  unsigned low = mixed(unsigned(index) * 0x9E3779B9u + unsigned(seed));
  unsigned high = mixed(low ^ (unsigned(seed >> 32) + unsigned(index >> 32) * 0x85EBCA6Bu));
  return float(high >> 8) * 5.9604645e-8f;
}

KERNEL(dropout, Array x, Array y, Index n, float rate, Index seed) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v = load(x, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) v.v[k] = uniform(seed, i + k) >= rate ? v.v[k] / (1 - rate) : 0;
    store(y, i, n, v);
  }
}
