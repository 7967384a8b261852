// Element-wise functions, as dev.mezzo.backend.Unary, Binary, Ternary and Comparison define them, in FP32; powers and what would
// overflow or vanish between in FP64. The enumerations are the ordinals of Java's.
#pragma once
#include "mezzo.cuh"

enum Unary {
  RELU, LEAKY_RELU, ELU, GELU, GELU_TANH, SILU, SOFTPLUS, SIGMOID, TANH, CLAMP, HARD_TANH, HARD_SIGMOID, HARD_SWISH, EXP, LOG, POW,
  SQUARE, SQRT, RSQRT, RECIPROCAL, ABS, SIN, COS
};
enum Binary { ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM, EQUAL, POWER };
enum Ternary {
  WHERE, MAXIMUM_GRADIENT, MINIMUM_GRADIENT, DIVISOR_GRADIENT, BASE_GRADIENT, EXPONENT_GRADIENT, TIED, SCALED_DIFFERENCE
};
enum Comparison { IS_EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL };

// 1 / (1 + e^-x), without overflow.
__device__ __forceinline__ float sigmoid(float x) {
  float e = expf(-fabsf(x));
  return (x < 0 ? e : 1.0f) / (1.0f + e);
}

// Functions that are long: once in the module, not in each of eight places of each kernel.
__device__ __noinline__ float sine(float x) { return sinf(x); }
__device__ __noinline__ float cosine(float x) { return cosf(x); }

__device__ __noinline__ double logarithm(double x) { return log(x); }

// a^b as java.lang.Math.pow: NaN where b is NaN or infinite beside |a| = 1.
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

// y = f(x); a and b are the function's numbers.
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

// dx from dy and s, which is y or x as dev.mezzo.backend.Unary says.
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

// Runs the body for a number that is then known to the compiler: the function is chosen once for eight elements.
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

// Of eight elements: functions, once in the module, as all of them together are long.
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
