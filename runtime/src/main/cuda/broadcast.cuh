// How operands with repeated dimensions are read, as dev.mezzo.backend.Broadcast says.
#pragma once
#include "mezzo.cuh"

constexpr int RANK = 8;

// Dimensions of the result, and strides in elements of N operands; `rank` of them count.
template <int N>
struct Walk {
  Index rank;
  Index dims[RANK];
  Index strides[N][RANK];
};

// Where element i of the result lies in each operand, and its index in the last dimension.
template <int N>
__device__ __forceinline__ Index locate(int rank, const Index* dims, const Index (*strides)[RANK], Index i, Index (&offsets)[N]) {
#pragma unroll
  for (int k = 0; k < N; k++) offsets[k] = 0;
  Index rest = i, last = i;
#pragma unroll 1
  for (int d = rank - 1; d >= 0; d--) {
    Index index = rest;
    if (d > 0) {
      if (rest >> 32 == 0) {  // dims fit 32 bits; so do most arrays, where division is far cheaper
        unsigned dim = unsigned(dims[d]);
        index = unsigned(rest) % dim;
        rest = unsigned(rest) / dim;
      } else {
        index = rest % dims[d];
        rest /= dims[d];
      }
    }
    if (d == rank - 1) last = index;
#pragma unroll
    for (int k = 0; k < N; k++) offsets[k] += index * strides[k][d];
  }
  return last;
}

template <int N>
__device__ __forceinline__ Index locate(const Walk<N>& walk, Index i, Index (&offsets)[N]) {
  return locate(int(walk.rank), walk.dims, walk.strides, i, offsets);
}

// What an operand that is repeated, or not contiguous, has for elements i, ..., i + 7 of the result, of n.
__device__ __noinline__ Eight loadBroadcast(Array x, int rank, const Index* dims, const Index (*strides)[RANK], Index i, Index n) {
  Index offset[1], last = locate(rank, dims, strides, i, offset), stride = strides[0][rank - 1];
  if (last + WIDTH <= dims[rank - 1] && stride <= 1) {
    if (stride == 1) return load(x, offset[0], offset[0] + WIDTH);
    float value = get(x, offset[0]);
    return {value, value, value, value, value, value, value, value};
  }
  Eight y;
#pragma unroll 1
  for (int k = 0; k < WIDTH; k++) {
    if (last == dims[rank - 1] && i + k < n) last = locate(rank, dims, strides, i + k, offset);
    y.v[k] = i + k < n ? get(x, offset[0]) : 0;
    offset[0] += stride;
    last++;
  }
  return y;
}

// What each operand has for elements i, ..., i + 7 of the result, of n.
template <int N>
__device__ __forceinline__ void loadAll(const Walk<N>& walk, const Array* operands, Index i, Index n, Eight (&values)[N]) {
#pragma unroll
  for (int k = 0; k < N; k++) {
    bool plain = walk.rank == 1 && walk.strides[k][0] == 1;
    values[k] = plain ? load(operands[k], i, n) : loadBroadcast(operands[k], int(walk.rank), walk.dims, walk.strides + k, i, n);
  }
}
