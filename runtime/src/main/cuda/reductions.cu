// Many elements to one number. Sums are FP32, in an order that depends on sizes and the grid alone. y may add.
#include "mezzo.cuh"

// y[row, piece] = factor * sum of the piece of the row of x (rows, cols), which is cut into `pieces`. A warp, or a block, takes
// one at a time: grid of one dimension.
template <int G>
__device__ void sumPieces(const Array& x, const Array& y, Index rows, Index cols, Index pieces, float factor) {
  Index length = (cols + pieces - 1) / pieces;
  for (Index p = Group<G>::first(); p < rows * pieces; p += Group<G>::count()) {
    Index from = p / pieces * cols + p % pieces * length;
    Index to = min(from + length, (p / pieces + 1) * cols);
    float sum = 0;
    for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) {
      Eight v = loadWithin(x, i, from, to);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) sum += v.v[k];
    }
    sum = Group<G>::template over<Sum>(sum, 0.0f);
    if (Group<G>::lane() == 0) putSum(y, p, sum * factor);
  }
}
BLOCK_KERNEL(sumRowsByWarps, Array x, Array y, Index rows, Index cols, Index pieces, float factor) {
  sumPieces<LANES>(x, y, rows, cols, pieces, factor);
}
BLOCK_KERNEL(sumRowsByBlocks, Array x, Array y, Index rows, Index cols, Index pieces, float factor) {
  sumPieces<THREADS>(x, y, rows, cols, pieces, factor);
}

// y[o, piece, i] = factor * sum over a piece of the axis of x (outer, axis, inner), each cut into `pieces`. A block takes 256
// neighbours of inner, its eight warps every eighth of the axis; the grid has one dimension.
BLOCK_KERNEL(sumColumns, Array x, Array y, Index outer, Index axis, Index inner, Index pieces, float factor) {
  __shared__ float sums[THREADS / LANES][LANES][WIDTH + 1];
  int lane = threadIdx.x % LANES, warp = threadIdx.x / LANES;
  Index across = (inner + LANES * WIDTH - 1) / (LANES * WIDTH), length = (axis + pieces - 1) / pieces;
  for (Index block = blockIdx.x; block < outer * pieces * across; block += gridDim.x) {
    Index column = block % across * LANES * WIDTH + lane * WIDTH;
    Index piece = block / across % pieces, o = block / across / pieces;
    Eight sum = {};
    if (column < inner) {
      for (Index j = piece * length + warp; j < min((piece + 1) * length, axis); j += THREADS / LANES) {
        Index row = (o * axis + j) * inner;
        Eight v = load(x, row + column, row + inner);
#pragma unroll
        for (int k = 0; k < WIDTH; k++) sum.v[k] += v.v[k];
      }
    }
#pragma unroll
    for (int k = 0; k < WIDTH; k++) sums[warp][lane][k] = sum.v[k];
    __syncthreads();
    Index own = block % across * LANES * WIDTH + threadIdx.x;
    if (own < inner) {
      float all = 0;
      for (int w = 0; w < THREADS / LANES; w++) all += sums[w][threadIdx.x / WIDTH][threadIdx.x % WIDTH];
      putSum(y, (o * pieces + piece) * inner + own, all * factor);
    }
    __syncthreads();
  }
}

// y[row] = index of the largest of a row, the first of equals; NaN is larger than any number. A warp takes a row.
BLOCK_KERNEL(argmax, Array x, Array y, Index rows, Index cols) {
  for (Index row = Group<LANES>::first(); row < rows; row += Group<LANES>::count()) {
    float best = -MEZZO_INFINITY;
    Index at = cols;
    auto take = [&](float value, Index index) {
      bool isNan = value != value, bestIsNan = best != best;
      bool larger = isNan ? !bestIsNan : value > best;
      bool equal = isNan ? bestIsNan : value == best;
      if (larger || (equal && index < at)) {
        best = value;
        at = index;
      }
    };
    for (Index col = Group<LANES>::lane(); col < cols; col += LANES) take(get(x, row * cols + col), col);
    for (int step = LANES / 2; step > 0; step /= 2) {
      float value = __shfl_xor_sync(ALL_LANES, best, step);
      Index index = __shfl_xor_sync(ALL_LANES, at, step);
      take(value, index);
    }
    if (Group<LANES>::lane() == 0) static_cast<int*>(y.data)[row] = int(at);
  }
}

constexpr int BINS = 322, LEAST_EXPONENT = -160, GREATEST_EXPONENT = 159;

// counts (322), INT32: += zeros, numbers by the exponent of |x * factor|, and what is not finite. A block counts for itself first.
BLOCK_KERNEL(exponentHistogram, Array x, Array counts, Index n, float factor) {
  __shared__ int own[BINS];
  for (int bin = threadIdx.x; bin < BINS; bin += blockDim.x) own[bin] = 0;
  __syncthreads();
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v = load(x, i, n);
    for (int k = 0; k < WIDTH && i + k < n; k++) {
      float value = v.v[k];
      int bin;
      if (!(fabsf(value) < MEZZO_INFINITY)) {
        bin = BINS - 1;
      } else if (value == 0) {
        bin = 0;
      } else {
        int exponent = int(__double_as_longlong(double(value) * factor) >> 52 & 0x7FF) - 1023;
        bin = 1 + max(LEAST_EXPONENT, min(GREATEST_EXPONENT, exponent)) - LEAST_EXPONENT;
      }
      atomicAdd(&own[bin], 1);
    }
  }
  __syncthreads();
  for (int bin = threadIdx.x; bin < BINS; bin += blockDim.x) {
    if (own[bin] != 0) atomicAdd(static_cast<int*>(counts.data) + bin, own[bin]);
  }
}
