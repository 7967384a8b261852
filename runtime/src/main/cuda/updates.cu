// The optimizers' step. What steers it is memory (dev.mezzo.backend.StepControl), so that no step waits for the host.
#include "mezzo.cuh"

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

// flags[index] = 1 if an element of the gradient is NaN or infinite; squares += sum of (x / scale)^2, in FP64.
BLOCK_KERNEL(checkFinite, Array gradient, Index n, Control control, Index index, Parts parts) {
  double inverse = 1.0 / *control.scale, squares = 0, bad = 0;
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight v = load(gradient, i, n);
    float own = 0;
    bool finite = true;
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      finite &= fabsf(v.v[k]) < MEZZO_INFINITY;
      float unscaled = v.v[k] * float(inverse);
      own = fmaf(unscaled, unscaled, own);
    }
    squares += own;
    bad += finite ? 0 : 1;
  }
  overGrid(squares, bad, parts, [&](double all, double allBad) {
    if (allBad != 0) control.flags[index] = 1;
    *control.squares = float(*control.squares + all);
  });
}

// overflow, factor, applied and rate, as dev.mezzo.backend.Backend.beginUpdate says. One block.
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

// Stores eight weights; the shadow, where there is one, is the stored weight rounded.
__device__ __forceinline__ void storeWeights(const Array& master, const Array& shadow, Index i, Index n, const Eight& w) {
  store(master, i, n, w);
  if (shadow.data != nullptr) store(shadow, i, n, master.type == FP32 ? w : load(master, i, n));
}

KERNEL(sgd, Array gradient, Array velocity, Array master, Array shadow, Index n, Control control, float momentum, int nesterov,
       float weightDecay) {
  if (*control.overflow != 0) return;
  float factor = *control.factor, rate = *control.rate;
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight g = load(gradient, i, n), w = load(master, i, n), v = {};
    if (velocity.data != nullptr) v = load(velocity, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      float d = g.v[k] * factor + weightDecay * w.v[k];
      v.v[k] = momentum * v.v[k] + d;
      w.v[k] -= rate * (nesterov != 0 ? d + momentum * v.v[k] : v.v[k]);
    }
    if (velocity.data != nullptr) store(velocity, i, n, v);
    storeWeights(master, shadow, i, n, w);
  }
}

struct AdamW {
  float beta1;
  float beta2;
  float epsilon;
  float weightDecay;
};

KERNEL(adamW, Array gradient, Array mean, Array variance, Array master, Array shadow, Index n, Control control, AdamW adam) {
  if (*control.overflow != 0) return;
  float factor = *control.factor, rate = *control.rate;
  float meanCorrection = float(1 - pow(double(adam.beta1), double(*control.applied)));
  float varianceCorrection = float(1 - pow(double(adam.beta2), double(*control.applied)));
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight g = load(gradient, i, n), w = load(master, i, n), m = load(mean, i, n), v = load(variance, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      float d = g.v[k] * factor;
      m.v[k] = adam.beta1 * m.v[k] + (1 - adam.beta1) * d;
      v.v[k] = adam.beta2 * v.v[k] + (1 - adam.beta2) * d * d;
      float root = sqrtf(v.v[k] / varianceCorrection);
      w.v[k] -= rate * (m.v[k] / meanCorrection / (root + adam.epsilon) + adam.weightDecay * w.v[k]);
    }
    store(mean, i, n, m);
    store(variance, i, n, v);
    storeWeights(master, shadow, i, n, w);
  }
}

// dev.mezzo.scaling.LossScale without its state.
struct ScaleRule {
  float growth;
  float backoff;
  float floor;
  float ceiling;
  int interval;
  int hysteresis;
};

// The scale's next state, as LossScale.next. One thread.
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
