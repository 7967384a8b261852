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
//// kernels
struct Epilogue {
  Array bias;
  int activation;
  int accumulate;
  float a;
  float b;
};
struct Pixel {
  Index image;
  int row;
  int column;
  int channel;
};
__device__ __forceinline__ Pixel pixel(Index i, int height, int width, int channels) {
  Index at = i / channels;
  return {at / width / height, int(at / width % height), int(at % width), int(i % channels)};
}
struct Heads {
  Array operand;
  Index offset;
  Index stride;
};
struct AttentionShape {
  Index batch;
  int heads;
  int keyHeads;
  int queries;
  int keys;
  int headDim;
  int causal;
  float scale;
};
__device__ __forceinline__ int visible(const AttentionShape& s, int query) {
  return s.causal != 0 ? max(0, min(query + 1 + s.keys - s.queries, s.keys)) : s.keys;
}
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
template <bool BF>
__device__ __forceinline__ unsigned pack(float first, float second) {
  return BF ? toBFloats(first, second) : toHalves(first, second);
}
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
template <int PITCH>
__device__ __forceinline__ void loadA(unsigned (&a)[4], const unsigned short* tile, int row, int k) {
  int lane = threadIdx.x % LANES;
  loadMatrices<false>(a, tile + (row + lane % 16) * PITCH + k + lane / 16 * 8);
}
template <int PITCH>
__device__ __forceinline__ void loadB(unsigned (&b)[4], const unsigned short* tile, int n, int k) {
  int lane = threadIdx.x % LANES;
  loadMatrices<false>(b, tile + (n + lane / 16 * 8 + lane % 8) * PITCH + k + lane / 8 % 2 * 8);
}
template <int PITCH>
__device__ __forceinline__ void loadBRows(unsigned (&b)[4], const unsigned short* tile, int k, int n) {
  int lane = threadIdx.x % LANES;
  loadMatrices<true>(b, tile + (k + lane % 16) * PITCH + n + lane / 16 * 8);
}
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
__device__ __forceinline__ void waitForCopies() {
#ifdef MEZZO_ON_HOST
  mezzo_shim::waitForCopies();
#elif __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_all;" ::: "memory");
#endif
}
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
__device__ __forceinline__ Exponentials with(Exponentials own, const Eight& v) {
  float most = own.maximum;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) most = fmaxf(most, v.v[k]);
  float shift = most == -MEZZO_INFINITY ? 0 : most, sum = own.sum * Exponentials::shift(own.maximum, most);
