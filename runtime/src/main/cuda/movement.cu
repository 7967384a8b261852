// Filling, casting, transposing. Any grid of one dimension, except where said.
#include "mezzo.cuh"

// y[i] = value, rounded; truncated for INT32.
KERNEL(fill, Array y, Index n, float value) {
  Eight v;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) v.v[k] = value;
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) store(y, i, n, v);
}

// y[i] = x[i], rounded to y's type; y may add.
KERNEL(cast, Array x, Array y, Index n) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) storeSum(y, i, n, load(x, i, n));
}

constexpr int TILE = 32, TILE_ROWS = 8;

// y (batch, cols, rows) = x (batch, rows, cols) transposed, elements of T bit by bit. A block of 32 by 8 threads moves a tile of
// 32 by 32 through shared memory, so that reads and writes are both coalesced; grid (tiles, 1, batch up to the limit of 65535).
template <class T>
__device__ void transposeTiles(const T* x, T* y, Index batches, Index rows, Index cols) {
  __shared__ T tile[TILE][TILE + 1];
  Index across = (cols + TILE - 1) / TILE, tiles = across * ((rows + TILE - 1) / TILE);
  for (Index batch = blockIdx.z; batch < batches; batch += gridDim.z) {
    const T* from = x + batch * rows * cols;
    T* to = y + batch * rows * cols;
    for (Index t = blockIdx.x; t < tiles; t += gridDim.x) {
      Index row = t / across * TILE, col = t % across * TILE;
      for (int k = threadIdx.y; k < TILE; k += TILE_ROWS) {
        if (row + k < rows && col + threadIdx.x < cols) tile[k][threadIdx.x] = from[(row + k) * cols + col + threadIdx.x];
      }
      __syncthreads();
      for (int k = threadIdx.y; k < TILE; k += TILE_ROWS) {
        if (col + k < cols && row + threadIdx.x < rows) to[(col + k) * rows + row + threadIdx.x] = tile[threadIdx.x][k];
      }
      __syncthreads();
    }
  }
}

BLOCK_KERNEL(transpose, Array x, Array y, Index batches, Index rows, Index cols) {
  if (bytes(x.type) == 2) {
    transposeTiles(static_cast<const unsigned short*>(x.data), static_cast<unsigned short*>(y.data), batches, rows, cols);
  } else {
    transposeTiles(static_cast<const unsigned*>(x.data), static_cast<unsigned*>(y.data), batches, rows, cols);
  }
}
