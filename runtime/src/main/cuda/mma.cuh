// Products of small tiles on tensor cores, from 8.0 on: mma.sync m16n8k16, 16-bit factors, FP32 sums. Lane 4g + t of a warp holds of a (16, 16)
// rows g and g + 8, of b (16, 8) column g, of c (16, 8) rows g and g + 8, columns 2t and 2t + 1. The host's shim computes the same from
// that description; it shows that fragments are right, not that a GPU agrees.
#pragma once
#include "mezzo.cuh"

// c += a * b; BF: BF16, else FP16.
template <bool BF>
__device__ __forceinline__ void multiply(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
#ifdef MEZZO_ON_HOST
  unsigned b[2] = {b0, b1};
  mezzo_shim::mma16816(c, a, b, BF ? fromBFloat : fromHalf);
#elif __CUDA_ARCH__ >= 800
  if constexpr (BF) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  } else {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  }
#endif
}

// Two numbers, rounded, as a word of a fragment.
template <bool BF>
__device__ __forceinline__ unsigned pack(float first, float second) {
  return BF ? toBFloats(first, second) : toHalves(first, second);
}

// Tiles in shared memory have rows of PITCH 16-bit elements, eight more than they use: so the lanes of a warp meet no bank twice.

// Four matrices of 8 by 8 elements from shared memory: lane l names where row l % 8 of matrix l / 8 begins. Lane 4g + t gets of each
// row g's columns 2t and 2t + 1; TRANSPOSED: of column g the rows 2t and 2t + 1.
template <bool TRANSPOSED>
__device__ __forceinline__ void loadMatrices(unsigned (&r)[4], const unsigned short* row) {
#ifdef MEZZO_ON_HOST
  mezzo_shim::loadMatrices(r, row, TRANSPOSED);
#elif __CUDA_ARCH__ >= 800
  unsigned at = unsigned(__cvta_generic_to_shared(row));
  if constexpr (TRANSPOSED) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(at)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(at)
                 : "memory");
  }
#endif
}

// a from rows `row`, ... and columns `k`, ... of a tile.
template <int PITCH>
__device__ __forceinline__ void loadA(unsigned (&a)[4], const unsigned short* tile, int row, int k) {
  int lane = threadIdx.x % LANES;
  loadMatrices<false>(a, tile + (row + lane % 16) * PITCH + k + lane / 16 * 8);
}

// Two b, of columns n and n + 8, whose columns are rows of a tile: b[i][j] = tile[n + j][k + i].
template <int PITCH>
__device__ __forceinline__ void loadB(unsigned (&b)[4], const unsigned short* tile, int n, int k) {
  int lane = threadIdx.x % LANES;
  loadMatrices<false>(b, tile + (n + lane / 16 * 8 + lane % 8) * PITCH + k + lane / 8 % 2 * 8);
}

// Two b as they lie: b[i][j] = tile[k + i][n + j].
template <int PITCH>
__device__ __forceinline__ void loadBRows(unsigned (&b)[4], const unsigned short* tile, int k, int n) {
  int lane = threadIdx.x % LANES;
  loadMatrices<true>(b, tile + (k + lane % 16) * PITCH + n + lane / 16 * 8);
}

// BYTES, 4 or 16, to shared memory while other things are done, until waitForCopies; zeros if there is nothing. Both aligned.
template <int BYTES>
__device__ __forceinline__ void copyLater(void* to, const void* from, bool there) {
#ifdef MEZZO_ON_HOST
  mezzo_shim::copyLater(to, there ? from : nullptr, BYTES);
#elif __CUDA_ARCH__ >= 800
  unsigned at = unsigned(__cvta_generic_to_shared(to));
  int bytes = there ? BYTES : 0;
  if constexpr (BYTES == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(at), "l"(from), "r"(bytes) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(at), "l"(from), "r"(bytes) : "memory");
  }
#endif
}

// For this thread's copies; others' are seen after a barrier.
__device__ __forceinline__ void waitForCopies() {
#ifdef MEZZO_ON_HOST
  mezzo_shim::waitForCopies();
#elif __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_all;" ::: "memory");
#endif
}
