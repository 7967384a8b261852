// Matrix products without cuBLASLt: for matrices it does not take, and where it is missing. Plain FP32 arithmetic, no tensor cores:
// slow beside it.
#include "functions.cuh"
#include "gemm.cuh"

// Of a product: how element (row, col) of an operand is found, batch for batch.
struct Matrix {
  Array operand;
  Index rowStride;
  Index colStride;
  Index batchStride;
};

constexpr int GEMM_TILE = 64, GEMM_DEPTH = 16, GEMM_OWN = 4;

// c (m, n) = epilogue(a (m, k) * b (k, n)), c row-major. A block makes 64 by 64 elements, a thread 4 by 4; grid (tiles, 1, batch up to
// 65535). Products are added in the order of k.
BLOCK_KERNEL(gemm, Matrix a, Matrix b, Matrix c, Index m, Index n, Index depth, Index batches, Epilogue epilogue) {
  __shared__ float left[GEMM_DEPTH][GEMM_TILE + 4], right[GEMM_DEPTH][GEMM_TILE + 4];
  Index across = (n + GEMM_TILE - 1) / GEMM_TILE, tiles = across * ((m + GEMM_TILE - 1) / GEMM_TILE);
  int row = threadIdx.x / 16 * GEMM_OWN, col = threadIdx.x % 16 * GEMM_OWN;
  for (Index batch = blockIdx.z; batch < batches; batch += gridDim.z) {
    for (Index tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
      Index top = tile / across * GEMM_TILE, start = tile % across * GEMM_TILE;
      float sums[GEMM_OWN][GEMM_OWN] = {};
      for (Index p = 0; p < depth; p += GEMM_DEPTH) {
#pragma unroll 1
        for (int e = threadIdx.x; e < GEMM_DEPTH * GEMM_TILE; e += THREADS) {
          // neighbouring threads read neighbouring elements, whichever way the matrix lies
          int along = a.colStride == 1 ? e % GEMM_DEPTH : e / GEMM_TILE, own = a.colStride == 1 ? e / GEMM_DEPTH : e % GEMM_TILE;
          bool inside = top + own < m && p + along < depth;
          left[along][own] =
              inside ? get(a.operand, batch * a.batchStride + (top + own) * a.rowStride + (p + along) * a.colStride) : 0;
          along = b.colStride == 1 ? e / GEMM_TILE : e % GEMM_DEPTH, own = b.colStride == 1 ? e % GEMM_TILE : e / GEMM_DEPTH;
          inside = start + own < n && p + along < depth;
          right[along][own] =
              inside ? get(b.operand, batch * b.batchStride + (p + along) * b.rowStride + (start + own) * b.colStride) : 0;
        }
        __syncthreads();
#pragma unroll 4
        for (int q = 0; q < GEMM_DEPTH; q++) {
#pragma unroll
          for (int i = 0; i < GEMM_OWN; i++) {
#pragma unroll
            for (int j = 0; j < GEMM_OWN; j++) sums[i][j] = fmaf(left[q][row + i], right[q][col + j], sums[i][j]);
          }
        }
        __syncthreads();
      }
#pragma unroll
      for (int half = 0; half < GEMM_OWN * GEMM_OWN / WIDTH; half++) {
        Eight values;
        auto each = [&](auto body) {
#pragma unroll
          for (int e = 0; e < WIDTH; e++) {
            int i = (half * WIDTH + e) / GEMM_OWN, j = e % GEMM_OWN;
            Index at = start + col + j;
            if (top + row + i < m && at < n) body(sums[i][j], values.v[e], batch * c.batchStride + (top + row + i) * c.rowStride + at, at);
          }
        };
        each([&](float sum, float& value, Index to, Index column) {
          value = sum;
          if (epilogue.accumulate != 0) value += getOne(c.operand, to);
          if (epilogue.bias.data != nullptr) value += getOne(epilogue.bias, column);
        });
        if (epilogue.activation >= 0) values = unaryOf(epilogue.activation, epilogue.a, epilogue.b, values);
        each([&](float, float& value, Index to, Index) { putOne(c.operand, to, value); });
      }
    }
  }
}

// c (m, n), rows cStride elements apart, = epilogue(sums (m, n) FP32): what cuBLASLt does not do itself. Rows of whole eights are whole
// accesses.
KERNEL(finishProduct, Array sums, Array c, Index m, Index n, Index cStride, Epilogue epilogue) {
  bool whole = n % WIDTH == 0;
  for (Index i = firstThread() * WIDTH; i < m * n; i += allThreads() * WIDTH) {
    Eight values = load(sums, i, m * n);
    Index row = i >> 32 == 0 && n >> 32 == 0 ? Index(unsigned(i) / unsigned(n)) : i / n, col = i - row * n;
    if (whole) {
      Index to = row * cStride + col;
      if (epilogue.accumulate != 0) values = plus(values, load(c, to, to + WIDTH));
      if (epilogue.bias.data != nullptr) values = plus(values, load(epilogue.bias, col, n));
      if (epilogue.activation >= 0) values = unaryOf(epilogue.activation, epilogue.a, epilogue.b, values);
      store(c, to, to + WIDTH, values);
      continue;
    }
    auto each = [&](auto body) {
      Index r = row, d = col;
#pragma unroll
      for (int e = 0; e < WIDTH; e++) {
        if (i + e < m * n) body(values.v[e], r * cStride + d, d);
        if (++d == n) d = 0, r++;
      }
    };
    each([&](float& value, Index to, Index column) {
      if (epilogue.accumulate != 0) value += getOne(c, to);
      if (epilogue.bias.data != nullptr) value += getOne(epilogue.bias, column);
    });
    if (epilogue.activation >= 0) values = unaryOf(epilogue.activation, epilogue.a, epilogue.b, values);
    each([&](float& value, Index to, Index) { putOne(c, to, value); });
  }
}
