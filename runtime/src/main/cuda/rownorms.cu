// Layer norm and RMS norm, as dev.mezzo.backend.RowNormKernels says. A row is read once: a warp or a block keeps it in registers,
// up to EIGHTS times eight elements a thread; longer ones are read again from the caches.
#include "mezzo.cuh"

constexpr int EIGHTS = 4;

// Which columns of a row a thread of G takes, eight at a time: neighbours, in one access, where rows are WHOLE eights; else every Gth,
// so that the threads' accesses are neighbours.
template <int G, bool WHOLE>
struct Columns {
  static __device__ __forceinline__ Index of(int e, int k) {
    return WHOLE ? (Index(e) * G + Group<G>::lane()) * WIDTH + k : (Index(e) * WIDTH + k) * G + Group<G>::lane();
  }
  // 0 behind the last column.
  static __device__ __forceinline__ Eight read(const Array& x, Index from, int e, Index cols) {
    if constexpr (WHOLE) return load(x, from + of(e, 0), from + cols);
    else return loadApart(x, from + of(e, 0), G, from + cols);
  }
  // y may add.
  static __device__ __forceinline__ void write(const Array& y, Index from, int e, Index cols, const Eight& x) {
    if constexpr (WHOLE) storeSum(y, from + of(e, 0), from + cols, x);
    else storeApart(y, from + of(e, 0), G, from + cols, y.adds != 0 ? plus(read(y, from, e, cols), x) : x);
  }
};

// A row in the registers of a group of threads, if it fits there (KEPT).
template <int G, bool KEPT, bool WHOLE>
struct Row {
  using Own = Columns<G, WHOLE>;
  Array x;
  Index from;
  Index cols;
  Eight kept[KEPT ? EIGHTS : 1];

  __device__ __forceinline__ Row(const Array& x, Index row, Index cols) : x(x), from(row * cols), cols(cols) {
    if constexpr (KEPT) {
#pragma unroll
      for (int e = 0; e < EIGHTS; e++) {
        if (Own::of(e, 0) < cols) kept[e] = Own::read(x, from, e, cols);
      }
    }
  }

