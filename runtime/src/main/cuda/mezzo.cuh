// What all kernels share: how they are declared, arrays whose element type is known at run time, and sums over warps and blocks.
//
// Arrays are FP32, FP16, BF16 or INT32; each operand of a kernel may have another type. The type is looked at once for eight
// elements, by all threads alike, which costs memory-bound kernels nothing: so there is one kernel of a kind, not one for each
// combination. All arithmetic is FP32 (FP64 where said) and a result is rounded once, to nearest, ties to even. The file is
// compiled without contraction (-fmad=false): a multiply-add that is meant is written fmaf.
//
// Compiled by nvcc, by NVRTC (no headers are included), and by g++ behind src/test/native/cuda_shim.h.
#pragma once

#ifndef MEZZO_ON_HOST
#define KERNEL(name, ...) extern "C" __global__ void __launch_bounds__(256) name(__VA_ARGS__)
#define BLOCK_KERNEL(name, ...) extern "C" __global__ void __launch_bounds__(256) name(__VA_ARGS__)
#define DYNAMIC_SHARED(name) extern __shared__ __align__(128) unsigned char name[]
#define MEZZO_INFINITY __int_as_float(0x7F800000)
#define MEZZO_NAN __int_as_float(0x7FC00000)
#else
#define MEZZO_INFINITY __builtin_inff()
#define MEZZO_NAN __builtin_nanf("")
#endif

using Index = long long;

constexpr unsigned ALL_LANES = 0xFFFFFFFFu;
constexpr int LANES = 32;

// Ordinals of dev.mezzo.types.DType.
enum Type { FP32, FP16, BF16, INT32 };

// An operand; data is null where there is none. adds: of a gradient, that it is added to what is there (putSum, storeSum).
struct Array {
  void* data;
  int type;
  int adds;
};

__device__ __forceinline__ Index firstThread() { return Index(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ __forceinline__ Index allThreads() { return Index(gridDim.x) * blockDim.x; }

// Conversions.

__device__ __forceinline__ float fromHalf(unsigned short bits) {
#ifdef MEZZO_ON_HOST
  return float(mezzo_shim_bits<_Float16>(bits));
#else
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
  return x;
#endif
}

__device__ __forceinline__ unsigned short toHalf(float x) {
#ifdef MEZZO_ON_HOST
  return mezzo_shim_bits<unsigned short>(_Float16(x));
#else
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
#endif
}

__device__ __forceinline__ float fromBFloat(unsigned short bits) { return __uint_as_float(unsigned(bits) << 16); }

__device__ __forceinline__ unsigned short toBFloat(float x) {
#if !defined(MEZZO_ON_HOST) && __CUDA_ARCH__ >= 800
  unsigned short bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
#else
  unsigned bits = __float_as_uint(x);
  if (x != x) return static_cast<unsigned short>(bits >> 16 | 0x40);
  return static_cast<unsigned short>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
#endif
}

// Two numbers in a word, the first in its lower half.
__device__ __forceinline__ unsigned toHalves(float first, float second) {
#if !defined(MEZZO_ON_HOST) && __CUDA_ARCH__ >= 800
  unsigned bits;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(second), "f"(first));
  return bits;
#else
  return toHalf(first) | unsigned(toHalf(second)) << 16;
#endif
}

__device__ __forceinline__ unsigned toBFloats(float first, float second) {
#if !defined(MEZZO_ON_HOST) && __CUDA_ARCH__ >= 800
  unsigned bits;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(second), "f"(first));
  return bits;
#else
  return toBFloat(first) | unsigned(toBFloat(second)) << 16;
#endif
}

// One element. INT32 becomes the nearest float.
__device__ __forceinline__ float get(const Array& x, Index i) {
  switch (x.type) {
    case FP32: return static_cast<const float*>(x.data)[i];
    case FP16: return fromHalf(static_cast<const unsigned short*>(x.data)[i]);
    case BF16: return fromBFloat(static_cast<const unsigned short*>(x.data)[i]);
    default: return float(static_cast<const int*>(x.data)[i]);
  }
}

__device__ __forceinline__ void put(const Array& y, Index i, float value) {
  switch (y.type) {
    case FP32: static_cast<float*>(y.data)[i] = value; break;
    case FP16: static_cast<unsigned short*>(y.data)[i] = toHalf(value); break;
    case BF16: static_cast<unsigned short*>(y.data)[i] = toBFloat(value); break;
    default: static_cast<int*>(y.data)[i] = int(value);
  }
}

