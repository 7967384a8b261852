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

// Weights that are updated together: as many as a kernel's arguments hold. Each is cut into chunks, which the blocks take one at a
// time, so that many small weights fill the GPU as a large one does.
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

// body(weight, the first of the eight elements that this thread takes) for all chunks.
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

// A weight's flag = 1 if an element of its gradient is NaN or infinite; squares += sum of (x / scale)^2, in FP64.
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
