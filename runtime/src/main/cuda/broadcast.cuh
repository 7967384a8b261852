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

// What each operand has for elements i, ..., i + 7 of the result, of n.
template <int N>
__device__ __forceinline__ void loadAll(int rank, const Index* dims, const Index (*strides)[RANK], const Array* operands, Index i,
                                        Index n, Eight (&values)[N]) {
  Index offsets[N];
  int inner = rank - 1;
  Index last = locate(rank, dims, strides, i, offsets);
  if (last + WIDTH <= dims[inner]) {
#pragma unroll
    for (int k = 0; k < N; k++) {
      Index stride = strides[k][inner];
      if (stride == 1) {
        values[k] = load(operands[k], offsets[k], offsets[k] + WIDTH);
      } else if (stride == 0) {
        float value = get(operands[k], offsets[k]);
#pragma unroll
        for (int j = 0; j < WIDTH; j++) values[k].v[j] = value;
      } else {
#pragma unroll
        for (int j = 0; j < WIDTH; j++) values[k].v[j] = get(operands[k], offsets[k] + j * stride);
      }
    }
    return;
  }
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    if (last == dims[inner] && i + j < n) last = locate(rank, dims, strides, i + j, offsets);
    last++;
#pragma unroll
    for (int k = 0; k < N; k++) {
      values[k].v[j] = i + j < n ? get(operands[k], offsets[k]) : 0;
      offsets[k] += strides[k][inner];
    }
  }
}

template <int N>
__device__ __forceinline__ void loadAll(const Walk<N>& walk, const Array* operands, Index i, Index n, Eight (&values)[N]) {
  loadAll(int(walk.rank), walk.dims, walk.strides, operands, i, n, values);
}
