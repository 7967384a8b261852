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
enum Type { FP32, FP16, BF16, INT32 };
struct Array {
  void* data;
  int type;
  int adds;
};
__device__ __forceinline__ Index firstThread() { return Index(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ __forceinline__ Index allThreads() { return Index(gridDim.x) * blockDim.x; }
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
__device__ __forceinline__ void putSum(const Array& y, Index i, float value) { put(y, i, y.adds != 0 ? get(y, i) + value : value); }
__device__ __noinline__ float getOne(Array x, Index i) { return get(x, i); }
__device__ __noinline__ void putOne(Array y, Index i, float value) { put(y, i, value); }
__device__ __forceinline__ int getInt(const Array& x, Index i) { return static_cast<const int*>(x.data)[i]; }
__device__ __forceinline__ int bytes(int type) { return type == FP16 || type == BF16 ? 2 : 4; }
__device__ __forceinline__ void* at(const Array& x, Index i) {
  return static_cast<char*>(x.data) + i * bytes(x.type);
}
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
__device__ __forceinline__ void storeSum(const Array& y, Index i, Index n, const Eight& x) {
  store(y, i, n, y.adds != 0 ? plus(load(y, i, n), x) : x);
}
__device__ __forceinline__ Index wholeStart(Index from) { return from / WIDTH * WIDTH; }
__device__ __forceinline__ Eight loadWithin(const Array& x, Index i, Index from, Index to, float other = 0) {
  return i < from ? loadEach(x, i, int(from - i), to, other) : load(x, i, to, other);
}
__device__ __forceinline__ void storeWithin(const Array& y, Index i, Index from, Index to, const Eight& x) {
  if (i < from) storeEach(y, i, int(from - i), to, x);
  else store(y, i, to, x);
}
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
struct Sum {
  template <class T> static __device__ __forceinline__ T of(T a, T b) { return a + b; }
};
struct Greatest {
  static __device__ __forceinline__ float of(float a, float b) { return greater(a, b); }
};
template <class How, class T>
__device__ __forceinline__ T overWarp(T value) {
#pragma unroll
  for (int step = LANES / 2; step > 0; step /= 2) value = How::of(value, __shfl_xor_sync(ALL_LANES, value, step));
  return value;
}
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
__device__ __forceinline__ bool isLastBlock(unsigned* counter) {
  __shared__ bool last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) last = atomicInc(counter, gridDim.x - 1) == gridDim.x - 1;
  __syncthreads();
  if (last) __threadfence();
  return last;
}
struct Parts {
  double* sums;
  unsigned* counter;
};
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
constexpr int RANK = 8;
template <int N>
struct Walk {
  Index rank;
  Index dims[RANK];
  Index strides[N][RANK];
};
template <int N>
__device__ __forceinline__ Index locate(int rank, const Index* dims, const Index (*strides)[RANK], Index i, Index (&offsets)[N]) {
#pragma unroll
  for (int k = 0; k < N; k++) offsets[k] = 0;
  Index rest = i, last = i;
#pragma unroll 1
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
__device__ __noinline__ Eight loadBroadcast(Array x, int rank, const Index* dims, const Index (*strides)[RANK], Index i, Index n) {
  Index offset[1], last = locate(rank, dims, strides, i, offset), stride = strides[0][rank - 1];
  if (last + WIDTH <= dims[rank - 1] && stride <= 1) {
    if (stride == 1) return load(x, offset[0], offset[0] + WIDTH);
    float value = get(x, offset[0]);
    return {value, value, value, value, value, value, value, value};
  }
  Eight y;
#pragma unroll 1
  for (int k = 0; k < WIDTH; k++) {
    if (last == dims[rank - 1] && i + k < n) last = locate(rank, dims, strides, i + k, offset);
    y.v[k] = i + k < n ? get(x, offset[0]) : 0;
    offset[0] += stride;
    last++;
  }
  return y;
}
template <int N>
__device__ __forceinline__ void loadAll(const Walk<N>& walk, const Array* operands, Index i, Index n, Eight (&values)[N]) {
#pragma unroll
  for (int k = 0; k < N; k++) {
    bool plain = walk.rank == 1 && walk.strides[k][0] == 1;
    values[k] = plain ? load(operands[k], i, n) : loadBroadcast(operands[k], int(walk.rank), walk.dims, walk.strides + k, i, n);
  }
}
enum Unary {
  RELU, LEAKY_RELU, ELU, GELU, GELU_TANH, SILU, SOFTPLUS, SIGMOID, TANH, CLAMP, HARD_TANH, HARD_SIGMOID, HARD_SWISH, EXP, LOG, POW,
  SQUARE, SQRT, RSQRT, RECIPROCAL, ABS, SIN, COS
};
enum Binary { ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM, EQUAL, POWER };
enum Ternary {
  WHERE, MAXIMUM_GRADIENT, MINIMUM_GRADIENT, DIVISOR_GRADIENT, BASE_GRADIENT, EXPONENT_GRADIENT, TIED, SCALED_DIFFERENCE
};
enum Comparison { IS_EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL };
__device__ __forceinline__ float sigmoid(float x) {
  float e = expf(-fabsf(x));
  return (x < 0 ? e : 1.0f) / (1.0f + e);
}
__device__ __noinline__ float sine(float x) { return sinf(x); }
__device__ __noinline__ float cosine(float x) { return cosf(x); }
__device__ __noinline__ double logarithm(double x) { return log(x); }
__device__ __noinline__ double power(double a, double b) {
  if (b != b || (fabs(a) == 1 && fabs(b) > 1.7976931348623157e308)) return MEZZO_NAN;
  return pow(a, b);
}
__device__ __forceinline__ float normalCumulative(float x) { return 0.5f * (1.0f + erff(x * 0.70710678f)); }
__device__ __forceinline__ float normalDensity(float x) { return 0.39894228f * expf(-0.5f * x * x); }
__device__ __forceinline__ float geluArgument(float x) { return 1.5957691f * (x + 0.044715f * x * x * x); }
__device__ __forceinline__ float geluTanhSlope(float x) {
  if (fabsf(x) > 20) return x > 0 ? 1 : 0;
  float w = geluArgument(x), slope = 1.5957691f * (1 + 0.134145f * x * x);
  return sigmoid(w) * (1 + x * sigmoid(-w) * slope);
}
__device__ __forceinline__ float hardSigmoid(float x) { return x < -3 ? 0 : x > 3 ? 1 : (x + 3) / 6; }
__device__ __forceinline__ float unaryValue(int function, float x, float a, float b) {
  switch (function) {
    case RELU: return x <= 0 ? 0 : x;
    case LEAKY_RELU: return x > 0 ? x : a * x;
    case ELU: return x > 0 ? x : a * expm1f(x);
    case GELU: return x * normalCumulative(x);
    case GELU_TANH: return x * sigmoid(geluArgument(x));
    case SILU: return x * sigmoid(x);
    case SOFTPLUS: return fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
    case SIGMOID: return sigmoid(x);
    case TANH: return tanhf(x);
    case CLAMP:
    case HARD_TANH: return x < a ? a : x > b ? b : x;
    case HARD_SIGMOID: return hardSigmoid(x);
    case HARD_SWISH: return x * hardSigmoid(x);
    case EXP: return expf(x);
    case LOG: return logf(x);
    case POW: return float(power(x, a));
    case SQUARE: return x * x;
    case SQRT: return sqrtf(x);
    case RSQRT: return 1 / sqrtf(x);
    case RECIPROCAL: return 1 / x;
    case ABS: return fabsf(x);
    case SIN: return sine(x);
    default: return cosine(x);
  }
}
__device__ __forceinline__ float unaryGradientValue(int function, float dy, float s, float a, float b) {
  switch (function) {
    case RELU: return s > 0 ? dy : 0;
    case LEAKY_RELU: return s > 0 ? dy : a * dy;
    case ELU: return s > 0 ? dy : dy * (s + a);
    case GELU: return dy * (normalCumulative(s) + s * normalDensity(s));
    case GELU_TANH: return dy * geluTanhSlope(s);
    case SILU: return dy * (sigmoid(s) * (1 + s * sigmoid(-s)));
    case SOFTPLUS: return dy * sigmoid(s);
    case SIGMOID: return dy * s * (1 - s);
    case TANH: return dy * (1 - s * s);
    case CLAMP: return s >= a && s <= b ? dy : 0;
    case HARD_TANH: return s <= a || s >= b ? 0 : dy;
    case HARD_SIGMOID: return s <= -3 || s >= 3 ? 0 : dy / 6;
    case HARD_SWISH: return s <= -3 ? 0 : s >= 3 ? dy : dy * (s / 3 + 0.5f);
    case EXP: return dy * s;
    case LOG: return dy / s;
    case POW: return a == 0 ? dy * 0 : float(dy * (a * power(s, a - 1.0)));
    case SQUARE: return dy * 2 * s;
    case SQRT: return dy / (2 * s);
    case RSQRT: return float(dy * (-0.5 * s * s * s));
    case RECIPROCAL: return float(dy * -(double(s) * s));
    case ABS: return s != s ? s : dy * (s > 0 ? 1.0f : s < 0 ? -1.0f : 0.0f);
    case SIN: return dy * cosine(s);
    default: return -dy * sine(s);
  }
}
__device__ __forceinline__ float binaryValue(int function, float a, float b) {
  switch (function) {
    case ADD: return a + b;
    case SUBTRACT: return a - b;
    case MULTIPLY: return a * b;
    case DIVIDE: return a / b;
    case MAXIMUM: return greater(a, b);
    case MINIMUM: return lesser(a, b);
    case EQUAL: return a == b ? 1 : 0;
    default: return float(power(a, b));
  }
}
__device__ __forceinline__ float ternaryValue(int function, float a, float b, float c) {
  switch (function) {
    case WHERE: return a != 0 ? b : c;
    case MAXIMUM_GRADIENT: return b == c ? a / 2 : b < c ? 0 : a;
    case MINIMUM_GRADIENT: return b == c ? a / 2 : b > c ? 0 : a;
    case DIVISOR_GRADIENT: return float(-double(a) * (double(b) / c) / c);
    case BASE_GRADIENT: return c == 0 ? 0 : float(a * (c * power(b, c - 1.0)));
    case EXPONENT_GRADIENT: return b == 0 && c >= 0 ? 0 : float(a * (power(b, c) * logarithm(b)));
    case TIED: return b == c ? a : 0;
    default: return a * (b - c);
  }
}
template <class T>
__device__ __forceinline__ bool compares(int function, T a, T b) {
  switch (function) {
    case IS_EQUAL: return a == b;
    case NOT_EQUAL: return a != b;
    case LESS: return a < b;
    default: return a <= b;
  }
}
template <int N>
struct Number {
  static constexpr int value = N;
};
template <class Body>
__device__ __forceinline__ void choose(int number, Body body) {
#define MEZZO_CASE(n) case n: body(Number<n>()); break;
  switch (number) {
    MEZZO_CASE(0) MEZZO_CASE(1) MEZZO_CASE(2) MEZZO_CASE(3) MEZZO_CASE(4) MEZZO_CASE(5) MEZZO_CASE(6) MEZZO_CASE(7)
    MEZZO_CASE(8) MEZZO_CASE(9) MEZZO_CASE(10) MEZZO_CASE(11) MEZZO_CASE(12) MEZZO_CASE(13) MEZZO_CASE(14) MEZZO_CASE(15)
    MEZZO_CASE(16) MEZZO_CASE(17) MEZZO_CASE(18) MEZZO_CASE(19) MEZZO_CASE(20) MEZZO_CASE(21) MEZZO_CASE(22)
  }
#undef MEZZO_CASE
}
template <class Body>
__device__ __forceinline__ void chooseOfEight(int number, Body body) {
#define MEZZO_CASE(n) case n: body(Number<n>()); break;
  switch (number) {
    MEZZO_CASE(0) MEZZO_CASE(1) MEZZO_CASE(2) MEZZO_CASE(3) MEZZO_CASE(4) MEZZO_CASE(5) MEZZO_CASE(6) MEZZO_CASE(7)
  }
#undef MEZZO_CASE
}
__device__ __noinline__ Eight unaryOf(int function, float a, float b, Eight x) {
  choose(function, [&](auto f) {
#pragma unroll
    for (int k = 0; k < WIDTH; k++) x.v[k] = unaryValue(f.value, x.v[k], a, b);
  });
  return x;
}
__device__ __noinline__ Eight unaryGradientOf(int function, float a, float b, Eight dy, Eight saved) {
  choose(function, [&](auto f) {
#pragma unroll
    for (int k = 0; k < WIDTH; k++) dy.v[k] = unaryGradientValue(f.value, dy.v[k], saved.v[k], a, b);
  });
  return dy;
}
__device__ __noinline__ Eight binaryOf(int function, Eight a, Eight b) {
  chooseOfEight(function, [&](auto f) {
#pragma unroll
    for (int k = 0; k < WIDTH; k++) a.v[k] = binaryValue(f.value, a.v[k], b.v[k]);
  });
  return a;
}
__device__ __noinline__ Eight ternaryOf(int function, Eight a, Eight b, Eight c) {
  chooseOfEight(function, [&](auto f) {
#pragma unroll
    for (int k = 0; k < WIDTH; k++) a.v[k] = ternaryValue(f.value, a.v[k], b.v[k], c.v[k]);
  });
  return a;
}
__device__ __noinline__ float unaryOne(int function, float x, float a, float b) { return unaryValue(function, x, a, b); }