// A gradient: added to what is there, where the array says so, before its one rounding.
__device__ __forceinline__ void putSum(const Array& y, Index i, float value) { put(y, i, y.adds != 0 ? get(y, i) + value : value); }

// The same as functions, for where they stand many times and are not what takes the time.
__device__ __noinline__ float getOne(Array x, Index i) { return get(x, i); }
__device__ __noinline__ void putOne(Array y, Index i, float value) { put(y, i, value); }

__device__ __forceinline__ int getInt(const Array& x, Index i) { return static_cast<const int*>(x.data)[i]; }

__device__ __forceinline__ int bytes(int type) { return type == FP16 || type == BF16 ? 2 : 4; }

// The address of an element, for kernels that move bits.
__device__ __forceinline__ void* at(const Array& x, Index i) {
  return static_cast<char*>(x.data) + i * bytes(x.type);
}

// Eight elements in a register file: what a thread works on at a time.
constexpr int WIDTH = 8;
struct Eight {
  float v[WIDTH];
};

__device__ __forceinline__ bool aligned(const void* address) { return (reinterpret_cast<unsigned long long>(address) & 15) == 0; }

__device__ __forceinline__ void unpackHalves(unsigned bits, float* v) {
  v[0] = fromHalf(bits & 0xFFFF);
  v[1] = fromHalf(bits >> 16);
}

__device__ __forceinline__ void unpackBFloats(unsigned bits, float* v) {
  v[0] = __uint_as_float(bits << 16);
  v[1] = __uint_as_float(bits & 0xFFFF0000u);
}

template <class T, class Convert>
__device__ __forceinline__ Eight loadEach(const Array& x, Index i, int skip, Index n, float other, Convert convert) {
  const T* from = static_cast<const T*>(x.data) + i;
  int count = n - i < WIDTH ? int(n - i) : WIDTH;
  Eight y;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) y.v[k] = k >= skip && k < count ? convert(from[k]) : other;
  return y;
}

// The slow ways are functions, once in the module: else they would be most of the code.
__device__ __noinline__ Eight loadEach(Array x, Index i, int skip, Index n, float other) {
  switch (x.type) {
    case FP32: return loadEach<float>(x, i, skip, n, other, [](float v) { return v; });
    case FP16: return loadEach<unsigned short>(x, i, skip, n, other, fromHalf);
    case BF16: return loadEach<unsigned short>(x, i, skip, n, other, fromBFloat);
    default: return loadEach<int>(x, i, skip, n, other, [](int v) { return float(v); });
  }
}

template <class T, class Convert>
__device__ __forceinline__ void storeEach(const Array& y, Index i, int skip, Index n, const Eight& x, Convert convert) {
  T* to = static_cast<T*>(y.data) + i;
  int count = n - i < WIDTH ? int(n - i) : WIDTH;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) {
    if (k >= skip && k < count) to[k] = convert(x.v[k]);
  }
}

__device__ __noinline__ void storeEach(Array y, Index i, int skip, Index n, Eight x) {
  switch (y.type) {
    case FP32: return storeEach<float>(y, i, skip, n, x, [](float v) { return v; });
    case FP16: return storeEach<unsigned short>(y, i, skip, n, x, toHalf);
    case BF16: return storeEach<unsigned short>(y, i, skip, n, x, toBFloat);
    default: return storeEach<int>(y, i, skip, n, x, [](float v) { return int(v); });
  }
}

// Elements i, i + apart, ..., eight of them, of which those before n are there; the others are 0.
template <class T, class Convert>
__device__ __forceinline__ Eight loadApart(const Array& x, Index i, int apart, Index n, Convert convert) {
  const T* from = static_cast<const T*>(x.data);
  Eight y;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) y.v[k] = i + k * apart < n ? convert(from[i + k * apart]) : 0;
  return y;
}

__device__ __noinline__ Eight loadApart(Array x, Index i, int apart, Index n) {
  switch (x.type) {
    case FP32: return loadApart<float>(x, i, apart, n, [](float v) { return v; });
    case FP16: return loadApart<unsigned short>(x, i, apart, n, fromHalf);
    default: return loadApart<unsigned short>(x, i, apart, n, fromBFloat);
  }
}

