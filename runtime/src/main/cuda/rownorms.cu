// Layer norm and RMS norm, as dev.mezzo.backend.RowNormKernels says. A row is read once: a warp or a block keeps it in registers,
// up to EIGHTS times eight elements a thread; longer ones are read again from the caches.
#include "mezzo.cuh"

constexpr int EIGHTS = 4;

// A row in the registers of a group of threads, if it fits there (KEPT).
template <int G, bool KEPT>
struct Row {
  Array x;
  Index from;
  Index to;
  Eight kept[KEPT ? EIGHTS : 1];

  __device__ __forceinline__ Row(const Array& x, Index row, Index cols) : x(x), from(row * cols), to(row * cols + cols) {
    if constexpr (KEPT) {
#pragma unroll
      for (int e = 0; e < EIGHTS; e++) {
        if (at(e) < to) kept[e] = load(x, at(e), to);
      }
    }
  }
  __device__ __forceinline__ Index at(int e) const { return from + (Index(e) * G + Group<G>::lane()) * WIDTH; }

  // body(index of the first of eight in the array, the eight, which eight it is).
  template <class Body>
  __device__ __forceinline__ void each(Body body) {
    if constexpr (KEPT) {
#pragma unroll
      for (int e = 0; e < EIGHTS; e++) {
        if (at(e) < to) body(at(e), kept[e], e);
      }
    } else {
      for (int e = 0; at(e) < to; e++) body(at(e), load(x, at(e), to), e);
    }
  }
  template <class Body>
  __device__ __forceinline__ float sum(Body body) {
    float sum = 0;
    each([&](Index i, const Eight& v, int e) {
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        if (i + k < to) sum += body(v.v[k], i + k - from);
      }
    });
    return Group<G>::template over<Sum>(sum, 0.0f);
  }
};

struct Norm {
  Index rows;
  Index cols;
  float epsilon;
  int centered;
};

// What is subtracted from a row, and the factor on it.
template <int G, bool KEPT>
__device__ __forceinline__ float2 moments(Row<G, KEPT>& row, const Norm& norm) {
  float count = float(norm.cols), mean = 0;
  if (norm.centered != 0) mean = row.sum([](float v, Index) { return v; }) / count;
  float square = row.sum([&](float v, Index) { return (v - mean) * (v - mean); }) / count;
  return {mean, 1 / sqrtf(square + norm.epsilon)};
}

// y = (x - mean) * factor * weight + bias. In place on x.
template <int G, bool KEPT>
__device__ void normForward(const Norm& norm, const Array& x, const Array& weight, const Array& bias, const Array& y) {
  for (Index r = Group<G>::first(); r < norm.rows; r += Group<G>::count()) {
    Row<G, KEPT> row(x, r, norm.cols);
    float2 m = moments(row, norm);
    row.each([&](Index i, const Eight& v, int e) {
      Index col = i - row.from;
      Eight w = load(weight, col, norm.cols), b = {}, out;
      if (bias.data != nullptr) b = load(bias, col, norm.cols);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) out.v[k] = (v.v[k] - m.x) * m.y * w.v[k] + b.v[k];
      store(y, i, row.to, out);
    });
  }
}
BLOCK_KERNEL(rowNormByWarps, Norm norm, Array x, Array weight, Array bias, Array y) {
  normForward<LANES, true>(norm, x, weight, bias, y);
}
BLOCK_KERNEL(rowNormByBlocks, Norm norm, Array x, Array weight, Array bias, Array y) {
  if (norm.cols <= EIGHTS * WIDTH * THREADS) normForward<THREADS, true>(norm, x, weight, bias, y);
  else normForward<THREADS, false>(norm, x, weight, bias, y);
}

// dx as the contract says, where it is wanted; and for each block its sums of dy * n and dy, FP32: parts (blocks, 2, cols), which
// sumColumns adds up afterwards. In place: dx may be dy or x.
template <int G, bool KEPT>
__device__ void normGradient(const Norm& norm, const Array& dy, const Array& x, const Array& weight, const Array& dx, float* parts) {
  Eight dWeight[KEPT ? EIGHTS : 1] = {}, dBias[KEPT ? EIGHTS : 1] = {};
  float* own = parts + Index(blockIdx.x) * 2 * norm.cols;
  for (Index i = threadIdx.x; i < 2 * norm.cols; i += blockDim.x) own[i] = 0;
  __syncthreads();
  for (Index r = Group<G>::first(); r < norm.rows; r += Group<G>::count()) {
    Row<G, KEPT> row(x, r, norm.cols), out(dy, r, norm.cols);
    float2 m = moments(row, norm);
    float mean = 0, slope = 0;
    row.each([&](Index i, const Eight& v, int e) {
      Eight d = KEPT ? out.kept[KEPT ? e : 0] : load(dy, i, row.to), w = load(weight, i - row.from, norm.cols);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        if (i + k < row.to) {
          float n = (v.v[k] - m.x) * m.y, g = d.v[k] * w.v[k];
          mean += g;
          slope += g * n;
          if constexpr (KEPT) {
            dWeight[e].v[k] += d.v[k] * n;
            dBias[e].v[k] += d.v[k];
          } else {
            own[i + k - row.from] += d.v[k] * n;
            own[norm.cols + i + k - row.from] += d.v[k];
          }
        }
      }
    });
    mean = norm.centered != 0 ? Group<G>::template over<Sum>(mean, 0.0f) / float(norm.cols) : 0;
    slope = Group<G>::template over<Sum>(slope, 0.0f) / float(norm.cols);
    if (dx.data == nullptr) continue;
    row.each([&](Index i, const Eight& v, int e) {
      Eight d = KEPT ? out.kept[KEPT ? e : 0] : load(dy, i, row.to), w = load(weight, i - row.from, norm.cols);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) d.v[k] = m.y * (d.v[k] * w.v[k] - mean - (v.v[k] - m.x) * m.y * slope);
      store(dx, i, row.to, d);
    });
  }
  if constexpr (KEPT) {
    for (int turn = 0; turn < THREADS / G; turn++) {  // the warps of a block add theirs one after the other
      if (int(threadIdx.x) / G == turn) {
#pragma unroll
        for (int e = 0; e < EIGHTS; e++) {
          Index col = (Index(e) * G + Group<G>::lane()) * WIDTH;
#pragma unroll
          for (int k = 0; k < WIDTH; k++) {
            if (col + k < norm.cols) {
              own[col + k] += dWeight[e].v[k];
              own[norm.cols + col + k] += dBias[e].v[k];
            }
          }
        }
      }
      __syncthreads();
    }
  }
}
BLOCK_KERNEL(rowNormGradientByWarps, Norm norm, Array dy, Array x, Array weight, Array dx, float* parts) {
  normGradient<LANES, true>(norm, dy, x, weight, dx, parts);
}
BLOCK_KERNEL(rowNormGradientByBlocks, Norm norm, Array dy, Array x, Array weight, Array dx, float* parts) {
  if (norm.cols <= EIGHTS * WIDTH * THREADS) normGradient<THREADS, true>(norm, dy, x, weight, dx, parts);
  else normGradient<THREADS, false>(norm, dy, x, weight, dx, parts);
}