#pragma unroll
  for (int k = 0; k < WIDTH; k++) sum += powerOfTwo((v.v[k] - shift) * LOG2_E);
  return {most, sum};
}
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
KERNEL(copyStrided, Array x, Array y, Index n, const __grid_constant__ Walk<2> walk, Index from, Index to) {
  bool halves = bytes(x.type) == 2;
  for (Index i = firstThread(); i < n; i += allThreads()) {
    Index at[2];
    locate(walk, i, at);
    if (halves) {
      static_cast<unsigned short*>(y.data)[to + at[1]] = static_cast<const unsigned short*>(x.data)[from + at[0]];
    } else {
      static_cast<unsigned*>(y.data)[to + at[1]] = static_cast<const unsigned*>(x.data)[from + at[0]];
    }
  }
}
struct Lines {
  Index outer;
  Index axis;
  Index inner;
};
KERNEL(gather, Array x, Array index, Array y, Lines lines, Index count, Index n) {
  for (Index i = firstThread(); i < n; i += allThreads()) {
    Index outer = i / lines.inner / count;
    int at = getInt(index, i);
    bool outside = at < 0 || at >= lines.axis;
    put(y, i, outside ? MEZZO_NAN : get(x, (outer * lines.axis + at) * lines.inner + i % lines.inner));
  }
}
__device__ __forceinline__ void scatterLine(const Array& index, const Array& source, float* sums, Index axis, Index line, Index count) {
  int lane = Group<LANES>::lane();
  bool outside = false;
  for (Index k = 0; k < count; k += LANES) {
    bool there = k + lane < count;
    int at = there ? getInt(index, line * count + k + lane) : -1;
    float value = there ? get(source, line * count + k + lane) : 0;
    outside |= there && (at < 0 || at >= axis);
    bool mine = at >= 0 && at < axis;
    float sum = mine ? sums[line * axis + at] : 0;
#pragma unroll 8
    for (int other = 0; other < LANES; other++) {
      int otherAt = __shfl_sync(ALL_LANES, at, other);
      float otherValue = __shfl_sync(ALL_LANES, value, other);
      if (otherAt != at) continue;
      if (other < lane) mine = false;
      sum += otherValue;
    }
    if (mine) sums[line * axis + at] = sum;
    __syncwarp();
  }
  if (overWarp<Sum>(outside ? 1.0f : 0.0f) == 0) return;
  for (Index j = lane; j < axis; j += LANES) sums[line * axis + j] = MEZZO_NAN;
}
BLOCK_KERNEL(scatterAdd, Array index, Array source, Array y, Lines lines, Index count) {
  float* sums = static_cast<float*>(y.data);
  if (lines.inner == 1) {
    for (Index line = Group<LANES>::first(); line < lines.outer; line += Group<LANES>::count()) {
      scatterLine(index, source, sums, lines.axis, line, count);
    }
    return;
  }
  for (Index line = firstThread(); line < lines.outer * lines.inner; line += allThreads()) {
    Index outer = line / lines.inner, inner = line % lines.inner, first = outer * lines.axis * lines.inner + inner;
    for (Index k = 0; k < count; k++) {
      Index i = (outer * count + k) * lines.inner + inner;
      int at = getInt(index, i);
      if (at >= 0 && at < lines.axis) {
        sums[first + at * lines.inner] += get(source, i);
      } else {
        for (Index j = 0; j < lines.axis; j++) sums[first + j * lines.inner] = MEZZO_NAN;
      }
    }
  }
}
BLOCK_KERNEL(cumulativeSum, Array x, Array y, Lines lines, int reverse) {
  if (lines.inner == 1) {
    int lane = Group<LANES>::lane();
    for (Index line = Group<LANES>::first(); line < lines.outer; line += Group<LANES>::count()) {
      double before = 0;
      for (Index j = 0; j < lines.axis; j += LANES) {
        Index own = j + lane, at = line * lines.axis + (reverse != 0 ? lines.axis - 1 - own : own);
        double sum = own < lines.axis ? get(x, at) : 0;
#pragma unroll
        for (int step = 1; step < LANES; step *= 2) {
          double left = __shfl_up_sync(ALL_LANES, sum, step);
          if (lane >= step) sum += left;
        }
        sum += before;
        if (own < lines.axis) put(y, at, float(sum));
        before = __shfl_sync(ALL_LANES, sum, LANES - 1);
      }
    }
    return;
  }
  for (Index line = firstThread(); line < lines.outer * lines.inner; line += allThreads()) {
    Index first = line / lines.inner * lines.axis * lines.inner + line % lines.inner;
    double sum = 0;
    for (Index j = 0; j < lines.axis; j++) {
      Index at = first + (reverse != 0 ? lines.axis - 1 - j : j) * lines.inner;
      sum += get(x, at);
      put(y, at, float(sum));
    }
  }
}
template <class How, class Read, class Finish>
__device__ __forceinline__ void overLines(const Lines& lines, float identity, Read read, Finish finish) {
  Index all = lines.outer * lines.inner;
  if (lines.inner == 1) {
    for (Index line = Group<LANES>::first(); line < all; line += Group<LANES>::count()) {
      float value = identity;
      for (Index j = Group<LANES>::lane(); j < lines.axis; j += LANES) value = How::of(value, read(line, line * lines.axis + j));
      value = overWarp<How>(value);
      if (Group<LANES>::lane() == 0) finish(line, value);
    }
  } else {
    for (Index line = firstThread(); line < all; line += allThreads()) {
      Index first = line / lines.inner * lines.axis * lines.inner + line % lines.inner;
      float value = identity;
      for (Index j = 0; j < lines.axis; j++) value = How::of(value, read(line, first + j * lines.inner));
      finish(line, value);
    }
  }
}
BLOCK_KERNEL(maximum, Array x, Array y, Lines lines, float sign) {
  overLines<Greatest>(lines, -MEZZO_INFINITY, [&](Index, Index i) { return sign * get(x, i); },
                      [&](Index line, float value) { put(y, line, sign * value); });
}
BLOCK_KERNEL(squaredDeviations, Array x, Array mean, Array y, Lines lines, float factor) {
  overLines<Sum>(lines, 0,
                 [&](Index line, Index i) {
                   float deviation = get(x, i) - get(mean, line);
                   return deviation * deviation;
                 },
                 [&](Index line, float value) { put(y, line, factor * value); });
}
KERNEL(spread, Array x, Array y, Index n, const __grid_constant__ Walk<2> walk) {
  for (Index i = firstThread(); i < n; i += allThreads()) {
    Index at[2];
    locate(walk, i, at);
    put(y, at[1], get(x, at[0]));
  }
}
struct Mask {
  Array values;  // none where its data is null
  Index batchStride;
  Index headStride;
  Index queryStride;
};
constexpr int SIDE = 32;  // queries and keys of a tile
constexpr int PER_ROW = 16;  // threads that share two rows of a tile
constexpr int OWN = 2;       // rows and columns of scores that a thread computes
constexpr int MOST_DIMS = 256;
constexpr int DIMS = MOST_DIMS / PER_ROW;  // dimensions of a result that a thread adds up
__device__ __forceinline__ int pitch(const AttentionShape& s) { return s.headDim + 1; }
__device__ __forceinline__ void loadTile(float* tile, const AttentionShape& s, const Heads& heads, Index row, int head, int first, int count) {
#pragma unroll 1
  for (int e = threadIdx.x; e < SIDE * s.headDim; e += THREADS) {
    int r = e / s.headDim, d = e % s.headDim;
    Index at = (row + first + r) * heads.stride + heads.offset + Index(head) * s.headDim + d;
    tile[r * pitch(s) + d] = first + r < count ? get(heads.operand, at) : 0;
  }
}
__device__ __forceinline__ float dot(const AttentionShape& s, const float* a, const float* b) {
  float sum = 0;
#pragma unroll 4
  for (int d = 0; d < s.headDim; d++) sum = fmaf(a[d], b[d], sum);
  return sum;
}
__device__ __forceinline__ float score(const AttentionShape& s, const Mask& mask, Index batch, int head, int query, int key, float product) {
  if (query >= s.queries || key >= visible(s, query)) return -MEZZO_INFINITY;
  float value = s.scale * product;
  if (mask.values.data != nullptr) {
    value += get(mask.values, batch * mask.batchStride + head * mask.headStride + query * mask.queryStride + key);
  }
  return value;
}
__device__ __forceinline__ void toTile(float* tile, const AttentionShape& s, const float (&results)[OWN][DIMS]) {
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
#pragma unroll
  for (int i = 0; i < OWN; i++) {
#pragma unroll
    for (int e = 0; e < DIMS; e++) {
      if (lane + e * PER_ROW < s.headDim) tile[(row + i) * pitch(s) + lane + e * PER_ROW] = results[i][e];
    }
  }
}
__device__ __forceinline__ void storeTile(const float* tile, const AttentionShape& s, const Heads& heads, Index row, int head, int first, int count) {
#pragma unroll 1
  for (int e = threadIdx.x; e < SIDE * s.headDim; e += THREADS) {
    int r = e / s.headDim, d = e % s.headDim;
    Index at = (row + first + r) * heads.stride + heads.offset + Index(head) * s.headDim + d;
    if (first + r < count) put(heads.operand, at, tile[r * pitch(s) + d]);
  }
}
template <class How>
__device__ __forceinline__ float overRow(float value) {
#pragma unroll
  for (int step = PER_ROW / 2; step > 0; step /= 2) value = How::of(value, __shfl_xor_sync(ALL_LANES, value, step));
  return value;
}
BLOCK_KERNEL(attentionForward, AttentionShape s, Heads q, Heads k, Heads v, Mask mask, Heads y, float* logSums) {
  DYNAMIC_SHARED(memory);
  float* queries = reinterpret_cast<float*>(memory);
  float* keys = queries + SIDE * pitch(s);
  float* values = keys + SIDE * pitch(s);
  float* scores = values + SIDE * pitch(s);
  int first = blockIdx.x * SIDE, head = blockIdx.y, keyHead = head / (s.heads / s.keyHeads);
  Index batch = blockIdx.z;
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
  float maxima[OWN], sums[OWN] = {}, results[OWN][DIMS] = {};
  for (int i = 0; i < OWN; i++) maxima[i] = -MEZZO_INFINITY;
  loadTile(queries, s, q, batch * s.queries, head, first, s.queries);
  int end = visible(s, min(first + SIDE, s.queries) - 1);
  for (int from = 0; from < end; from += SIDE) {
    __syncthreads();
    loadTile(keys, s, k, batch * s.keys, keyHead, from, s.keys);
    loadTile(values, s, v, batch * s.keys, keyHead, from, s.keys);
    __syncthreads();
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      float own[OWN], most = maxima[i];
#pragma unroll
      for (int j = 0; j < OWN; j++) {
        int key = lane + j * PER_ROW;
        float product = dot(s, queries + (row + i) * pitch(s), keys + key * pitch(s));
        own[j] = score(s, mask, batch, head, first + row + i, from + key, product);
        most = greater(most, own[j]);
      }
      most = overRow<Greatest>(most);
      float shift = most == -MEZZO_INFINITY ? 0 : most, old = maxima[i] == -MEZZO_INFINITY ? 0 : expf(maxima[i] - shift), sum = 0;
#pragma unroll
      for (int j = 0; j < OWN; j++) {
        float p = expf(own[j] - shift);
        scores[(row + i) * (SIDE + 1) + lane + j * PER_ROW] = p;
        sum += p;
      }
      sums[i] = sums[i] * old + overRow<Sum>(sum);
      maxima[i] = most;
#pragma unroll
      for (int e = 0; e < DIMS; e++) results[i][e] *= old;
    }
    __syncthreads();
    int count = min(SIDE, end - from);
#pragma unroll
    for (int e = 0; e < DIMS; e++) {
      int d = lane + e * PER_ROW;
      if (d < s.headDim) {
#pragma unroll 1
        for (int j = 0; j < count; j++) {
          float value = values[j * pitch(s) + d];
#pragma unroll
          for (int i = 0; i < OWN; i++) {
            float p = scores[(row + i) * (SIDE + 1) + j];
            if (p != 0) results[i][e] = fmaf(p, value, results[i][e]);  // what is not seen may be anything
          }
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < OWN; i++) {
    int query = first + row + i;
    bool nothing = maxima[i] == -MEZZO_INFINITY;
    if (lane == 0 && query < s.queries) {
      logSums[(batch * s.heads + head) * s.queries + query] = nothing ? -MEZZO_INFINITY : maxima[i] + logf(sums[i]);
    }
#pragma unroll
    for (int e = 0; e < DIMS; e++) results[i][e] = nothing ? 0 : results[i][e] / sums[i];
  }
  __syncthreads();
  toTile(queries, s, results);
  __syncthreads();
  storeTile(queries, s, y, batch * s.queries, head, first, s.queries);
}
BLOCK_KERNEL(attentionOwn, AttentionShape s, Heads dy, Heads y, float* own) {
  Index all = s.batch * s.heads * s.queries;
  for (Index t = Group<LANES>::first(); t < all; t += Group<LANES>::count()) {
    Index query = t % s.queries, head = t / s.queries % s.heads, batch = t / s.queries / s.heads;
    Index row = batch * s.queries + query;
    float sum = 0;
    for (int d = Group<LANES>::lane(); d < s.headDim; d += LANES) {
      sum = fmaf(get(dy.operand, row * dy.stride + dy.offset + head * s.headDim + d),
                 get(y.operand, row * y.stride + y.offset + head * s.headDim + d), sum);
    }
    sum = overWarp<Sum>(sum);
    if (Group<LANES>::lane() == 0) own[t] = sum;
  }
}
struct Slopes {
  float* p;
  float* ds;
};
__device__ __forceinline__ void slopes(const AttentionShape& s, const Mask& mask, const float* queries, const float* keys, const float* values,
                                       const float* dy, const float* logSums, const float* own, Index batch, int head, int first, int from,
                                       const Slopes& to) {
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
#pragma unroll
  for (int i = 0; i < OWN; i++) {
    int query = first + row + i;
    Index at = (batch * s.heads + head) * s.queries + query;
    bool there = query < s.queries;
    float logSum = there ? logSums[at] : -MEZZO_INFINITY, ownOf = there ? own[at] : 0;
#pragma unroll
    for (int j = 0; j < OWN; j++) {
      int key = lane + j * PER_ROW;
      float value = score(s, mask, batch, head, query, from + key, dot(s, queries + (row + i) * pitch(s), keys + key * pitch(s)));
      float p = logSum == -MEZZO_INFINITY ? 0 : expf(value - logSum);
      float ds = p == 0 ? 0 : s.scale * p * (dot(s, dy + (row + i) * pitch(s), values + key * pitch(s)) - ownOf);
      to.p[(row + i) * (SIDE + 1) + key] = p;
      to.ds[(row + i) * (SIDE + 1) + key] = ds;
    }
  }
}
BLOCK_KERNEL(attentionGradientQueries, AttentionShape s, Heads q, Heads k, Heads v, Mask mask, Heads dy, const float* logSums, const float* own,
             Heads dq) {
  DYNAMIC_SHARED(memory);
  float* queries = reinterpret_cast<float*>(memory);
  float* out = queries + SIDE * pitch(s);
  float* keys = out + SIDE * pitch(s);
  float* values = keys + SIDE * pitch(s);
  Slopes tile = {values + SIDE * pitch(s), values + SIDE * pitch(s) + SIDE * (SIDE + 1)};
  int first = blockIdx.x * SIDE, head = blockIdx.y, keyHead = head / (s.heads / s.keyHeads);
  Index batch = blockIdx.z;
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
  float results[OWN][DIMS] = {};
  loadTile(queries, s, q, batch * s.queries, head, first, s.queries);
  loadTile(out, s, dy, batch * s.queries, head, first, s.queries);
  int end = visible(s, min(first + SIDE, s.queries) - 1);
  for (int from = 0; from < end; from += SIDE) {
    __syncthreads();
    loadTile(keys, s, k, batch * s.keys, keyHead, from, s.keys);
    loadTile(values, s, v, batch * s.keys, keyHead, from, s.keys);
    __syncthreads();
    slopes(s, mask, queries, keys, values, out, logSums, own, batch, head, first, from, tile);
    __syncthreads();
    int count = min(SIDE, end - from);
#pragma unroll
    for (int e = 0; e < DIMS; e++) {
      int d = lane + e * PER_ROW;
      if (d < s.headDim) {
#pragma unroll 1
        for (int j = 0; j < count; j++) {
#pragma unroll
          for (int i = 0; i < OWN; i++) {
            float ds = tile.ds[(row + i) * (SIDE + 1) + j];
            if (ds != 0) results[i][e] = fmaf(ds, keys[j * pitch(s) + d], results[i][e]);
          }
        }
      }
    }
  }
  __syncthreads();
  toTile(queries, s, results);
  __syncthreads();
  storeTile(queries, s, dq, batch * s.queries, head, first, s.queries);
}
BLOCK_KERNEL(attentionGradientKeys, AttentionShape s, Heads q, Heads k, Heads v, Mask mask, Heads dy, const float* logSums, const float* own, Heads dk,
             Heads dv) {
  DYNAMIC_SHARED(memory);
  float* queries = reinterpret_cast<float*>(memory);
  float* out = queries + SIDE * pitch(s);
  float* keys = out + SIDE * pitch(s);
  float* values = keys + SIDE * pitch(s);
  Slopes tile = {values + SIDE * pitch(s), values + SIDE * pitch(s) + SIDE * (SIDE + 1)};
  int from = blockIdx.x * SIDE, keyHead = blockIdx.y, group = s.heads / s.keyHeads;
  Index batch = blockIdx.z;
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
  float dKeys[OWN][DIMS] = {}, dValues[OWN][DIMS] = {};
  loadTile(keys, s, k, batch * s.keys, keyHead, from, s.keys);
  loadTile(values, s, v, batch * s.keys, keyHead, from, s.keys);
  int start = s.causal != 0 ? max(0, from - s.keys + s.queries) / SIDE * SIDE : 0;
  for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
    for (int first = start; first < s.queries; first += SIDE) {
      __syncthreads();
      loadTile(queries, s, q, batch * s.queries, head, first, s.queries);
      loadTile(out, s, dy, batch * s.queries, head, first, s.queries);
      __syncthreads();
      slopes(s, mask, queries, keys, values, out, logSums, own, batch, head, first, from, tile);
      __syncthreads();
      int count = min(SIDE, s.queries - first);
#pragma unroll
      for (int e = 0; e < DIMS; e++) {
        int d = lane + e * PER_ROW;
        if (d < s.headDim) {
#pragma unroll 1
        for (int j = 0; j < count; j++) {
#pragma unroll
            for (int i = 0; i < OWN; i++) {
              float p = tile.p[j * (SIDE + 1) + row + i], ds = tile.ds[j * (SIDE + 1) + row + i];
              if (p != 0) dValues[i][e] = fmaf(p, out[j * pitch(s) + d], dValues[i][e]);
              if (ds != 0) dKeys[i][e] = fmaf(ds, queries[j * pitch(s) + d], dKeys[i][e]);
            }
          }
        }
      }
    }
  }
  __syncthreads();
  toTile(queries, s, dKeys);
  toTile(out, s, dValues);
  __syncthreads();
  storeTile(queries, s, dk, batch * s.keys, keyHead, from, s.keys);
  storeTile(out, s, dv, batch * s.keys, keyHead, from, s.keys);
}
constexpr int WARPS = 4, ROWS = 16, BLOCK_ROWS = WARPS * ROWS;
template <int D>
struct TileOf {
  static constexpr int PITCH = D + 8;
};
template <int D, int COUNT>
__device__ __forceinline__ void loadRows(unsigned short* tile, const Heads& heads, Index row, int head, int first, int all) {
  const unsigned short* from = static_cast<const unsigned short*>(heads.operand.data) + heads.offset + Index(head) * D;
#pragma unroll
  for (int e = threadIdx.x; e < COUNT * (D / WIDTH); e += WARPS * LANES) {
    int r = e / (D / WIDTH), d = e % (D / WIDTH) * WIDTH;
    bool there = first + r < all;
    copyLater<16>(tile + r * TileOf<D>::PITCH + d, from + (row + (there ? first + r : 0)) * heads.stride + d, there);
  }
}
template <int D, bool BF, int N, int M>
__device__ __forceinline__ void products(float (&sums)[M][N / 8][4], const unsigned short* a, int row, const unsigned short* b) {
#pragma unroll
  for (int m = 0; m < M; m++) {
#pragma unroll
    for (int n = 0; n < N / 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) sums[m][n][e] = 0;
    }
  }
#pragma unroll
  for (int k = 0; k < D; k += 16) {
    unsigned left[M][4];
#pragma unroll
    for (int m = 0; m < M; m++) loadA<TileOf<D>::PITCH>(left[m], a, row + m * ROWS, k);
#pragma unroll
    for (int n = 0; n < N / 8; n += 2) {
      unsigned right[4];
      loadB<TileOf<D>::PITCH>(right, b, n * 8, k);
#pragma unroll
      for (int m = 0; m < M; m++) {
        multiply<BF>(sums[m][n], left[m], right[0], right[1]);
        multiply<BF>(sums[m][n + 1], left[m], right[2], right[3]);
      }
    }
  }
}
template <int D, bool BF, int N, int M>
__device__ __forceinline__ void addProducts(float (&results)[M][D / 8][4], const float (&a)[M][N / 8][4], const unsigned short* tile) {
#pragma unroll
  for (int k = 0; k < N; k += 16) {
    unsigned left[M][4];
#pragma unroll
    for (int m = 0; m < M; m++) {
      const float(&low)[4] = a[m][k / 8], (&high)[4] = a[m][k / 8 + 1];
      left[m][0] = pack<BF>(low[0], low[1]);
      left[m][1] = pack<BF>(low[2], low[3]);
      left[m][2] = pack<BF>(high[0], high[1]);
      left[m][3] = pack<BF>(high[2], high[3]);
    }
#pragma unroll
    for (int n = 0; n < D / 8; n += 2) {
      unsigned right[4];
      loadBRows<TileOf<D>::PITCH>(right, tile, k, n * 8);
#pragma unroll
      for (int m = 0; m < M; m++) {
        multiply<BF>(results[m][n], left[m], right[0], right[1]);
        multiply<BF>(results[m][n + 1], left[m], right[2], right[3]);
      }
    }
  }
}
template <int D, bool BF>
__device__ __forceinline__ void storeRows(const float (&results)[D / 8][4], const float (&factors)[2], const Heads& heads, Index row, int head,
                                          int first, int all) {
  int g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  unsigned short* to = static_cast<unsigned short*>(heads.operand.data) + heads.offset + Index(head) * D + 2 * t;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int r = first + g + half * 8;
    if (r >= all) continue;
#pragma unroll
    for (int n = 0; n < D / 8; n++) {
      unsigned bits = pack<BF>(results[n][2 * half] * factors[half], results[n][2 * half + 1] * factors[half]);
      *reinterpret_cast<unsigned*>(to + (row + r) * heads.stride + n * 8) = bits;
    }
  }
}
template <class How>
__device__ __forceinline__ float overFour(float value) {
  value = How::of(value, __shfl_xor_sync(ALL_LANES, value, 1));
  return How::of(value, __shfl_xor_sync(ALL_LANES, value, 2));
}
__device__ __forceinline__ int tileOf(const AttentionShape& s) { return s.causal != 0 ? gridDim.x - 1 - blockIdx.x : blockIdx.x; }
template <int D, int KEYS>
__device__ __forceinline__ void exponentiate(float (&p)[KEYS / 8][4], float (&results)[D / 8][4], float (&maxima)[2], float (&sums)[2],
                                             const int (&limit)[2], bool whole, float factor) {
  int t = threadIdx.x % 4;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    float most = maxima[half];
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
      for (int e = 2 * half; e < 2 * half + 2; e++) {
        p[n][e] *= factor;
        if (!whole && n * 8 + 2 * t + e % 2 >= limit[half]) p[n][e] = -MEZZO_INFINITY;
        most = fmaxf(most, p[n][e]);
      }
    }
    most = fmaxf(most, __shfl_xor_sync(ALL_LANES, most, 1));
    most = fmaxf(most, __shfl_xor_sync(ALL_LANES, most, 2));
    float shift = most == -MEZZO_INFINITY ? 0 : most, old = powerOfTwo(maxima[half] - shift), sum = 0;
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
      for (int e = 2 * half; e < 2 * half + 2; e++) {
        p[n][e] = powerOfTwo(p[n][e] - shift);
        sum += p[n][e];
      }
    }
    sums[half] = fmaf(sums[half], old, sum);  // of this lane: the four that share a row add theirs at the end
    maxima[half] = most;
