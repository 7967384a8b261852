// Products of small tiles on tensor cores, from 8.0 on: mma.sync m16n8k16, 16-bit factors, FP32 sums. Lane 4g + t of a warp holds of a (16, 16)
// rows g and g + 8, of b (16, 8) column g, of c (16, 8) rows g and g + 8, columns 2t and 2t + 1. The host's shim computes the same from
// that description; it shows that fragments are right, not that a GPU agrees.
#pragma once
#include "mezzo.cuh"

// c += a * b; BF: BF16, else FP16.
template <bool BF>
__device__ __forceinline__ void multiply(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#ifdef MEZZO_ON_HOST
  mezzo_shim::mma16816(c, a, b, BF ? fromBFloat : fromHalf);
#elif __CUDA_ARCH__ >= 800
  if constexpr (BF) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
#endif
}

// Two numbers, rounded, as a word of a fragment.
template <bool BF>
__device__ __forceinline__ unsigned pack(float first, float second) {
  return BF ? toBFloats(first, second) : toHalves(first, second);
}

// Tiles in shared memory have rows of PITCH 16-bit elements, eight more than they use: so the lanes of a warp meet no bank twice.

// a from rows `row`, ... and columns `k`, ... of a tile.
template <int PITCH>
__device__ __forceinline__ void loadA(unsigned (&a)[4], const unsigned short* tile, int row, int k) {
  int g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  const unsigned short* at = tile + (row + g) * PITCH + k + 2 * t;
  a[0] = *reinterpret_cast<const unsigned*>(at);
  a[1] = *reinterpret_cast<const unsigned*>(at + 8 * PITCH);
  a[2] = *reinterpret_cast<const unsigned*>(at + 8);
  a[3] = *reinterpret_cast<const unsigned*>(at + 8 * PITCH + 8);
}

// b whose columns are rows of a tile: b[i][j] = tile[n + j][k + i].
template <int PITCH>
__device__ __forceinline__ void loadB(unsigned (&b)[2], const unsigned short* tile, int n, int k) {
  int g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  const unsigned short* at = tile + (n + g) * PITCH + k + 2 * t;
  b[0] = *reinterpret_cast<const unsigned*>(at);
  b[1] = *reinterpret_cast<const unsigned*>(at + 8);
}

// b as it lies: b[i][j] = tile[k + i][n + j].
template <int PITCH>
__device__ __forceinline__ void loadBRows(unsigned (&b)[2], const unsigned short* tile, int k, int n) {
  int g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  const unsigned short* at = tile + (k + 2 * t) * PITCH + n + g;
  b[0] = at[0] | unsigned(at[PITCH]) << 16;
  b[1] = at[8 * PITCH] | unsigned(at[9 * PITCH]) << 16;
}
