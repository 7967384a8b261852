// Losses of each element and its target, as dev.mezzo.backend.PairLoss says, and cosines of rows; all in FP64.
#include "mezzo.cuh"

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

// The derivative by the target; focal loss has none.
__device__ __noinline__ double pairTargetSlope(PairLoss f, double x, double t) {
  switch (f.function) {
    case LOGISTIC: return -x;
    case BINARY_CROSS_ENTROPY: return cutLog(1 - x) - cutLog(x);
    case SMOOTH_L1: return -pairSlope(f, x, t);
    default: return log(t) + 1 - x;
  }
}

// loss (FP32) = factor * sum of f(x, target).
BLOCK_KERNEL(pairs, Array x, Array target, Array loss, Index n, PairLoss f, double factor, Parts parts) {
  double sum = 0;
  for (Index i = firstThread(); i < n; i += allThreads()) sum += pairValue(f, get(x, i), get(target, i));
  overGrid(sum, 0, parts, [&](double all, double) { put(loss, 0, float(all * factor)); });
}

// dx = dLoss * factor * f', by x or by the target.
KERNEL(pairsGradient, Array dLoss, Array x, Array target, Array dx, Index n, PairLoss f, double factor, int byTarget) {
  double scale = get(dLoss, 0) * factor;
  for (Index i = firstThread(); i < n; i += allThreads()) {
    double a = get(x, i), b = get(target, i);
    put(dx, i, float(scale * (byTarget != 0 ? pairTargetSlope(f, a, b) : pairSlope(f, a, b))));
  }
}

// Of a row of each of two matrices, by a warp: a·a, a·b, b·b.
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

// y[row] = a·b / (max(|a|, epsilon) * max(|b|, epsilon)).
BLOCK_KERNEL(cosine, Array a, Array b, Array y, Index rows, Index cols, float epsilon) {
  for (Index row = Group<LANES>::first(); row < rows; row += Group<LANES>::count()) {
    RowProducts p = rowProducts(a, b, row * cols, cols);
    if (Group<LANES>::lane() == 0) put(y, row, float(p.ab / (atLeast(sqrt(p.aa), epsilon) * atLeast(sqrt(p.bb), epsilon))));
  }
}

// Its gradient by a.
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