template <class T, class Convert>
__device__ __forceinline__ void storeApart(const Array& y, Index i, int apart, Index n, const Eight& x, Convert convert) {
  T* to = static_cast<T*>(y.data);
#pragma unroll
  for (int k = 0; k < WIDTH; k++) {
    if (i + k * apart < n) to[i + k * apart] = convert(x.v[k]);
  }
}

__device__ __noinline__ void storeApart(Array y, Index i, int apart, Index n, Eight x) {
  switch (y.type) {
    case FP32: return storeApart<float>(y, i, apart, n, x, [](float v) { return v; });
    case FP16: return storeApart<unsigned short>(y, i, apart, n, x, toHalf);
    default: return storeApart<unsigned short>(y, i, apart, n, x, toBFloat);
  }
}

// Elements i, ..., i + 7, of which those before n are there; the others are `other`.
__device__ __forceinline__ Eight load(const Array& x, Index i, Index n, float other = 0) {
  Eight y;
  void* from = at(x, i);
  if (i + WIDTH > n || !aligned(from)) {
    y = loadEach(x, i, 0, n, other);
  } else if (x.type == FP16) {
    uint4 bits = *static_cast<const uint4*>(from);
    unpackHalves(bits.x, y.v);
    unpackHalves(bits.y, y.v + 2);
    unpackHalves(bits.z, y.v + 4);
    unpackHalves(bits.w, y.v + 6);
  } else if (x.type == BF16) {
    uint4 bits = *static_cast<const uint4*>(from);
    unpackBFloats(bits.x, y.v);
    unpackBFloats(bits.y, y.v + 2);
    unpackBFloats(bits.z, y.v + 4);
    unpackBFloats(bits.w, y.v + 6);
  } else {
    uint4 low = static_cast<const uint4*>(from)[0], high = static_cast<const uint4*>(from)[1];
    unsigned bits[WIDTH] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
#pragma unroll
    for (int k = 0; k < WIDTH; k++) y.v[k] = x.type == FP32 ? __uint_as_float(bits[k]) : float(int(bits[k]));
  }
  return y;
}

// Stores those of elements i, ..., i + 7 that are before n, each rounded once.
__device__ __forceinline__ void store(const Array& y, Index i, Index n, const Eight& x) {
  void* to = at(y, i);
  if (i + WIDTH > n || !aligned(to) || y.type == INT32) {
    storeEach(y, i, 0, n, x);
  } else if (y.type == FP16) {
    *static_cast<uint4*>(to) = {toHalves(x.v[0], x.v[1]), toHalves(x.v[2], x.v[3]), toHalves(x.v[4], x.v[5]), toHalves(x.v[6], x.v[7])};
  } else if (y.type == BF16) {
    *static_cast<uint4*>(to) = {toBFloats(x.v[0], x.v[1]), toBFloats(x.v[2], x.v[3]), toBFloats(x.v[4], x.v[5]), toBFloats(x.v[6], x.v[7])};
  } else {
    static_cast<float4*>(to)[0] = {x.v[0], x.v[1], x.v[2], x.v[3]};
    static_cast<float4*>(to)[1] = {x.v[4], x.v[5], x.v[6], x.v[7]};
  }
}

__device__ __forceinline__ Eight plus(Eight a, const Eight& b) {
#pragma unroll
  for (int k = 0; k < WIDTH; k++) a.v[k] += b.v[k];
  return a;
}

// Eight gradients, as putSum.
__device__ __forceinline__ void storeSum(const Array& y, Index i, Index n, const Eight& x) {
  store(y, i, n, y.adds != 0 ? plus(load(y, i, n), x) : x);
}

// Rows that start anywhere are read from the multiple of eight before their first element on, so that all but their ends are whole
// accesses: those of elements i, ..., i + 7 that are in from, ..., to - 1.
__device__ __forceinline__ Index wholeStart(Index from) { return from / WIDTH * WIDTH; }

__device__ __forceinline__ Eight loadWithin(const Array& x, Index i, Index from, Index to, float other = 0) {
  return i < from ? loadEach(x, i, int(from - i), to, other) : load(x, i, to, other);
}

__device__ __forceinline__ void storeWithin(const Array& y, Index i, Index from, Index to, const Eight& x) {
  if (i < from) storeEach(y, i, int(from - i), to, x);
  else store(y, i, to, x);
}