#pragma unroll
    for (int n = 0; n < D / 8; n++) {
      results[n][2 * half] *= old;
      results[n][2 * half + 1] *= old;
    }
  }
}
template <int D, bool BF, int M>
__device__ void forwardTile(const AttentionShape& s, const Heads& q, const Heads& k, const Heads& v, const Heads& y, float* logSums) {
  constexpr int KEYS = D == 64 ? 64 : 32, PITCH = TileOf<D>::PITCH, QUERIES = M * BLOCK_ROWS;
  DYNAMIC_SHARED(memory);
  unsigned short* queries = reinterpret_cast<unsigned short*>(memory);
  unsigned short* keys = queries + QUERIES * PITCH;
  unsigned short* values = keys + 2 * KEYS * PITCH;
  int first = tileOf(s) * QUERIES, head = blockIdx.y, keyHead = head / (s.heads / s.keyHeads);
  int own = threadIdx.x / LANES * M * ROWS, g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  Index batch = blockIdx.z;
  float results[M][D / 8][4] = {}, maxima[M][2], sums[M][2] = {};
  int seen[M][2];
#pragma unroll
  for (int m = 0; m < M; m++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int query = first + own + m * ROWS + g + half * 8;
      seen[m][half] = query < s.queries ? visible(s, query) : 0;
      maxima[m][half] = -MEZZO_INFINITY;
    }
  }
  int end = visible(s, min(first + QUERIES, s.queries) - 1);
  auto fetch = [&](int from) {
    int place = from / KEYS % 2 * KEYS * PITCH;
    loadRows<D, KEYS>(keys + place, k, batch * s.keys, keyHead, from, s.keys);
    loadRows<D, KEYS>(values + place, v, batch * s.keys, keyHead, from, s.keys);
  };
  loadRows<D, QUERIES>(queries, q, batch * s.queries, head, first, s.queries);
  if (end > 0) fetch(0);
  int least = first + own < s.queries ? visible(s, first + own) : 0;  // of the warp's queries; all of them are there if `whole`
  for (int from = 0; from < end; from += KEYS) {
    waitForCopies();
    __syncthreads();
    if (from + KEYS < end) fetch(from + KEYS);
    int place = from / KEYS % 2 * KEYS * PITCH;
    float p[M][KEYS / 8][4];
    products<D, BF, KEYS, M>(p, queries, own, keys + place);
    bool whole = from + KEYS <= least && first + own + M * ROWS <= s.queries;
#pragma unroll
    for (int m = 0; m < M; m++) {
      int limit[2] = {seen[m][0] - from, seen[m][1] - from};
      exponentiate<D, KEYS>(p[m], results[m], maxima[m], sums[m], limit, whole, s.scale * LOG2_E);
    }
    addProducts<D, BF, KEYS, M>(results, p, values + place);
  }
#pragma unroll
  for (int m = 0; m < M; m++) {
    float factors[2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int query = first + own + m * ROWS + g + half * 8;
      float sum = overFour<Sum>(sums[m][half]);
      bool nothing = sum == 0;
      factors[half] = nothing ? 0 : 1 / sum;
      if (t == 0 && query < s.queries) {
        logSums[(batch * s.heads + head) * s.queries + query] = nothing ? -MEZZO_INFINITY : maxima[m][half] * LN_2 + logf(sum);
      }
    }
    storeRows<D, BF>(results[m], factors, y, batch * s.queries, head, first + own + m * ROWS, s.queries);
  }
  waitForCopies();
}
template <int D, bool BF>
__device__ void queriesTile(const AttentionShape& s, const Heads& q, const Heads& k, const Heads& v, const Heads& dy, const float* logSums,
                            const float* owns, const Heads& dq) {
  constexpr int KEYS = 32, PITCH = TileOf<D>::PITCH;
  DYNAMIC_SHARED(memory);
  unsigned short* queries = reinterpret_cast<unsigned short*>(memory);
  unsigned short* out = queries + BLOCK_ROWS * PITCH;
  unsigned short* keys = out + BLOCK_ROWS * PITCH;
  unsigned short* values = keys + 2 * KEYS * PITCH;
  int first = tileOf(s) * BLOCK_ROWS, head = blockIdx.y, keyHead = head / (s.heads / s.keyHeads);
  int own = threadIdx.x / LANES * ROWS, g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  Index batch = blockIdx.z;
  float results[1][D / 8][4] = {}, logSum[2], ownOf[2];
  int seen[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int query = first + own + g + half * 8;
    Index at = (batch * s.heads + head) * s.queries + query;
    logSum[half] = query < s.queries ? logSums[at] : -MEZZO_INFINITY;
    ownOf[half] = query < s.queries ? owns[at] : 0;
    seen[half] = logSum[half] == -MEZZO_INFINITY ? 0 : visible(s, query);
    logSum[half] *= LOG2_E;
  }
  auto fetch = [&](int from) {
    int place = from / KEYS % 2 * KEYS * PITCH;
    loadRows<D, KEYS>(keys + place, k, batch * s.keys, keyHead, from, s.keys);
    loadRows<D, KEYS>(values + place, v, batch * s.keys, keyHead, from, s.keys);
  };
  int end = visible(s, min(first + BLOCK_ROWS, s.queries) - 1);
  loadRows<D, BLOCK_ROWS>(queries, q, batch * s.queries, head, first, s.queries);
  loadRows<D, BLOCK_ROWS>(out, dy, batch * s.queries, head, first, s.queries);
  if (end > 0) fetch(0);
  for (int from = 0; from < end; from += KEYS) {
    waitForCopies();
    __syncthreads();
    if (from + KEYS < end) fetch(from + KEYS);
    int place = from / KEYS % 2 * KEYS * PITCH;
    float p[1][KEYS / 8][4], d[1][KEYS / 8][4];
    products<D, BF, KEYS, 1>(p, queries, own, keys + place);
    products<D, BF, KEYS, 1>(d, out, own, values + place);
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        bool there = from + n * 8 + 2 * t + e % 2 < seen[e / 2];
        float probability = powerOfTwo(fmaf(p[0][n][e], s.scale * LOG2_E, -logSum[e / 2]));
        d[0][n][e] = there ? s.scale * probability * (d[0][n][e] - ownOf[e / 2]) : 0;
      }
    }
    addProducts<D, BF, KEYS, 1>(results, d, keys + place);
  }
  float factors[2] = {1, 1};
  storeRows<D, BF>(results[0], factors, dq, batch * s.queries, head, first + own, s.queries);
  waitForCopies();
}
template <int D, bool BF>
__device__ void keysTile(const AttentionShape& s, const Heads& q, const Heads& k, const Heads& v, const Heads& dy, const float* logSums,
                         const float* owns, const Heads& dk, const Heads& dv) {
  constexpr int QUERIES = 32, PITCH = TileOf<D>::PITCH;
  DYNAMIC_SHARED(memory);
  __shared__ float saved[2][2][QUERIES];  // log-sums and owns of the queries, in two places
  unsigned short* keys = reinterpret_cast<unsigned short*>(memory);
  unsigned short* values = keys + BLOCK_ROWS * PITCH;
  unsigned short* queries = values + BLOCK_ROWS * PITCH;
  unsigned short* out = queries + 2 * QUERIES * PITCH;
  int from = blockIdx.x * BLOCK_ROWS, keyHead = blockIdx.y, group = s.heads / s.keyHeads;
  int own = threadIdx.x / LANES * ROWS, g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  Index batch = blockIdx.z;
  float dKeys[1][D / 8][4] = {}, dValues[1][D / 8][4] = {};
  int start = s.causal != 0 ? max(0, from - s.keys + s.queries) / QUERIES : 0;
  int each = max(0, (s.queries + QUERIES - 1) / QUERIES - start), tiles = group * each;
  auto fetch = [&](int tile) {
    int head = keyHead * group + tile / each, first = (start + tile % each) * QUERIES, place = tile % 2 * QUERIES * PITCH;
    loadRows<D, QUERIES>(queries + place, q, batch * s.queries, head, first, s.queries);
    loadRows<D, QUERIES>(out + place, dy, batch * s.queries, head, first, s.queries);
    if (threadIdx.x < 2 * QUERIES) {
      int which = threadIdx.x / QUERIES, query = first + threadIdx.x % QUERIES;
      bool there = query < s.queries;
      Index at = (batch * s.heads + head) * s.queries + (there ? query : 0);
      copyLater<4>(&saved[tile % 2][which][threadIdx.x % QUERIES], (which == 0 ? logSums : owns) + at, there);
    }
  };
  loadRows<D, BLOCK_ROWS>(keys, k, batch * s.keys, keyHead, from, s.keys);
  loadRows<D, BLOCK_ROWS>(values, v, batch * s.keys, keyHead, from, s.keys);
  if (tiles > 0) fetch(0);
  for (int tile = 0; tile < tiles; tile++) {
    waitForCopies();
    __syncthreads();
    if (tile + 1 < tiles) fetch(tile + 1);
    int first = (start + tile % each) * QUERIES, place = tile % 2 * QUERIES * PITCH;
    float p[1][QUERIES / 8][4], d[1][QUERIES / 8][4];
    products<D, BF, QUERIES, 1>(p, keys, own, queries + place);
    products<D, BF, QUERIES, 1>(d, values, own, out + place);
#pragma unroll
    for (int n = 0; n < QUERIES / 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        int at = n * 8 + 2 * t + e % 2, query = first + at, key = from + own + g + e / 2 * 8;
        bool there = query < s.queries && key < visible(s, query);
        float probability = powerOfTwo(fmaf(p[0][n][e], s.scale * LOG2_E, -LOG2_E * saved[tile % 2][0][at]));
        p[0][n][e] = there ? probability : 0;
        d[0][n][e] = there ? s.scale * probability * (d[0][n][e] - saved[tile % 2][1][at]) : 0;
      }
    }
    addProducts<D, BF, QUERIES, 1>(dValues, p, out + place);
    addProducts<D, BF, QUERIES, 1>(dKeys, d, queries + place);
  }
  float factors[2] = {1, 1};
  storeRows<D, BF>(dKeys[0], factors, dk, batch * s.keys, keyHead, from + own, s.keys);
  storeRows<D, BF>(dValues[0], factors, dv, batch * s.keys, keyHead, from + own, s.keys);
  waitForCopies();
}
#define MEZZO_ATTENTION(suffix, D, BF)                                                                                                       \
  BLOCK_KERNEL(attentionForward##suffix, AttentionShape s, Heads q, Heads k, Heads v, Heads y, float* logSums) {                              \
    forwardTile<D, BF, 1>(s, q, k, v, y, logSums);                                                                                            \
  }                                                                                                                                           \
  BLOCK_KERNEL(attentionForwardTall##suffix, AttentionShape s, Heads q, Heads k, Heads v, Heads y, float* logSums) {                          \
    forwardTile<D, BF, 2>(s, q, k, v, y, logSums);                                                                                            \
  }                                                                                                                                           \
  BLOCK_KERNEL(attentionGradientQueries##suffix, AttentionShape s, Heads q, Heads k, Heads v, Heads dy, const float* logSums, const float* own, \
               Heads dq) {                                                                                                                    \
    queriesTile<D, BF>(s, q, k, v, dy, logSums, own, dq);                                                                                     \
  }                                                                                                                                           \
  BLOCK_KERNEL(attentionGradientKeys##suffix, AttentionShape s, Heads q, Heads k, Heads v, Heads dy, const float* logSums, const float* own,  \
               Heads dk, Heads dv) {                                                                                                          \
    keysTile<D, BF>(s, q, k, v, dy, logSums, own, dk, dv);                                                                                    \
  }
