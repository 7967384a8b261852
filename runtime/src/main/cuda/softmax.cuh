// The maximum of a row and the sum of e^(x - maximum), in one pass.
#pragma once
#include "mezzo.cuh"

// The maximum passes NaN over: it is in the sum. So NaN and +Inf make everything NaN, by what users of both compute; so does a row of -Inf alone: -Inf - -Inf.
struct Exponentials {
  float maximum;
  float sum;

  static __device__ __forceinline__ Exponentials of(Exponentials a, Exponentials b) {
    float most = fmaxf(a.maximum, b.maximum);
    return {most, a.sum * shift(a.maximum, most) + b.sum * shift(b.maximum, most)};
  }
  static __device__ __forceinline__ float shift(float maximum, float most) {
    return maximum == -MEZZO_INFINITY ? 0 : expf(maximum - most);
  }
};


__device__ __forceinline__ Exponentials overWarpOf(Exponentials e) {
#pragma unroll
  for (int step = LANES / 2; step > 0; step /= 2) {
    Exponentials other = {__shfl_xor_sync(ALL_LANES, e.maximum, step), __shfl_xor_sync(ALL_LANES, e.sum, step)};
    e = (threadIdx.x & step) == 0 ? Exponentials::of(e, other) : Exponentials::of(other, e);
  }
  return e;
}

__device__ __forceinline__ Exponentials overBlockOf(Exponentials e) {
  __shared__ float maxima[LANES], sums[LANES];
  e = overWarpOf(e);
  int lane = threadIdx.x % LANES, warps = blockDim.x / LANES;
  __syncthreads();
  if (lane == 0) {
    maxima[threadIdx.x / LANES] = e.maximum;
    sums[threadIdx.x / LANES] = e.sum;
  }
  __syncthreads();
  return overWarpOf(lane < warps ? Exponentials{maxima[lane], sums[lane]} : Exponentials{-MEZZO_INFINITY, 0});
}

// Adds eight: few instructions for each, as a GPU has time for some 17 while it reads a 16-bit element.
__device__ __forceinline__ Exponentials with(Exponentials own, const Eight& v) {
  float most = own.maximum;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) most = fmaxf(most, v.v[k]);
  float shift = most == -MEZZO_INFINITY ? 0 : most, sum = own.sum * Exponentials::shift(own.maximum, most);
#pragma unroll
  for (int k = 0; k < WIDTH; k++) sum += powerOfTwo((v.v[k] - shift) * LOG2_E);
  return {most, sum};
}

// Of elements from, ..., from + cols - 1, by the threads of a group. Two accesses are under way at a time.
template <int G>
__device__ __forceinline__ Exponentials exponentials(const Array& x, Index from, Index cols) {
  Exponentials own = {-MEZZO_INFINITY, 0};
  Index to = from + cols;
  constexpr int NEXT = G * WIDTH;
  for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += 2 * NEXT) {
    Eight first = loadWithin(x, i, from, to, -MEZZO_INFINITY);
    if (i + NEXT < to) {
      Eight second = load(x, i + NEXT, to, -MEZZO_INFINITY);
      own = with(own, first);
      own = with(own, second);
    } else {
      own = with(own, first);
    }
  }
  if constexpr (G == LANES) return overWarpOf(own);
  else return overBlockOf(own);
}