// 2^x by the GPU's own instruction: within 2 units of FP32, 0 below 2^-126. NaN stays, -Inf gives 0.
__device__ __forceinline__ float powerOfTwo(float x) {
#ifdef MEZZO_ON_HOST
  return exp2f(x);
#else
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#endif
}
constexpr float LOG2_E = 1.4426950408889634f, LN_2 = 0.6931471805599453f;

// NaN if one is; of +0 and -0, +0 is the greater.
__device__ __forceinline__ float greater(float a, float b) {
  if (a != a || b != b) return MEZZO_NAN;
  if (a == b) return __uint_as_float(__float_as_uint(a) & __float_as_uint(b));
  return a > b ? a : b;
}

__device__ __forceinline__ float lesser(float a, float b) {
  if (a != a || b != b) return MEZZO_NAN;
  if (a == b) return __uint_as_float(__float_as_uint(a) | __float_as_uint(b));
  return a < b ? a : b;
}

// How values of many threads become one.
struct Sum {
  template <class T> static __device__ __forceinline__ T of(T a, T b) { return a + b; }
};
struct Greatest {
  static __device__ __forceinline__ float of(float a, float b) { return greater(a, b); }
};

// The same for all lanes of a warp, combined in the same order whatever the data.
template <class How, class T>
__device__ __forceinline__ T overWarp(T value) {
#pragma unroll
  for (int step = LANES / 2; step > 0; step /= 2) value = How::of(value, __shfl_xor_sync(ALL_LANES, value, step));
  return value;
}

// The same for all threads of a block of whole warps; each must call it. identity: of the operation.
template <class How, class T>
__device__ __forceinline__ T overBlock(T value, T identity) {
  __shared__ T parts[LANES];
  value = overWarp<How>(value);
  int lane = threadIdx.x % LANES, warps = blockDim.x / LANES;
  __syncthreads();  // who still reads the parts of the call before
  if (lane == 0) parts[threadIdx.x / LANES] = value;
  __syncthreads();
  return overWarp<How>(lane < warps ? parts[lane] : identity);
}

// The threads that work on a row: G = 32, a warp of a block of many rows, or G = all threads of a block.
template <int G>
struct Group {
  static __device__ __forceinline__ Index first() { return G == LANES ? firstThread() / LANES : blockIdx.x; }
  static __device__ __forceinline__ Index count() { return G == LANES ? allThreads() / LANES : gridDim.x; }
  static __device__ __forceinline__ int lane() { return threadIdx.x % G; }
  template <class How, class T>
  static __device__ __forceinline__ T over(T value, T identity) {
    if constexpr (G == LANES) return overWarp<How>(value);
    else return overBlock<How>(value, identity);
  }
};
constexpr int THREADS = 256;

// Whether this block is the last of a grid of one dimension to come here: what all blocks wrote before is then there to be read.
// The counter is 0 before and after.
__device__ __forceinline__ bool isLastBlock(unsigned* counter) {
  __shared__ bool last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) last = atomicInc(counter, gridDim.x - 1) == gridDim.x - 1;
  __syncthreads();
  if (last) __threadfence();
  return last;
}

// Memory for two sums over a grid: two numbers for each block, and the counter of isLastBlock.
struct Parts {
  double* sums;
  unsigned* counter;
};

// Hands two sums of all threads' values to one thread; always added in the same order. Grid of one dimension.
template <class Finish>
__device__ __forceinline__ void overGrid(double first, double second, const Parts& parts, Finish finish) {
  first = overBlock<Sum>(first, 0.0);
  second = overBlock<Sum>(second, 0.0);
  if (threadIdx.x == 0) {
    parts.sums[2 * blockIdx.x] = first;
    parts.sums[2 * blockIdx.x + 1] = second;
  }
  if (!isLastBlock(parts.counter)) return;
  first = second = 0;
  for (unsigned b = threadIdx.x; b < gridDim.x; b += blockDim.x) {
    first += static_cast<volatile double*>(parts.sums)[2 * b];
    second += static_cast<volatile double*>(parts.sums)[2 * b + 1];
  }
  first = overBlock<Sum>(first, 0.0);
  second = overBlock<Sum>(second, 0.0);
  if (threadIdx.x == 0) finish(first, second);
}