  // body(the eight, which eight it is).
  template <class Body>
  __device__ __forceinline__ void each(Body body) {
    if constexpr (KEPT) {
#pragma unroll
      for (int e = 0; e < EIGHTS; e++) {
        if (Own::of(e, 0) < cols) body(kept[e], e);
      }
    } else {
      for (int e = 0; Own::of(e, 0) < cols; e++) body(Own::read(x, from, e, cols), e);
    }
  }
  template <class Body>
  __device__ __forceinline__ float sum(Body body) {
    float sum = 0;
    each([&](const Eight& v, int e) {
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        if (Own::of(e, k) < cols) sum += body(v.v[k]);
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
template <class Row>
__device__ __forceinline__ float2 moments(Row& row, const Norm& norm) {
  float count = float(norm.cols), mean = 0;
  if (norm.centered != 0) mean = row.sum([](float v) { return v; }) / count;
  float square = row.sum([&](float v) { return (v - mean) * (v - mean); }) / count;
  return {mean, 1 / sqrtf(square + norm.epsilon)};
}

// y = (x - mean) * factor * weight + bias. In place on x.
template <int G, bool KEPT, bool WHOLE>
__device__ void normForward(const Norm& norm, const Array& x, const Array& weight, const Array& bias, const Array& y) {
  using Own = Columns<G, WHOLE>;
  for (Index r = Group<G>::first(); r < norm.rows; r += Group<G>::count()) {
    Row<G, KEPT, WHOLE> row(x, r, norm.cols);
    float2 m = moments(row, norm);
    row.each([&](const Eight& v, int e) {
      Eight w = Own::read(weight, 0, e, norm.cols), b = {}, out;
      if (bias.data != nullptr) b = Own::read(bias, 0, e, norm.cols);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) out.v[k] = (v.v[k] - m.x) * m.y * w.v[k] + b.v[k];
      Own::write(y, row.from, e, norm.cols, out);
    });
  }
}
template <int G, bool KEPT>
__device__ __forceinline__ void normForward(const Norm& norm, const Array& x, const Array& weight, const Array& bias, const Array& y) {
  if (norm.cols % WIDTH == 0) normForward<G, KEPT, true>(norm, x, weight, bias, y);
  else normForward<G, KEPT, false>(norm, x, weight, bias, y);
}
BLOCK_KERNEL(rowNormByWarps, Norm norm, Array x, Array weight, Array bias, Array y) {
  normForward<LANES, true>(norm, x, weight, bias, y);
}
BLOCK_KERNEL(rowNormByBlocks, Norm norm, Array x, Array weight, Array bias, Array y) {
  if (norm.cols <= EIGHTS * WIDTH * THREADS) normForward<THREADS, true>(norm, x, weight, bias, y);
  else normForward<THREADS, false>(norm, x, weight, bias, y);
}

// dx as the contract says, where it is wanted; and for each block its sums of dy * n and dy, FP32: parts (blocks, 2, cols), which
// sumColumns adds up afterwards. In place: dx may be dy or x; else it may add.
template <int G, bool KEPT, bool WHOLE>
__device__ void normGradient(const Norm& norm, const Array& dy, const Array& x, const Array& weight, const Array& dx, float* parts) {
  using Own = Columns<G, WHOLE>;
  Eight dWeight[KEPT ? EIGHTS : 1] = {}, dBias[KEPT ? EIGHTS : 1] = {};
  float* own = parts + Index(blockIdx.x) * 2 * norm.cols;
  for (Index i = threadIdx.x; i < 2 * norm.cols; i += blockDim.x) own[i] = 0;
  __syncthreads();
  for (Index r = Group<G>::first(); r < norm.rows; r += Group<G>::count()) {
    Row<G, KEPT, WHOLE> row(x, r, norm.cols), out(dy, r, norm.cols);
    float2 m = moments(row, norm);
    float mean = 0, slope = 0;
    row.each([&](const Eight& v, int e) {
      Eight d = KEPT ? out.kept[KEPT ? e : 0] : Own::read(dy, row.from, e, norm.cols), w = Own::read(weight, 0, e, norm.cols);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        Index col = Own::of(e, k);
        if (col < norm.cols) {
          float n = (v.v[k] - m.x) * m.y, g = d.v[k] * w.v[k];
          mean += g;
          slope += g * n;
          if constexpr (KEPT) {
            dWeight[e].v[k] += d.v[k] * n;
            dBias[e].v[k] += d.v[k];
          } else {
            own[col] += d.v[k] * n;
            own[norm.cols + col] += d.v[k];
          }
        }
      }
    });
    mean = norm.centered != 0 ? Group<G>::template over<Sum>(mean, 0.0f) / float(norm.cols) : 0;
    slope = Group<G>::template over<Sum>(slope, 0.0f) / float(norm.cols);
    if (dx.data == nullptr) continue;
    row.each([&](const Eight& v, int e) {
      Eight d = KEPT ? out.kept[KEPT ? e : 0] : Own::read(dy, row.from, e, norm.cols), w = Own::read(weight, 0, e, norm.cols);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) d.v[k] = m.y * (d.v[k] * w.v[k] - mean - (v.v[k] - m.x) * m.y * slope);
      Own::write(dx, row.from, e, norm.cols, d);
    });
  }
  if constexpr (KEPT) {
    for (int turn = 0; turn < THREADS / G; turn++) {  // the warps of a block add theirs one after the other
      if (int(threadIdx.x) / G == turn) {
#pragma unroll
        for (int e = 0; e < EIGHTS; e++) {
#pragma unroll
          for (int k = 0; k < WIDTH; k++) {
            Index col = Own::of(e, k);
            if (col < norm.cols) {
              own[col] += dWeight[e].v[k];
              own[norm.cols + col] += dBias[e].v[k];
            }
          }
        }
      }
      __syncthreads();
    }
  }
}
template <int G, bool KEPT>
__device__ __forceinline__ void normGradient(const Norm& norm, const Array& dy, const Array& x, const Array& weight, const Array& dx,
                                             float* parts) {
  if (norm.cols % WIDTH == 0) normGradient<G, KEPT, true>(norm, dy, x, weight, dx, parts);
  else normGradient<G, KEPT, false>(norm, dy, x, weight, dx, parts);
}
BLOCK_KERNEL(rowNormGradientByWarps, Norm norm, Array dy, Array x, Array weight, Array dx, float* parts) {
  normGradient<LANES, true>(norm, dy, x, weight, dx, parts);
}
BLOCK_KERNEL(rowNormGradientByBlocks, Norm norm, Array dy, Array x, Array weight, Array dx, float* parts) {
  if (norm.cols <= EIGHTS * WIDTH * THREADS) normGradient<THREADS, true>(norm, dy, x, weight, dx, parts);
  else normGradient<THREADS, false>(norm, dy, x, weight, dx, parts);
}
