// Losses whose result is one number, FP32, and their gradients. Sums are FP64 and made in the same order each time.
#include "softmax.cuh"

// What rows of logits are compared with, as dev.mezzo.backend.ClassTargets; null weights are ones.
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

// Adds to the first sum the rows' losses, and to the second their weights: NaN for a label out of range.
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
      // log of the sum last: the label's logit is nearly the maximum where the loss is small
      double own = double(w) * (logf(e.sum) + (double(e.maximum) - get(logits, from + label)));
      sum += r * ((1 - t.smoothing) * own + t.smoothing / double(t.cols) * smooth);
      weight += double(r) * w;
    }
  }
}

// loss = sum of the rows' losses / sum of their weights.
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

// sums[0] = weight of the rows that count, sums[1] = sum of the classes' weights: what the gradient divides by and spreads.
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

// dLogits = dLoss * row weight / weight of all * (softmax * what is expected of a row - what is expected of the class); weights are
// those of targetWeights, or null where each row counts as one of `rows`. In place on logits.
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

// loss = factor * sum of (x - target)^2.
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

// dx = dLoss * 2 * factor * (x - target).
KERNEL(squaredErrorGradient, Array dLoss, Array x, Array target, Array dx, Index n, double factor) {
  double scale = get(dLoss, 0) * 2.0 * factor;
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    Eight a = load(x, i, n), b = load(target, i, n);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) a.v[k] = float(scale * (double(a.v[k]) - b.v[k]));
    store(dx, i, n, a);
  }
}