MEZZO_ATTENTION(Half64, 64, false)
MEZZO_ATTENTION(Half128, 128, false)
MEZZO_ATTENTION(BFloat64, 64, true)
MEZZO_ATTENTION(BFloat128, 128, true)
#undef MEZZO_ATTENTION
struct ChannelNorm {
  Index images;
  Index pixels;
  Index channels;
  Index groups;  // of an image
  double epsilon;
};
struct Chunks {
  Index count;
  Index length;
};
__device__ __forceinline__ Index groupOf(const ChannelNorm& s, Index image, Index channel) {
  return image * s.groups + channel / (s.channels / s.groups);
}
constexpr int SLOTS = 256;
struct Moments {
  double count;
  double mean;
  double square;
};
__device__ __forceinline__ Moments both(Moments a, Moments b) {
  double count = a.count + b.count;
  if (count == 0) return a;
  double distance = b.mean - a.mean;
  return {count, a.mean + distance * b.count / count, a.square + b.square + distance * distance * a.count * b.count / count};
}
__device__ __forceinline__ int side(Index channels) { return int(min(Index(SLOTS), (channels + WIDTH - 1) / WIDTH)); }
BLOCK_KERNEL(channelMoments, ChannelNorm s, Chunks chunks, Array x, double* parts) {
  __shared__ float sums[SLOTS][WIDTH], squares[SLOTS][WIDTH], shifts[SLOTS][WIDTH];
  __shared__ int counts[SLOTS];
  int across = side(s.channels), below = SLOTS / across;
  int column = threadIdx.x % across, line = threadIdx.x / across;
  for (Index block = blockIdx.x; block < s.images * chunks.count; block += gridDim.x) {
    Index image = block / chunks.count, from = block % chunks.count * chunks.length, to = min(from + chunks.length, s.pixels);
    for (Index first = 0; first < s.channels; first += Index(across) * WIDTH) {
      Index channel = first + column * WIDTH;
      Eight sum = {}, square = {}, shift = {};
      int count = 0;
      if (channel < s.channels && line < below) {
        for (Index p = from + line; p < to; p += below) {
          Index row = (image * s.pixels + p) * s.channels;
          Eight v = load(x, row + channel, row + s.channels);
          if (count++ == 0) shift = v;
#pragma unroll
          for (int k = 0; k < WIDTH; k++) {
            float d = v.v[k] - shift.v[k];
            sum.v[k] += d;
            square.v[k] = fmaf(d, d, square.v[k]);
          }
        }
      }
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        sums[threadIdx.x][k] = sum.v[k];
        squares[threadIdx.x][k] = square.v[k];
        shifts[threadIdx.x][k] = shift.v[k];
      }
      counts[threadIdx.x] = count;
      __syncthreads();
      for (int own = threadIdx.x; own < across * WIDTH; own += SLOTS) {
        Moments all = {};
        for (int l = 0; l < below; l++) {
          int slot = l * across + own / WIDTH, k = own % WIDTH;
          double n = counts[slot];
          if (n > 0) {
            double mean = sums[slot][k] / n;
            all = both(all, {n, shifts[slot][k] + mean, squares[slot][k] - sums[slot][k] * mean});
          }
        }
        if (first + own < s.channels) {
          double* out = parts + 2 * (block * s.channels + first + own);
          out[0] = all.mean;
          out[1] = all.square;
        }
      }
      __syncthreads();
    }
  }
}
BLOCK_KERNEL(groupMoments, ChannelNorm s, Chunks chunks, const double* parts, float* moments) {
  Index groups = s.images * s.groups, width = s.channels / s.groups;
  for (Index g = Group<LANES>::first(); g < groups; g += Group<LANES>::count()) {
    Index image = g / s.groups, first = g % s.groups * width;
    Moments all = {};
    for (Index t = Group<LANES>::lane(); t < chunks.count * width; t += LANES) {
      Index chunk = t / width, channel = first + t % width;
      double count = double(min(chunks.length, s.pixels - chunk * chunks.length));
      const double* of = parts + 2 * ((image * chunks.count + chunk) * s.channels + channel);
      all = both(all, {count, of[0], of[1]});
    }
    for (int step = LANES / 2; step > 0; step /= 2) {
      Moments other = {__shfl_xor_sync(ALL_LANES, all.count, step), __shfl_xor_sync(ALL_LANES, all.mean, step),
                       __shfl_xor_sync(ALL_LANES, all.square, step)};
      all = (threadIdx.x & step) == 0 ? both(all, other) : both(other, all);
    }
    if (Group<LANES>::lane() == 0) {
      moments[g] = all.count == 0 ? MEZZO_NAN : float(all.mean);
      moments[groups + g] = all.count == 0 ? MEZZO_NAN : float(1 / sqrt(all.square / all.count + s.epsilon));
    }
  }
}
KERNEL(followMoments, ChannelNorm s, const float* moments, float momentum, float* runningMean, float* runningVariance) {
  double count = double(s.pixels) * double(s.channels / s.groups), unbiased = count / fmax(1.0, count - 1.0);
  for (Index c = firstThread(); c < s.channels; c += allThreads()) {
    double inverse = moments[s.channels + c], mean = moments[c];
    double variance = fmax(0.0, 1 / (inverse * inverse) - s.epsilon) * unbiased;
    bool finite = inverse == inverse && fabs(mean) < MEZZO_INFINITY && variance < MEZZO_INFINITY;
    if (finite) {
      runningMean[c] += float(momentum * (mean - runningMean[c]));
      runningVariance[c] += float(momentum * (variance - runningVariance[c]));
    }
  }
}
KERNEL(standingMoments, ChannelNorm s, const float* runningMean, const float* runningVariance, float* moments) {
  for (Index c = firstThread(); c < s.channels; c += allThreads()) {
    moments[c] = runningMean[c];
    moments[s.channels + c] = float(1 / sqrt(double(runningVariance[c]) + s.epsilon));
  }
}
template <class Body>
__device__ __forceinline__ void eachEight(const ChannelNorm& s, Body body) {
  Index across = (s.channels + WIDTH - 1) / WIDTH, all = s.images * s.pixels * across;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    Index row = t / across;
    body(row * s.channels, t % across * WIDTH, row / s.pixels);
  }
}
KERNEL(channelNormalize, ChannelNorm s, Array x, const float* moments, Array weight, Array bias, Array y) {
  Index groups = s.images * s.groups;
  eachEight(s, [&](Index row, Index channel, Index image) {
    Eight v = load(x, row + channel, row + s.channels), w = load(weight, channel, s.channels), b = load(bias, channel, s.channels);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      if (channel + k < s.channels) {
        Index g = groupOf(s, image, channel + k);
        v.v[k] = (v.v[k] - moments[g]) * moments[groups + g] * w.v[k] + b.v[k];
      }
    }
    store(y, row + channel, row + s.channels, v);
  });
}
BLOCK_KERNEL(channelSlopes, ChannelNorm s, Chunks chunks, Array dy, Array x, const float* moments, double* parts) {
  __shared__ float sums[SLOTS][WIDTH], products[SLOTS][WIDTH];
  int across = side(s.channels), below = SLOTS / across;
  int column = threadIdx.x % across, line = threadIdx.x / across;
  Index groups = s.images * s.groups;
  for (Index block = blockIdx.x; block < s.images * chunks.count; block += gridDim.x) {
    Index image = block / chunks.count, from = block % chunks.count * chunks.length, to = min(from + chunks.length, s.pixels);
    for (Index first = 0; first < s.channels; first += Index(across) * WIDTH) {
      Index channel = first + column * WIDTH;
      Eight sum = {}, product = {}, mean = {}, factor = {};
      if (channel < s.channels && line < below) {
#pragma unroll
        for (int k = 0; k < WIDTH; k++) {
          if (channel + k < s.channels) {
            mean.v[k] = moments[groupOf(s, image, channel + k)];
            factor.v[k] = moments[groups + groupOf(s, image, channel + k)];
          }
        }
        for (Index p = from + line; p < to; p += below) {
          Index row = (image * s.pixels + p) * s.channels;
          Eight d = load(dy, row + channel, row + s.channels), v = load(x, row + channel, row + s.channels);
#pragma unroll
          for (int k = 0; k < WIDTH; k++) {
            sum.v[k] += d.v[k];
            product.v[k] += d.v[k] * ((v.v[k] - mean.v[k]) * factor.v[k]);
          }
        }
      }
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        sums[threadIdx.x][k] = sum.v[k];
        products[threadIdx.x][k] = product.v[k];
      }
      __syncthreads();
      for (int own = threadIdx.x; own < across * WIDTH; own += SLOTS) {
        double sumOf = 0, productOf = 0;
        for (int l = 0; l < below; l++) {
          sumOf += sums[l * across + own / WIDTH][own % WIDTH];
          productOf += products[l * across + own / WIDTH][own % WIDTH];
        }
        if (first + own < s.channels) {
          double* out = parts + 2 * (block * s.channels + first + own);
          out[0] = sumOf;
          out[1] = productOf;
        }
      }
      __syncthreads();
    }
  }
}
BLOCK_KERNEL(channelParameters, ChannelNorm s, Chunks chunks, const double* parts, Array dWeight, Array dBias) {
  for (Index c = Group<LANES>::first(); c < s.channels; c += Group<LANES>::count()) {
    double sum = 0, product = 0;
    for (Index t = Group<LANES>::lane(); t < s.images * chunks.count; t += LANES) {
      sum += parts[2 * (t * s.channels + c)];
      product += parts[2 * (t * s.channels + c) + 1];
    }
    sum = overWarp<Sum>(sum);
    product = overWarp<Sum>(product);
    if (Group<LANES>::lane() != 0) continue;
    if (dWeight.data != nullptr) putSum(dWeight, c, float(product));
    if (dBias.data != nullptr) putSum(dBias, c, float(sum));
  }
}
BLOCK_KERNEL(groupSlopes, ChannelNorm s, Chunks chunks, const double* parts, Array weight, float* slopes) {
  Index groups = s.images * s.groups, width = s.channels / s.groups;
  for (Index g = Group<LANES>::first(); g < groups; g += Group<LANES>::count()) {
    Index image = g / s.groups, first = g % s.groups * width;
    double sum = 0, product = 0, count = double(s.pixels) * double(width);
    for (Index t = Group<LANES>::lane(); t < chunks.count * width; t += LANES) {
      Index channel = first + t % width, at = 2 * ((image * chunks.count + t / width) * s.channels + channel);
      double w = get(weight, channel);
      sum += w * parts[at];
      product += w * parts[at + 1];
    }
    sum = overWarp<Sum>(sum);
    product = overWarp<Sum>(product);
    if (Group<LANES>::lane() == 0) {
      slopes[g] = float(sum / count);
      slopes[groups + g] = float(product / count);
    }
  }
}
KERNEL(channelGradient, ChannelNorm s, Array dy, Array x, const float* moments, const float* slopes, Array weight, Array dx) {
  Index groups = s.images * s.groups;
  eachEight(s, [&](Index row, Index channel, Index image) {
    Eight d = load(dy, row + channel, row + s.channels), v = load(x, row + channel, row + s.channels);
    Eight w = load(weight, channel, s.channels);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      if (channel + k < s.channels) {
        Index g = groupOf(s, image, channel + k);
        float factor = moments[groups + g], normal = (v.v[k] - moments[g]) * factor;
        d.v[k] = factor * (d.v[k] * w.v[k] - slopes[g] - normal * slopes[groups + g]);
      }
    }
    storeSum(dx, row + channel, row + s.channels, d);
  });
}
struct Convolution {
  Index batch;
  int height;
  int width;
  int in;
  int out;
  int outHeight;
  int outWidth;
  int kernelHeight;
  int kernelWidth;
  int strideHeight;
  int strideWidth;
  int paddingHeight;
  int paddingWidth;
  int dilationHeight;
  int dilationWidth;
  int groups;
};
__device__ __forceinline__ Index pixelOf(const Convolution& c, Index image, int i, int j, int ki, int kj) {
  int row = i * c.strideHeight - c.paddingHeight + ki * c.dilationHeight;
  int column = j * c.strideWidth - c.paddingWidth + kj * c.dilationWidth;
  bool inside = row >= 0 && row < c.height && column >= 0 && column < c.width;
  return inside ? (image * c.height + row) * c.width + column : -1;
}
KERNEL(unfold, Convolution c, Array x, Array columns, Index first, Index images) {
  Index across = (c.in + WIDTH - 1) / WIDTH, taps = c.kernelHeight * c.kernelWidth;
  Index all = images * c.outHeight * c.outWidth * taps * across;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    int channel = int(t % across) * WIDTH;
    Index row = t / across, tap = row % taps, y = row / taps;
    Pixel to = pixel(y, c.outHeight, c.outWidth, 1);
    Index from = pixelOf(c, first + to.image, to.row, to.column, int(tap / c.kernelWidth), int(tap % c.kernelWidth));
    Eight v = {};
    if (from >= 0) v = load(x, from * c.in + channel, (from + 1) * c.in);
    store(columns, row * c.in + channel, (row + 1) * c.in, v);
  }
}
__device__ __forceinline__ float finished(const Epilogue& e, float sum, Index channel) {
  if (e.bias.data != nullptr) sum += get(e.bias, channel);
  return e.activation < 0 ? sum : unaryOne(e.activation, sum, e.a, e.b);
}
template <class Body>
__device__ __forceinline__ void eachReader(const Convolution& c, int row, int column, Body body) {
  for (int ki = 0; ki < c.kernelHeight; ki++) {
    int down = row + c.paddingHeight - ki * c.dilationHeight;
    if (down < 0 || down % c.strideHeight != 0 || down / c.strideHeight >= c.outHeight) continue;
    for (int kj = 0; kj < c.kernelWidth; kj++) {
      int across = column + c.paddingWidth - kj * c.dilationWidth;
      if (across < 0 || across % c.strideWidth != 0 || across / c.strideWidth >= c.outWidth) continue;
      body(down / c.strideHeight, across / c.strideWidth, ki * c.kernelWidth + kj);
    }
  }
}
KERNEL(fold, Convolution c, const float* columns, Array dx, Index first, Index images, Epilogue epilogue) {
  Index all = images * c.height * c.width * c.in, taps = c.kernelHeight * c.kernelWidth;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    Pixel of = pixel(t, c.height, c.width, c.in);
    float sum = 0;
    eachReader(c, of.row, of.column, [&](int i, int j, int tap) {
      Index y = (of.image * c.outHeight + i) * c.outWidth + j;
      sum += columns[(y * taps + tap) * c.in + of.channel];
    });
    put(dx, first * c.height * c.width * c.in + t, finished(epilogue, sum, of.channel));
  }
}
KERNEL(convolveGroups, Convolution c, Array x, Array weight, Array y, Epilogue epilogue) {
  Index all = c.batch * c.outHeight * c.outWidth * c.out;
  int groupIn = c.in / c.groups, groupOut = c.out / c.groups;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    Pixel to = pixel(t, c.outHeight, c.outWidth, c.out);
    Index w = Index(to.channel) * c.kernelHeight * c.kernelWidth * groupIn;
    float sum = 0;
    for (int ki = 0; ki < c.kernelHeight; ki++) {
      for (int kj = 0; kj < c.kernelWidth; kj++) {
        Index from = pixelOf(c, to.image, to.row, to.column, ki, kj);
        for (int k = 0; k < groupIn; k++, w++) {
          float value = from < 0 ? 0 : get(x, from * c.in + to.channel / groupOut * groupIn + k);
          sum = fmaf(value, get(weight, w), sum);
        }
      }
    }
    put(y, t, finished(epilogue, sum, to.channel));
  }
}
KERNEL(convolveGroupsGradientX, Convolution c, Array dy, Array weight, Array dx, Epilogue epilogue) {
  Index all = c.batch * c.height * c.width * c.in;
  int groupIn = c.in / c.groups, groupOut = c.out / c.groups, taps = c.kernelHeight * c.kernelWidth;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    Pixel of = pixel(t, c.height, c.width, c.in);
    int firstOut = of.channel / groupIn * groupOut;
    float sum = 0;
    eachReader(c, of.row, of.column, [&](int i, int j, int tap) {
      Index y = ((of.image * c.outHeight + i) * c.outWidth + j) * c.out;
      for (int o = firstOut; o < firstOut + groupOut; o++) {
        sum = fmaf(get(dy, y + o), get(weight, (Index(o) * taps + tap) * groupIn + of.channel % groupIn), sum);
      }
    });
    put(dx, t, finished(epilogue, sum, of.channel));
  }
}
BLOCK_KERNEL(convolveGroupsGradientWeight, Convolution c, Array dy, Array x, Array dWeight) {
  int groupIn = c.in / c.groups, groupOut = c.out / c.groups, taps = c.kernelHeight * c.kernelWidth;
  Index pixels = c.batch * c.outHeight * c.outWidth;
  for (Index t = blockIdx.x; t < Index(c.out) * taps * groupIn; t += gridDim.x) {
    int k = int(t % groupIn), tap = int(t / groupIn % taps), o = int(t / groupIn / taps);
    float sum = 0;
    for (Index p = threadIdx.x; p < pixels; p += blockDim.x) {
      Pixel to = pixel(p, c.outHeight, c.outWidth, 1);
      Index from = pixelOf(c, to.image, to.row, to.column, tap / c.kernelWidth, tap % c.kernelWidth);
      float value = from < 0 ? 0 : get(x, from * c.in + o / groupOut * groupIn + k);
      sum = fmaf(value, get(dy, p * c.out + o), sum);
    }
    sum = overBlock<Sum>(sum, 0.0f);
    if (threadIdx.x == 0) putSum(dWeight, t, sum);
  }
}
struct Ctc {
  int time;
  int batch;
  int classes;
  int labels;
  const int* times;    // steps of each sequence; null where all have `time`
  const int* lengths;  // labels of each target; null where all have `labels`
  Array logits;        // (time, batch, classes)
  const int* targets;  // (batch, labels)
};
__device__ __forceinline__ double none() { return -double(MEZZO_INFINITY); }
__device__ __forceinline__ double logSum(double a, double b, double c) {
  double most = fmax(a, fmax(b, c));
  if (a != a || b != b || c != c) return a + b + c;
  if (most == none()) return most;
  return most + log(exp(a - most) + exp(b - most) + exp(c - most));
}
struct Sequence {
  const Ctc& ctc;
  int batch;
  int steps;
  int length;
  int states;
  const int* target;
  const double* sums;  // log of the sum of e^logit of each step
  __device__ Sequence(const Ctc& ctc, int batch, const double* sums) : ctc(ctc), batch(batch), sums(sums) {
    steps = ctc.times == nullptr ? ctc.time : max(0, min(ctc.times[batch], ctc.time));
    length = ctc.lengths == nullptr ? ctc.labels : max(0, min(ctc.lengths[batch], ctc.labels));
    states = 2 * length + 1;
    target = ctc.targets + Index(batch) * ctc.labels;
  }
  __device__ Index row(int t) const { return (Index(t) * ctc.batch + batch) * ctc.classes; }
  __device__ int label(int state) const { return state % 2 == 0 ? 0 : target[state / 2]; }
  __device__ bool skips(int state) const { return state >= 2 && state % 2 == 1 && label(state) != label(state - 2); }
  __device__ double emission(int t, int state) const { return get(ctc.logits, row(t) + label(state)) - sums[t]; }
  __device__ double norm() const { return max(1, length); }
};
__device__ __forceinline__ bool isValid(const Sequence& q) {
  float wrong = 0;
  for (int i = threadIdx.x; i < q.length; i += blockDim.x) wrong += q.target[i] < 1 || q.target[i] >= q.ctc.classes ? 1 : 0;
  return overBlock<Sum>(wrong, 0.0f) == 0;
}
__device__ __forceinline__ double forward(const Sequence& q, double* sums, double* alpha) {
  for (int t = threadIdx.x / LANES; t < q.steps; t += blockDim.x / LANES) {
    float most = -MEZZO_INFINITY;
    for (int k = threadIdx.x % LANES; k < q.ctc.classes; k += LANES) most = greater(most, get(q.ctc.logits, q.row(t) + k));
    most = overWarp<Greatest>(most);
    double sum = 0;
    for (int k = threadIdx.x % LANES; k < q.ctc.classes; k += LANES) sum += exp(double(get(q.ctc.logits, q.row(t) + k)) - most);
    sum = overWarp<Sum>(sum);
    if (threadIdx.x % LANES == 0) sums[t] = most + log(sum);
  }
  __syncthreads();
  for (int t = 0; t < q.steps; t++) {
    const double* last = alpha + Index(t - 1) * q.states;
    for (int s = threadIdx.x; s < q.states; s += blockDim.x) {
      double reached = s <= 1 ? 0 : none();
      if (t > 0) reached = logSum(last[s], s >= 1 ? last[s - 1] : none(), q.skips(s) ? last[s - 2] : none());
      alpha[Index(t) * q.states + s] = q.emission(t, s) + reached;
    }
    __syncthreads();
  }
  if (q.steps == 0) return q.length == 0 ? 0 : none();
  const double* end = alpha + Index(q.steps) * q.states;
  return logSum(end[-1], q.states > 1 ? end[-2] : none(), none());
}
__device__ __forceinline__ Index memoryOf(const Ctc& ctc) { return ctc.time + Index(ctc.time + 2) * (2 * ctc.labels + 1); }
BLOCK_KERNEL(ctcLoss, Ctc ctc, double* memory, Array loss, Parts parts) {
  double own = 0;
  for (int b = blockIdx.x; b < ctc.batch; b += gridDim.x) {
    double* sums = memory + b * memoryOf(ctc);
    Sequence q(ctc, b, sums);
    double of = MEZZO_NAN;
    if (isValid(q)) of = -forward(q, sums, sums + ctc.time) / q.norm();
    if (threadIdx.x == 0) own += of;
  }
  overGrid(own, 0, parts, [&](double all, double) { put(loss, 0, float(all / ctc.batch)); });
}
BLOCK_KERNEL(ctcGradient, Ctc ctc, Array dLoss, double* memory, int* links, Array dLogits) {
  double scale = double(get(dLoss, 0)) / ctc.batch;
  int most = 2 * ctc.labels + 1;
  for (int b = blockIdx.x; b < ctc.batch; b += gridDim.x) {
    double* sums = memory + b * memoryOf(ctc);
    double* alpha = sums + ctc.time;
    double* rows = alpha + Index(ctc.time) * most;
    int* next = links + Index(b) * 2 * most;
    int* isFirst = next + most;
    Sequence q(ctc, b, sums);
    double total = MEZZO_NAN;
    if (isValid(q)) total = forward(q, sums, alpha);
    double factor = scale / q.norm();
    bool finite = fabs(total) < double(MEZZO_INFINITY);
    for (Index e = threadIdx.x; e < Index(ctc.time) * ctc.classes; e += blockDim.x) {
      int t = int(e / ctc.classes);
      Index at = q.row(t) + e % ctc.classes;
      double softmax = finite && t < q.steps ? exp(double(get(ctc.logits, at)) - sums[t]) : 0;
      put(dLogits, at, t >= q.steps ? 0 : finite ? float(factor * softmax) : MEZZO_NAN);
    }
    if (finite) {
      for (int s = threadIdx.x; s < q.states; s += blockDim.x) {
        int found = q.states, first = 1;
        if (s % 2 == 1) {
          for (int other = 1; other < q.states; other += 2) {
            if (q.label(other) == q.label(s)) {
              if (other < s) first = 0;
              if (other > s && found == q.states) found = other;
            }
          }
        }
        next[s] = found;
        isFirst[s] = first;
      }
      __syncthreads();
      for (int t = q.steps - 1; t >= 0; t--) {
        double* beta = rows + (t % 2) * most;
        const double* after = rows + ((t + 1) % 2) * most;
        double blanks = 0;
        for (int s = threadIdx.x; s < q.states; s += blockDim.x) {
          double value = s >= q.states - 2 ? 0 : none();
          if (t < q.steps - 1) {
            double stay = q.emission(t + 1, s) + after[s];
            double one = s + 1 < q.states ? q.emission(t + 1, s + 1) + after[s + 1] : none();
            double two = s + 2 < q.states && q.skips(s + 2) ? q.emission(t + 1, s + 2) + after[s + 2] : none();
            value = logSum(stay, one, two);
          }
          beta[s] = value;
          if (s % 2 == 0) blanks += exp(alpha[Index(t) * q.states + s] + value - total);
        }
        blanks = overBlock<Sum>(blanks, 0.0);  // and waits: beta is there
        for (int s = threadIdx.x; s < q.states; s += blockDim.x) {
          bool blank = s == 0;
          if (!blank && (s % 2 == 0 || isFirst[s] == 0)) continue;
          double occupancy = blank ? blanks : 0;
          for (int own = s; !blank && own < q.states; own = next[own]) occupancy += exp(alpha[Index(t) * q.states + own] + beta[own] - total);
          Index at = q.row(t) + q.label(s);
          put(dLogits, at, float(factor * (exp(double(get(ctc.logits, at)) - sums[t]) - occupancy)));
        }
        __syncthreads();
      }
    }
  }
}
KERNEL(unary, Array x, Array y, Index n, int function, float a, float b) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    store(y, i, n, unaryOf(function, a, b, load(x, i, n)));
  }
}
KERNEL(unaryGradient, Array dy, Array saved, Array dx, Index n, int function, float a, float b) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    store(dx, i, n, unaryGradientOf(function, a, b, load(dy, i, n), load(saved, i, n)));
  }
}
KERNEL(binary, Array a, Array b, Array y, Index n, int function, const __grid_constant__ Walk<2> walk) {
  Array operands[] = {a, b};
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v[2];
    loadAll(walk, operands, i, n, v);
    store(y, i, n, binaryOf(function, v[0], v[1]));
  }
}
KERNEL(ternary, Array a, Array b, Array c, Array y, Index n, int function, const __grid_constant__ Walk<3> walk) {
  Array operands[] = {a, b, c};
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v[3];
    loadAll(walk, operands, i, n, v);
    store(y, i, n, ternaryOf(function, v[0], v[1], v[2]));
  }
}
KERNEL(compare, Array a, Array b, Array y, Index n, int function, const __grid_constant__ Walk<2> walk) {
  for (Index i = firstThread(); i < n; i += allThreads()) {
    Index at[2];
    locate(walk, i, at);
    bool holds = a.type == INT32 ? compares(function, getInt(a, at[0]), getInt(b, at[1]))
                                 : compares(function, get(a, at[0]), get(b, at[1]));
    static_cast<int*>(y.data)[i] = holds ? 1 : 0;
  }
}
KERNEL(scale, Array x, Array y, Index n, float factor) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v = load(x, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) v.v[k] *= factor;
    store(y, i, n, v);
  }
}
__device__ __forceinline__ unsigned mixed(unsigned h) {
  h = (h ^ h >> 16) * 0x85EBCA6Bu;
  h = (h ^ h >> 13) * 0xC2B2AE35u;
  return h ^ h >> 16;
}
__device__ __forceinline__ float uniform(unsigned long long seed, unsigned long long index) {
  unsigned low = mixed(unsigned(index) * 0x9E3779B9u + unsigned(seed));
  unsigned high = mixed(low ^ (unsigned(seed >> 32) + unsigned(index >> 32) * 0x85EBCA6Bu));
  return float(high >> 8) * 5.9604645e-8f;
}
KERNEL(dropout, Array x, Array y, Index n, float rate, Index seed) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v = load(x, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) v.v[k] = uniform(seed, i + k) >= rate ? v.v[k] / (1 - rate) : 0;
    store(y, i, n, v);
  }
}
BLOCK_KERNEL(embeddingGather, Array weight, Array indices, Array y, Index n, Index rows, Index cols) {
  for (Index i = Group<LANES>::first(); i < n; i += Group<LANES>::count()) {
    Index row = getInt(indices, i);
    bool there = row >= 0 && row < rows;
    Eight nothing;
#pragma unroll
    for (int k = 0; k < WIDTH; k++) nothing.v[k] = MEZZO_NAN;
    for (Index col = Group<LANES>::lane() * WIDTH; col < cols; col += LANES * WIDTH) {
      Index to = i * cols + col;
      store(y, to, (i + 1) * cols, there ? load(weight, row * cols + col, (row + 1) * cols) : nothing);
    }
  }
}
struct Positions {
  int* rank;
  int* first;
  int* count;
  int* start;
  int* slot;
  int* order;
  int* cursors;
};
constexpr int PIECE = 32;
BLOCK_KERNEL(embeddingRanks, Array indices, Positions p, Index n) {
  __shared__ int others[THREADS];
  Index rounds = (n + allThreads() - 1) / allThreads();
  for (Index round = 0; round < rounds; round++) {
    Index i = round * allThreads() + firstThread();
    int own = i < n ? getInt(indices, i) : 0, rank = 0, count = 0, first = int(n);
    for (Index from = 0; from < n; from += THREADS) {
      __syncthreads();
      if (from + threadIdx.x < n) others[threadIdx.x] = getInt(indices, from + threadIdx.x);
      __syncthreads();
      int length = int(min(Index(THREADS), n - from));
      for (int j = 0; j < length; j++) {
        if (others[j] == own) {
          if (count++ == 0) first = int(from + j);
          if (from + j < i) rank++;
        }
      }
    }
    if (i >= n) continue;
    p.rank[i] = rank;
    p.first[i] = first;
    if (rank != 0) continue;
    p.count[i] = count;
    p.start[i] = atomicAdd(&p.cursors[0], count);
    p.slot[i] = count > PIECE ? atomicAdd(&p.cursors[1], (count + PIECE - 1) / PIECE) : 0;
  }
}
KERNEL(embeddingOrder, Positions p, Index n) {
  for (Index i = firstThread(); i < n; i += allThreads()) p.order[p.start[p.first[i]] + p.rank[i]] = int(i);
}
KERNEL(embeddingScatter, Array dy, Array indices, Positions p, float* pieces, Array dWeight, Index n, Index rows, Index cols) {
  Index across = (cols + LANES * WIDTH - 1) / (LANES * WIDTH);
  for (Index t = Group<LANES>::first(); t < n * across; t += Group<LANES>::count()) {
    Index i = t / across, col = (t % across * LANES + Group<LANES>::lane()) * WIDTH, row = getInt(indices, i);
    int rank = p.rank[i];
    if (rank % PIECE != 0 || row < 0 || row >= rows || col >= cols) continue;
    int first = p.first[i], count = p.count[first], length = min(PIECE, count - rank);
    const int* order = p.order + p.start[first] + rank;
    Eight sum = {};
#pragma unroll 4
    for (int j = 0; j < length; j++) {
      Index from = Index(order[j]) * cols;
      sum = plus(sum, load(dy, from + col, from + cols));
    }
    if (count <= PIECE) {
      storeSum(dWeight, row * cols + col, (row + 1) * cols, sum);
    } else {
      Index slot = p.slot[first] + rank / PIECE;
      store({pieces, FP32, 0}, slot * cols + col, (slot + 1) * cols, sum);
    }
  }
}
KERNEL(embeddingPieces, Array indices, Positions p, float* pieces, Array dWeight, Index n, Index rows, Index cols) {
  Index across = (cols + LANES * WIDTH - 1) / (LANES * WIDTH);
  for (Index t = Group<LANES>::first(); t < n * across; t += Group<LANES>::count()) {
    Index i = t / across, col = (t % across * LANES + Group<LANES>::lane()) * WIDTH, row = getInt(indices, i);
    if (p.rank[i] != 0 || p.count[i] <= PIECE || row < 0 || row >= rows || col >= cols) continue;
    Eight sum = {};
#pragma unroll 4
    for (Index slot = p.slot[i]; slot < p.slot[i] + (p.count[i] + PIECE - 1) / PIECE; slot++) {
      sum = plus(sum, load({pieces, FP32, 0}, slot * cols + col, (slot + 1) * cols));
    }
    storeSum(dWeight, row * cols + col, (row + 1) * cols, sum);
  }
}
struct Rotation {
  Index batch;
  Index time;
  Index heads;
  Index rotated;
  Index dim;
  Index first;
  double base;
  int back;
};
KERNEL(rotationTable, Rotation r, float2* table) {
  Index half = r.dim / 2;
  for (Index t = firstThread(); t < r.time * half; t += allThreads()) {
    double angle = double(r.first + t / half) * pow(r.base, -2.0 * double(t % half) / double(r.dim));
    table[t] = {float(cos(angle)), float(r.back != 0 ? -sin(angle) : sin(angle))};
  }
}
KERNEL(rotate, Rotation r, const float2* table, Array x, Array y) {
  Index half = r.dim / 2, pairs = r.batch * r.time * r.heads * half;
  for (Index t = firstThread(); t < pairs; t += allThreads()) {
    Index i = t % half, head = t / half % r.heads, row = t / half / r.heads;
    Index at = (row * r.heads + head) * r.dim + i;
    float a = get(x, at), b = get(x, at + half);
    if (head < r.rotated) {
      float2 turn = table[row % r.time * half + i];
      put(y, at, float(double(a) * turn.x - double(b) * turn.y));
      put(y, at + half, float(double(b) * turn.x + double(a) * turn.y));
    } else {
      put(y, at, a);
      put(y, at + half, b);
    }
  }
}
constexpr int FUSED_OPERANDS = 16, FUSED_RESULTS = 8, FUSED_STEPS = 96;
enum FusedKind { CONSTANT, SCALED, OF_ONE, GRADIENT_OF_ONE, OF_TWO, OF_THREE };
struct FusedStep {
  unsigned char kind;
  unsigned char function;
  unsigned char to;
  unsigned char x;
  unsigned char y;
  unsigned char z;
  unsigned short unused;
  float a;
  float b;
};
struct FusedProgram {
  int operands;
  int steps;
  int results;
  int unused;
  unsigned char from[FUSED_RESULTS];
  FusedStep program[FUSED_STEPS];
};
struct FusedArrays {
  Array operands[FUSED_OPERANDS];
  Array results[FUSED_RESULTS];
};
__device__ __forceinline__ Eight readSlot(const float4* slots, int slot) {
  float4 low = slots[2 * slot * blockDim.x + threadIdx.x], high = slots[(2 * slot + 1) * blockDim.x + threadIdx.x];
  return {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
}
__device__ __forceinline__ void writeSlot(float4* slots, int slot, const Eight& x) {
  slots[2 * slot * blockDim.x + threadIdx.x] = {x.v[0], x.v[1], x.v[2], x.v[3]};
  slots[(2 * slot + 1) * blockDim.x + threadIdx.x] = {x.v[4], x.v[5], x.v[6], x.v[7]};
}
KERNEL(fused, const __grid_constant__ FusedArrays arrays, Index n, const __grid_constant__ Walk<FUSED_OPERANDS> walk, const __grid_constant__ FusedProgram program) {
  DYNAMIC_SHARED(memory);
  float4* slots = reinterpret_cast<float4*>(memory);
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    for (int k = 0; k < program.operands; k++) {
      bool plain = walk.rank == 1 && walk.strides[k][0] == 1;
      Array x = arrays.operands[k];
      writeSlot(slots, k, plain ? load(x, i, n) : loadBroadcast(x, int(walk.rank), walk.dims, walk.strides + k, i, n));
    }
    for (int s = 0; s < program.steps; s++) {
      FusedStep step = program.program[s];
      Eight x;
      if (step.kind == CONSTANT) {
#pragma unroll
        for (int k = 0; k < WIDTH; k++) x.v[k] = step.a;
      } else {
        x = readSlot(slots, step.x);
      }
      switch (step.kind) {
        case SCALED:
#pragma unroll
          for (int k = 0; k < WIDTH; k++) x.v[k] *= step.a;
          break;
        case OF_ONE: x = unaryOf(step.function, step.a, step.b, x); break;
        case GRADIENT_OF_ONE: x = unaryGradientOf(step.function, step.a, step.b, x, readSlot(slots, step.y)); break;
        case OF_TWO: x = binaryOf(step.function, x, readSlot(slots, step.y)); break;
        case OF_THREE: x = ternaryOf(step.function, x, readSlot(slots, step.y), readSlot(slots, step.z)); break;
        default: break;
      }
      writeSlot(slots, step.to, x);
    }
    for (int k = 0; k < program.results; k++) store(arrays.results[k], i, n, readSlot(slots, program.from[k]));
  }
}
struct Matrix {
  Array operand;
  Index rowStride;
  Index colStride;
  Index batchStride;
};
constexpr int GEMM_TILE = 64, GEMM_DEPTH = 16, GEMM_OWN = 4;
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
struct Targets {
  Array labels;
  Array classWeights;
  Array rowWeights;
  Index ignored;  // beyond int for none
  Index rows;
  Index cols;
  double smoothing;
};
__device__ __forceinline__ float weightAt(const Array& weights, Index i) { return weights.data == nullptr ? 1.0f : getOne(weights, i); }
__device__ __forceinline__ bool outside(int label, const Targets& targets) { return label < 0 || label >= targets.cols; }
template <int G>
__device__ void crossEntropyRows(const Array& logits, const Targets& t, double& sum, double& weight) {
  for (Index row = Group<G>::first(); row < t.rows; row += Group<G>::count()) {
    int label = getInt(t.labels, row);
    if (label == t.ignored) continue;
    if (outside(label, t)) {
      if (Group<G>::lane() == 0) sum = MEZZO_NAN;
      continue;
    }
    Index from = row * t.cols;
    Exponentials e = exponentials<G>(logits, from, t.cols);
    float all = e.maximum + logf(e.sum);
    double smooth = 0;
    if (t.smoothing != 0) {
      for (Index col = Group<G>::lane(); col < t.cols; col += G) {
        smooth += double(weightAt(t.classWeights, col)) * (all - get(logits, from + col));
      }
      smooth = Group<G>::template over<Sum>(smooth, 0.0);
    }
    if (Group<G>::lane() == 0) {
      float w = weightAt(t.classWeights, label), r = weightAt(t.rowWeights, row);
      double own = double(w) * (logf(e.sum) + (double(e.maximum) - get(logits, from + label)));
      sum += r * ((1 - t.smoothing) * own + t.smoothing / double(t.cols) * smooth);
      weight += double(r) * w;
    }
  }
}
template <int G>
__device__ void crossEntropyLoss(const Array& logits, const Targets& targets, const Array& loss, const Parts& parts) {
  double sum = 0, weight = 0;
  crossEntropyRows<G>(logits, targets, sum, weight);
  overGrid(sum, weight, parts, [&](double all, double weights) { put(loss, 0, float(all / weights)); });
}
BLOCK_KERNEL(crossEntropyByWarps, Array logits, Targets targets, Array loss, Parts parts) {
  crossEntropyLoss<LANES>(logits, targets, loss, parts);
}
BLOCK_KERNEL(crossEntropyByBlocks, Array logits, Targets targets, Array loss, Parts parts) {
  crossEntropyLoss<THREADS>(logits, targets, loss, parts);
}
BLOCK_KERNEL(targetWeights, Targets t, double* sums, Parts parts) {
  double rows = 0, classes = 0;
  for (Index row = firstThread(); row < t.rows; row += allThreads()) {
    int label = getInt(t.labels, row);
    if (label != t.ignored && !outside(label, t)) rows += double(weightAt(t.rowWeights, row)) * weightAt(t.classWeights, label);
  }
  for (Index col = firstThread(); col < t.cols; col += allThreads()) classes += weightAt(t.classWeights, col);
  overGrid(rows, classes, parts, [&](double allRows, double allClasses) {
    sums[0] = allRows;
    sums[1] = allClasses;
  });
}
template <int G>
__device__ void crossEntropyGradientRows(const Array& dLoss, const Array& logits, const Targets& t, const double* weights,
                                         const Array& dLogits) {
  double spread = t.smoothing / double(t.cols);
  double all = weights == nullptr ? double(t.rows) : weights[0], classes = weights == nullptr ? 1.0 : weights[1];
  for (Index row = Group<G>::first(); row < t.rows; row += Group<G>::count()) {
    int label = getInt(t.labels, row);
    Index from = row * t.cols, to = from + t.cols;
    if (label == t.ignored || outside(label, t)) {
      Eight v;
#pragma unroll
      for (int k = 0; k < WIDTH; k++) v.v[k] = label == t.ignored ? 0 : MEZZO_NAN;
      for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) storeWithin(dLogits, i, from, to, v);
      continue;
    }
    float scale = float(double(get(dLoss, 0)) * weightAt(t.rowWeights, row) / all);
    float own = float((1 - t.smoothing) * weightAt(t.classWeights, label));
    Exponentials e = exponentials<G>(logits, from, t.cols);
    float total = float(own + spread * classes) / e.sum;
    for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) {
      Eight v = loadWithin(logits, i, from, to);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        Index col = i + k - from;
        float expected = col == label ? own : 0;
        if (t.smoothing != 0 && col >= 0 && col < t.cols) expected += float(spread) * weightAt(t.classWeights, col);
        v.v[k] = scale * (total * expf(v.v[k] - e.maximum) - expected);
      }
      storeWithin(dLogits, i, from, to, v);
    }
  }
}
BLOCK_KERNEL(crossEntropyGradientByWarps, Array dLoss, Array logits, Targets targets, double* weights, Array dLogits) {
  crossEntropyGradientRows<LANES>(dLoss, logits, targets, weights, dLogits);
}
BLOCK_KERNEL(crossEntropyGradientByBlocks, Array dLoss, Array logits, Targets targets, double* weights, Array dLogits) {
  crossEntropyGradientRows<THREADS>(dLoss, logits, targets, weights, dLogits);
}
BLOCK_KERNEL(squaredError, Array x, Array target, Array loss, Index n, double factor, Parts parts) {
  double sum = 0;
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight a = load(x, i, n), b = load(target, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      double difference = double(a.v[k]) - b.v[k];
      sum += difference * difference;
    }
  }
  overGrid(sum, 0, parts, [&](double all, double) { put(loss, 0, float(all * factor)); });
}
KERNEL(squaredErrorGradient, Array dLoss, Array x, Array target, Array dx, Index n, double factor) {
  double scale = get(dLoss, 0) * 2.0 * factor;
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight a = load(x, i, n), b = load(target, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) a.v[k] = float(scale * (double(a.v[k]) - b.v[k]));
    store(dx, i, n, a);
  }
}
KERNEL(fill, Array y, Index n, float value) {
  Eight v;
#pragma unroll
  for (int k = 0; k < WIDTH; k++) v.v[k] = value;
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) store(y, i, n, v);
}
KERNEL(cast, Array x, Array y, Index n) {
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) storeSum(y, i, n, load(x, i, n));
}
constexpr int TILE = 32, TILE_ROWS = 8;
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
enum PairFunction { LOGISTIC, BINARY_CROSS_ENTROPY, SMOOTH_L1, FOCAL, KL };
struct PairLoss {
  int function;
  float a;
  float b;
};
__device__ __forceinline__ double softplus(double x) { return fmax(x, 0.0) + log1p(exp(-fabs(x))); }
__device__ __forceinline__ double logistic(double x) { return 1 / (1 + exp(-x)); }
__device__ __forceinline__ double cutLog(double x) {
  double value = log(x);
  return value < -100 ? -100 : value;
}
__device__ __forceinline__ double wrong(double x, double t) { return t * logistic(-x) + (1 - t) * logistic(x); }
__device__ __forceinline__ double focalWeight(double a, double t) { return a * t + (1 - a) * (1 - t); }
__device__ __noinline__ double pairValue(PairLoss f, double x, double t) {
  switch (f.function) {
    case LOGISTIC: return softplus(x) - x * t;
    case BINARY_CROSS_ENTROPY: return -t * cutLog(x) - (1 - t) * cutLog(1 - x);
    case SMOOTH_L1: {
      double distance = fabs(x - t);
      return distance < f.a ? distance * distance / (2 * f.a) : distance - f.a / 2;
    }
    case FOCAL: return focalWeight(f.a, t) * pow(wrong(x, t), double(f.b)) * (softplus(x) - x * t);
    default: return t == 0 ? 0 : t * (log(t) - x);
  }
}
__device__ __noinline__ double pairSlope(PairLoss f, double x, double t) {
  switch (f.function) {
    case LOGISTIC: return logistic(x) - t;
    case BINARY_CROSS_ENTROPY: {
      double product = x * (1 - x);
      return (x - t) / (product < 1e-12 ? 1e-12 : product);
    }
    case SMOOTH_L1: {
      double distance = x - t;
      if (fabs(distance) < f.a) return distance / f.a;
      return distance > 0 ? 1 : distance < 0 ? -1 : distance;
    }
    case FOCAL: {
      double w = wrong(x, t), turn = (2 * t - 1) * logistic(x) * logistic(-x);
      double rest = f.b == 0 ? 0 : f.b * pow(w, f.b - 1.0) * turn * (softplus(x) - x * t);
      return focalWeight(f.a, t) * ((logistic(x) - t) * pow(w, double(f.b)) - rest);
    }
    default: return -t;
  }
}
__device__ __noinline__ double pairTargetSlope(PairLoss f, double x, double t) {
  switch (f.function) {
    case LOGISTIC: return -x;
    case BINARY_CROSS_ENTROPY: return cutLog(1 - x) - cutLog(x);
    case SMOOTH_L1: return -pairSlope(f, x, t);
    default: return log(t) + 1 - x;
  }
}
BLOCK_KERNEL(pairs, Array x, Array target, Array loss, Index n, PairLoss f, double factor, Parts parts) {
  double sum = 0;
  for (Index i = firstThread(); i < n; i += allThreads()) sum += pairValue(f, get(x, i), get(target, i));
  overGrid(sum, 0, parts, [&](double all, double) { put(loss, 0, float(all * factor)); });
}
KERNEL(pairsGradient, Array dLoss, Array x, Array target, Array dx, Index n, PairLoss f, double factor, int byTarget) {
  double scale = get(dLoss, 0) * factor;
  for (Index i = firstThread(); i < n; i += allThreads()) {
    double a = get(x, i), b = get(target, i);
    put(dx, i, float(scale * (byTarget != 0 ? pairTargetSlope(f, a, b) : pairSlope(f, a, b))));
  }
}
struct RowProducts {
  double aa;
  double ab;
  double bb;
};
__device__ __forceinline__ RowProducts rowProducts(const Array& a, const Array& b, Index from, Index cols) {
  RowProducts p = {};
  for (Index i = from + Group<LANES>::lane(); i < from + cols; i += LANES) {
    double x = get(a, i), y = get(b, i);
    p.aa += x * x;
    p.ab += x * y;
    p.bb += y * y;
  }
  return {overWarp<Sum>(p.aa), overWarp<Sum>(p.ab), overWarp<Sum>(p.bb)};
}
__device__ __forceinline__ double atLeast(double length, float epsilon) { return length < epsilon ? epsilon : length; }
BLOCK_KERNEL(cosine, Array a, Array b, Array y, Index rows, Index cols, float epsilon) {
  for (Index row = Group<LANES>::first(); row < rows; row += Group<LANES>::count()) {
    RowProducts p = rowProducts(a, b, row * cols, cols);
    if (Group<LANES>::lane() == 0) put(y, row, float(p.ab / (atLeast(sqrt(p.aa), epsilon) * atLeast(sqrt(p.bb), epsilon))));
  }
}
BLOCK_KERNEL(cosineGradient, Array dy, Array a, Array b, Array da, Index rows, Index cols, float epsilon) {
  for (Index row = Group<LANES>::first(); row < rows; row += Group<LANES>::count()) {
    RowProducts p = rowProducts(a, b, row * cols, cols);
    double length = sqrt(p.aa), ma = atLeast(length, epsilon), mb = atLeast(sqrt(p.bb), epsilon);
    double back = length > epsilon ? p.ab / (ma * ma * ma * mb) : 0, d = get(dy, row);
    for (Index i = row * cols + Group<LANES>::lane(); i < (row + 1) * cols; i += LANES) {
      put(da, i, float(d * (get(b, i) / (ma * mb) - back * get(a, i))));
    }
  }
}
struct Pooling {
  Index batch;
  int height;
  int width;
  int channels;
  int outHeight;
  int outWidth;
  int windowHeight;
  int windowWidth;
  int strideHeight;
  int strideWidth;
  int paddingHeight;
  int paddingWidth;
};
__device__ __forceinline__ Index greatestOf(const Pooling& p, const Array& x, Index image, int i, int j, int channel) {
  Index best = -1;
  float most = 0;
  for (int ki = 0; ki < p.windowHeight; ki++) {
    int row = i * p.strideHeight - p.paddingHeight + ki;
    if (row < 0 || row >= p.height) continue;
    for (int kj = 0; kj < p.windowWidth; kj++) {
      int column = j * p.strideWidth - p.paddingWidth + kj;
      if (column < 0 || column >= p.width) continue;
      Index at = ((image * p.height + row) * p.width + column) * p.channels + channel;
      float value = get(x, at);
      if (best < 0 || (most == most && !(value <= most))) {
        best = at;
        most = value;
      }
    }
  }
  return best;
}
KERNEL(maxPool, Pooling p, Array x, Array y) {
  Index n = p.batch * p.outHeight * p.outWidth * p.channels;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel to = pixel(t, p.outHeight, p.outWidth, p.channels);
    Index best = greatestOf(p, x, to.image, to.row, to.column, to.channel);
    put(y, t, best < 0 ? -MEZZO_INFINITY : get(x, best));
  }
}
template <class Body>
__device__ __forceinline__ void eachWindow(const Pooling& p, const Pixel& of, Body body) {
  int bottom = of.row + p.paddingHeight, right = of.column + p.paddingWidth;
  int top = max(0, (bottom - p.windowHeight + p.strideHeight) / p.strideHeight);
  int left = max(0, (right - p.windowWidth + p.strideWidth) / p.strideWidth);
  if (bottom - p.windowHeight + 1 <= 0) top = 0;
  if (right - p.windowWidth + 1 <= 0) left = 0;
  for (int i = top; i < p.outHeight && i * p.strideHeight <= bottom; i++) {
    for (int j = left; j < p.outWidth && j * p.strideWidth <= right; j++) {
      body(((of.image * p.outHeight + i) * p.outWidth + j) * p.channels + of.channel, i, j);
    }
  }
}
KERNEL(maxPoolGradient, Pooling p, Array dy, Array x, Array dx) {
  Index n = p.batch * p.height * p.width * p.channels;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel of = pixel(t, p.height, p.width, p.channels);
    float sum = 0;
    eachWindow(p, of, [&](Index y, int i, int j) {
      if (greatestOf(p, x, of.image, i, j, of.channel) == t) sum += get(dy, y);
    });
    put(dx, t, sum);
  }
}
KERNEL(averagePool, Pooling p, Array x, Array y) {
  Index n = p.batch * p.outHeight * p.outWidth * p.channels;
  float size = float(p.windowHeight) * p.windowWidth;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel to = pixel(t, p.outHeight, p.outWidth, p.channels);
    float sum = 0;
    for (int ki = 0; ki < p.windowHeight; ki++) {
      int row = to.row * p.strideHeight - p.paddingHeight + ki;
      for (int kj = 0; kj < p.windowWidth; kj++) {
        int column = to.column * p.strideWidth - p.paddingWidth + kj;
        if (row >= 0 && row < p.height && column >= 0 && column < p.width) {
          sum += get(x, ((to.image * p.height + row) * p.width + column) * p.channels + to.channel);
        }
      }
    }
    put(y, t, sum / size);
  }
}
KERNEL(averagePoolGradient, Pooling p, Array dy, Array dx) {
  Index n = p.batch * p.height * p.width * p.channels;
  float size = float(p.windowHeight) * p.windowWidth;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    float sum = 0;
    eachWindow(p, pixel(t, p.height, p.width, p.channels), [&](Index y, int, int) { sum += get(dy, y); });
    put(dx, t, sum / size);
  }
}
enum Cell { LSTM, GRU, TANH_CELL, RELU_CELL };
struct Recurrence {
  int cell;
  int time;
  int batch;
  int hidden;
  int directions;
  int gates;
  int saved;
  int unused;
  const int* lengths;  // null where all have `time`
};
struct Unit {
  int direction;
  int sequence;
  int unit;
  int time;
  bool active;    // within the sequence
  bool begins;    // its first step
  Index row;      // of y, gates and saved
  Index state;    // index in states
  Index result;   // index in y's row
};
__device__ __forceinline__ int timeAt(const Recurrence& r, int direction, int step) { return direction == 0 ? step : r.time - 1 - step; }
__device__ __forceinline__ bool isActive(const Recurrence& r, int direction, int step, int sequence) {
  if (r.lengths == nullptr) return true;
  return timeAt(r, direction, step) < max(0, min(r.lengths[sequence], r.time));
}
__device__ __forceinline__ Unit unitAt(const Recurrence& r, Index t, int step) {
  Unit u;
  u.unit = int(t % r.hidden);
  u.sequence = int(t / r.hidden % r.batch);
  u.direction = int(t / r.hidden / r.batch);
  u.time = timeAt(r, u.direction, step);
  u.active = isActive(r, u.direction, step, u.sequence);
  u.begins = step == 0 || !isActive(r, u.direction, step - 1, u.sequence);
  u.row = Index(u.time) * r.batch + u.sequence;
  u.state = t;
  u.result = Index(u.direction) * r.hidden + u.unit;
  return u;
}
__device__ __forceinline__ Index results(const Recurrence& r) { return Index(r.directions) * r.hidden; }
__device__ __forceinline__ Index gateAt(const Recurrence& r, const Unit& u, int gate) {
  return (u.row * r.directions + u.direction) * r.gates * r.hidden + Index(gate) * r.hidden + u.unit;
}
__device__ __forceinline__ Index savedAt(const Recurrence& r, const Unit& u, int which) {
  return (u.row * r.directions + u.direction) * r.saved * r.hidden + Index(which) * r.hidden + u.unit;
}
__device__ __forceinline__ Index recurrentAt(const Recurrence& r, const Unit& u, int gate) {
  return ((Index(u.direction) * r.batch + u.sequence) * r.gates + gate) * r.hidden + u.unit;
}
__device__ __forceinline__ Index stateAt(const Recurrence& r, const Unit& u, int which) {
  return (Index(which) * r.batch + u.sequence) * results(r) + u.result;
}
__device__ __forceinline__ Index units(const Recurrence& r) { return Index(r.directions) * r.batch * r.hidden; }
KERNEL(recurrenceBegin, Recurrence r, Array from, Index first, int which, float* state) {
  for (Index t = firstThread(); t < units(r); t += allThreads()) {
    state[t] = from.data == nullptr ? 0 : get(from, first + stateAt(r, unitAt(r, t, 0), which));
  }
}
KERNEL(recurrenceLeave, Recurrence r, const float* state, Index first, int which, Array to) {
  for (Index t = firstThread(); t < units(r); t += allThreads()) put(to, first + stateAt(r, unitAt(r, t, 0), which), state[t]);
}
KERNEL(recurrenceForward, Recurrence r, int step, Array gates, const float* recurrent, Array bias, float* h, float* c, Array y, Array saved) {
  for (Index t = firstThread(); t < units(r); t += allThreads()) {
    Unit u = unitAt(r, t, step);
    if (!u.active) {
      put(y, u.row * results(r) + u.result, 0);
      for (int s = 0; s < r.saved; s++) put(saved, savedAt(r, u, s), 0);
      continue;
    }
    auto x = [&](int gate) { return get(gates, gateAt(r, u, gate)); };
    auto w = [&](int gate) { return recurrent[recurrentAt(r, u, gate)]; };
    auto save = [&](int which, float value) { put(saved, savedAt(r, u, which), value); };
    float before = h[u.state], now;
    if (r.cell == LSTM) {
      float in = sigmoid(x(0) + w(0)), forget = sigmoid(x(1) + w(1)), candidate = tanhf(x(2) + w(2)), out = sigmoid(x(3) + w(3));
      float cell = forget * c[u.state] + in * candidate;
      c[u.state] = cell;
      now = out * tanhf(cell);
      save(0, in);
      save(1, forget);
      save(2, candidate);
      save(3, out);
      save(4, cell);
    } else if (r.cell == GRU) {
      float reset = sigmoid(x(0) + w(0)), update = sigmoid(x(1) + w(1)), hidden = w(2) + get(bias, u.result);
      float candidate = tanhf(x(2) + reset * hidden);
      now = candidate + update * (before - candidate);
      save(0, reset);
      save(1, update);
      save(2, candidate);
      save(3, hidden);
    } else {
      float sum = x(0) + w(0);
      now = r.cell == TANH_CELL ? tanhf(sum) : sum <= 0 ? 0 : sum;
    }
    h[u.state] = now;
    put(y, u.row * results(r) + u.result, now);
  }
}
KERNEL(recurrenceBackward, Recurrence r, int step, Array dy, Array y, Array saved, Array initial, float* dh, float* dc, float* d, float* before,
       float* of, Array dGates) {
  for (Index t = firstThread(); t < units(r); t += allThreads()) {
    Unit u = unitAt(r, t, step);
    Index line = (Index(u.direction) * r.time + u.time) * r.batch + u.sequence;
    auto give = [&](int gate, float gradient, float ofWeight) {
      Index at = gateAt(r, u, gate);
      put(dGates, at, gradient);
      d[recurrentAt(r, u, gate)] = ofWeight;
      bool candidate = r.cell == GRU && gate == 2;
      of[(line * r.gates + gate) * r.hidden + u.unit] = candidate ? ofWeight : get(dGates, at);
    };
    if (!u.active) {
      before[line * r.hidden + u.unit] = 0;
      for (int gate = 0; gate < r.gates; gate++) give(gate, 0, 0);
      continue;
    }
    Unit last = unitAt(r, t, step == 0 ? 0 : step - 1);
    float past = u.begins ? (initial.data == nullptr ? 0 : get(initial, stateAt(r, u, 0))) : get(y, last.row * results(r) + u.result);
    before[line * r.hidden + u.unit] = past;
    float total = dh[u.state] + get(dy, u.row * results(r) + u.result), direct = 0;
    auto s = [&](int which) { return get(saved, savedAt(r, u, which)); };
    if (r.cell == LSTM) {
      float in = s(0), forget = s(1), candidate = s(2), out = s(3), cell = tanhf(s(4));
      float cellBefore = u.begins ? (initial.data == nullptr ? 0 : get(initial, stateAt(r, u, 1))) : get(saved, savedAt(r, last, 4));
      float sum = dc[u.state] + total * out * (1 - cell * cell);
      float gradients[] = {sum * candidate * in * (1 - in), sum * cellBefore * forget * (1 - forget), sum * in * (1 - candidate * candidate),
                           total * cell * out * (1 - out)};
      for (int gate = 0; gate < 4; gate++) give(gate, gradients[gate], gradients[gate]);
      dc[u.state] = sum * forget;
    } else if (r.cell == GRU) {
      float reset = s(0), update = s(1), candidate = s(2), hidden = s(3);
      float dn = total * (1 - update) * (1 - candidate * candidate);
      float ofReset = dn * hidden * reset * (1 - reset), ofUpdate = total * (past - candidate) * update * (1 - update);
      give(0, ofReset, ofReset);
      give(1, ofUpdate, ofUpdate);
      give(2, dn, dn * reset);
      direct = total * update;
    } else {
      float out = get(y, u.row * results(r) + u.result);
      float gradient = r.cell == TANH_CELL ? total * (1 - out * out) : out > 0 ? total : 0;
      give(0, gradient, gradient);
    }
    dh[u.state] = direct;
  }
}
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
enum ResamplingMode { NEAREST, BILINEAR, BILINEAR_CORNERS };
struct Resampling {
  Index batch;
  int height;
  int width;
  int channels;
  int outHeight;
  int outWidth;
  int mode;
};
__device__ __forceinline__ double placeOf(int mode, int i, int n, int m) {
  if (mode == NEAREST) return double(Index(i) * n / m);
  if (mode == BILINEAR) return fmax((i + 0.5) * n / m - 0.5, 0.0);
  return m == 1 ? 0 : double(i) * (n - 1) / (m - 1);
}
__device__ __forceinline__ double nearness(double place, int of, int n) {
  int at = int(place);
  double past = place - at;
  return (at == of ? 1 - past : 0) + (min(at + 1, n - 1) == of ? past : 0);
}
KERNEL(resample, Resampling r, Array x, Array y) {
  Index n = r.batch * r.outHeight * r.outWidth * r.channels;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel to = pixel(t, r.outHeight, r.outWidth, r.channels);
    double row = placeOf(r.mode, to.row, r.height, r.outHeight), column = placeOf(r.mode, to.column, r.width, r.outWidth);
    double sum = 0;
    for (int part = 0; part < 4; part++) {
      int down = part / 2, across = part % 2;
      double pastRow = row - int(row), pastColumn = column - int(column);
      double weight = (down == 0 ? 1 - pastRow : pastRow) * (across == 0 ? 1 - pastColumn : pastColumn);
      if (weight > 0) {
        int i = min(int(row) + down, r.height - 1), j = min(int(column) + across, r.width - 1);
        sum += weight * get(x, ((to.image * r.height + i) * r.width + j) * r.channels + to.channel);
      }
    }
    put(y, t, float(sum));
  }
}
__device__ __forceinline__ void candidates(int mode, int of, int n, int m, int& first, int& last) {
  double ratio = mode == BILINEAR_CORNERS ? (n == 1 ? double(m) : double(m - 1) / (n - 1)) : double(m) / n;
  first = max(0, int(floor((of - 1.5) * ratio) - 2));
  last = int(fmin(m - 1.0, ceil((of + 1.5) * ratio) + 2));
}
KERNEL(resampleGradient, Resampling r, Array dy, Array dx) {
  Index n = r.batch * r.height * r.width * r.channels;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel of = pixel(t, r.height, r.width, r.channels);
    int top, bottom, left, right;
    candidates(r.mode, of.row, r.height, r.outHeight, top, bottom);
    candidates(r.mode, of.column, r.width, r.outWidth, left, right);
    double sum = 0;
    for (int i = top; i <= bottom; i++) {
      double down = nearness(placeOf(r.mode, i, r.height, r.outHeight), of.row, r.height);
      if (down == 0) continue;
      for (int j = left; j <= right; j++) {
        double across = nearness(placeOf(r.mode, j, r.width, r.outWidth), of.column, r.width);
        if (across != 0) sum += down * across * get(dy, ((of.image * r.outHeight + i) * r.outWidth + j) * r.channels + of.channel);
      }
    }
    put(dx, t, float(sum));
  }
}
constexpr int EIGHTS = 4;
template <int G, bool WHOLE>
struct Columns {
  static __device__ __forceinline__ Index of(int e, int k) {
    return WHOLE ? (Index(e) * G + Group<G>::lane()) * WIDTH + k : (Index(e) * WIDTH + k) * G + Group<G>::lane();
  }
  static __device__ __forceinline__ Eight read(const Array& x, Index from, int e, Index cols) {
    if constexpr (WHOLE) return load(x, from + of(e, 0), from + cols);
    else return loadApart(x, from + of(e, 0), G, from + cols);
  }
  static __device__ __forceinline__ void write(const Array& y, Index from, int e, Index cols, const Eight& x) {
    if constexpr (WHOLE) storeSum(y, from + of(e, 0), from + cols, x);
    else storeApart(y, from + of(e, 0), G, from + cols, y.adds != 0 ? plus(read(y, from, e, cols), x) : x);
  }
};
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
template <class Row>
__device__ __forceinline__ float2 moments(Row& row, const Norm& norm) {
  float count = float(norm.cols), mean = 0;
  if (norm.centered != 0) mean = row.sum([](float v) { return v; }) / count;
  float square = row.sum([&](float v) { return (v - mean) * (v - mean); }) / count;
  return {mean, 1 / sqrtf(square + norm.epsilon)};
}
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
template <int G>
__device__ void softmaxRows(const Array& x, const Array& y, Index rows, Index cols, bool logarithm) {
  for (Index row = Group<G>::first(); row < rows; row += Group<G>::count()) {
    Index from = row * cols, to = from + cols;
    Exponentials e = exponentials<G>(x, from, cols);
    float inverse = 1 / e.sum, logSum = logf(e.sum);
    for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) {
      Eight v = loadWithin(x, i, from, to);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        float shifted = v.v[k] - e.maximum;
        v.v[k] = logarithm ? shifted - logSum : expf(shifted) * inverse;
      }
      storeWithin(y, i, from, to, v);
    }
  }
}
BLOCK_KERNEL(softmaxByWarps, Array x, Array y, Index rows, Index cols, int logarithm) {
  softmaxRows<LANES>(x, y, rows, cols, logarithm != 0);
}
BLOCK_KERNEL(softmaxByBlocks, Array x, Array y, Index rows, Index cols, int logarithm) {
  softmaxRows<THREADS>(x, y, rows, cols, logarithm != 0);
}
template <int G>
__device__ void softmaxGradientRows(const Array& dy, const Array& y, const Array& dx, Index rows, Index cols, bool logarithm) {
  for (Index row = Group<G>::first(); row < rows; row += Group<G>::count()) {
    Index from = row * cols, to = from + cols;
    float sum = 0;
    for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) {
      Eight d = loadWithin(dy, i, from, to), v = loadWithin(y, i, from, to);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) sum += logarithm ? d.v[k] : d.v[k] * v.v[k];
    }
    sum = Group<G>::template over<Sum>(sum, 0.0f);
    for (Index i = wholeStart(from) + Group<G>::lane() * WIDTH; i < to; i += G * WIDTH) {
      Eight d = loadWithin(dy, i, from, to), v = loadWithin(y, i, from, to);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) d.v[k] = logarithm ? d.v[k] - expf(v.v[k]) * sum : v.v[k] * (d.v[k] - sum);
      storeWithin(dx, i, from, to, d);
    }
  }
}
BLOCK_KERNEL(softmaxGradientByWarps, Array dy, Array y, Array dx, Index rows, Index cols, int logarithm) {
  softmaxGradientRows<LANES>(dy, y, dx, rows, cols, logarithm != 0);
}
BLOCK_KERNEL(softmaxGradientByBlocks, Array dy, Array y, Array dx, Index rows, Index cols, int logarithm) {
  softmaxGradientRows<THREADS>(dy, y, dx, rows, cols, logarithm != 0);
}
struct Control {
  int* flags;
  float* squares;
  int* overflow;
  float* factor;
  int* applied;
  float* rates;
  float* rate;
  float* scale;
  int* scaleCounters;
  Index weights;      // elements of flags
  Index rateEntries;  // elements of rates
};
constexpr int WEIGHTS = 64, CHUNK = THREADS * WIDTH;
struct Weight {
  void* gradient;
  void* first;    // state: SGD's velocity, AdamW's mean; of a check, the weight's flag
  float* second;  // AdamW's variance
  void* master;
  void* shadow;
  Index size;
  int chunk;  // how many chunks those before it have
  unsigned char gradientType;
  unsigned char masterType;
  unsigned char shadowType;
  unsigned char unused;
};
struct Weights {
  Weight list[WEIGHTS];
  int count;
  int chunks;
};
template <class Body>
__device__ __forceinline__ void overWeights(const Weights& weights, Body body) {
  int w = 0;
  for (Index chunk = blockIdx.x; chunk < weights.chunks; chunk += gridDim.x) {
    while (w + 1 < weights.count && weights.list[w + 1].chunk <= chunk) w++;
    Index i = (chunk - weights.list[w].chunk) * CHUNK + Index(threadIdx.x) * WIDTH;
    if (i < weights.list[w].size) body(weights.list[w], i);
  }
}
__device__ __forceinline__ Array arrayOf(void* data, int type) { return {data, type, 0}; }
BLOCK_KERNEL(checkFinite, const __grid_constant__ Weights weights, Control control, Parts parts) {
  float inverse = float(1.0 / *control.scale);
  double squares = 0;
  overWeights(weights, [&](const Weight& weight, Index i) {
    Eight v = load(arrayOf(weight.gradient, weight.gradientType), i, weight.size);
    float own = 0;
    bool finite = true;
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      finite &= fabsf(v.v[k]) < MEZZO_INFINITY;
      float unscaled = v.v[k] * inverse;
      own = fmaf(unscaled, unscaled, own);
    }
    squares += own;
    if (!finite) *static_cast<int*>(weight.first) = 1;
  });
  overGrid(squares, 0.0, parts, [&](double all, double) { *control.squares = float(*control.squares + all); });
}
BLOCK_KERNEL(beginUpdate, Control control, float maxNorm) {
  float any = 0;
  for (Index i = threadIdx.x; i < control.weights; i += blockDim.x) any += control.flags[i] != 0 ? 1 : 0;
  any = overBlock<Sum>(any, 0.0f);
  if (threadIdx.x != 0) return;
  *control.overflow = any != 0 ? 1 : 0;
  double factor = 1.0 / *control.scale;
  if (fabsf(maxNorm) < MEZZO_INFINITY) {
    double clip = maxNorm / sqrt(double(*control.squares));
    factor *= clip < 1 ? clip : clip != clip ? clip : 1.0;
  }
  *control.factor = float(factor);
  if (any == 0) {
    *control.applied += 1;
    *control.rate = control.rates[(*control.applied - 1) % control.rateEntries];
  }
}
__device__ __forceinline__ void storeWeights(const Weight& weight, Index i, const Eight& w) {
  Array master = arrayOf(weight.master, weight.masterType);
  store(master, i, weight.size, w);
  if (weight.shadow == nullptr) return;
  store(arrayOf(weight.shadow, weight.shadowType), i, weight.size, weight.masterType == FP32 ? w : load(master, i, weight.size));
}
KERNEL(sgd, const __grid_constant__ Weights weights, Control control, float momentum, int nesterov, float weightDecay) {
  if (*control.overflow != 0) return;
  float factor = *control.factor, rate = *control.rate;
  overWeights(weights, [&](const Weight& weight, Index i) {
    Index n = weight.size;
    Array velocity = arrayOf(weight.first, FP32);
    Eight g = load(arrayOf(weight.gradient, weight.gradientType), i, n), w = load(arrayOf(weight.master, weight.masterType), i, n), v = {};
    if (velocity.data != nullptr) v = load(velocity, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      float d = g.v[k] * factor + weightDecay * w.v[k];
      v.v[k] = momentum * v.v[k] + d;
      w.v[k] -= rate * (nesterov != 0 ? d + momentum * v.v[k] : v.v[k]);
    }
    if (velocity.data != nullptr) store(velocity, i, n, v);
    storeWeights(weight, i, w);
  });
}
KERNEL(adamW, const __grid_constant__ Weights weights, Control control, float beta1, float beta2, float epsilon,
       float weightDecay) {
  if (*control.overflow != 0) return;
  float factor = *control.factor, rate = *control.rate;
  float meanCorrection = float(1 - pow(double(beta1), double(*control.applied)));
  float varianceCorrection = float(1 - pow(double(beta2), double(*control.applied)));
  overWeights(weights, [&](const Weight& weight, Index i) {
    Index n = weight.size;
    Array mean = arrayOf(weight.first, FP32), variance = arrayOf(weight.second, FP32);
    Eight g = load(arrayOf(weight.gradient, weight.gradientType), i, n), w = load(arrayOf(weight.master, weight.masterType), i, n);
    Eight m = load(mean, i, n), v = load(variance, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      float d = g.v[k] * factor;
      m.v[k] = beta1 * m.v[k] + (1 - beta1) * d;
      v.v[k] = beta2 * v.v[k] + (1 - beta2) * d * d;
      float root = sqrtf(v.v[k] / varianceCorrection);
      w.v[k] -= rate * (m.v[k] / meanCorrection / (root + epsilon) + weightDecay * w.v[k]);
    }
    store(mean, i, n, m);
    store(variance, i, n, v);
    storeWeights(weight, i, w);
  });
}
struct ScaleRule {
  float growth;
  float backoff;
  float floor;
  float ceiling;
  int interval;
  int hysteresis;
};
KERNEL(endUpdate, Control control, ScaleRule rule) {
  if (firstThread() != 0) return;
  int* goodSteps = control.scaleCounters;
  int* overflows = control.scaleCounters + 1;
  float scale = *control.scale;
  if (*control.overflow != 0) {
    *overflows = min(*overflows + 1, rule.hysteresis);
    *goodSteps = 0;
    if (*overflows >= rule.hysteresis) *control.scale = fmaxf(rule.floor, scale * rule.backoff);
  } else if (*goodSteps + 1 < rule.interval) {
    *goodSteps += 1;
  } else {
    *control.scale = fminf(rule.ceiling, scale * rule.growth);
    *goodSteps = 0;
    *overflows = 0;
  }
}
