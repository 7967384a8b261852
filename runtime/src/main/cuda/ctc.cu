// Connectionist temporal classification (Graves et al., 2006), as dev.mezzo.backend.CtcKernels says: in the logarithmic domain and FP64. A
// block takes a sequence, its threads states. States are the labels with a blank before, between and behind.
#include "mezzo.cuh"

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

// A sequence and its target.
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
  // Whether a path may come from the state two before: between different labels.
  __device__ bool skips(int state) const { return state >= 2 && state % 2 == 1 && label(state) != label(state - 2); }
  __device__ double emission(int t, int state) const { return get(ctc.logits, row(t) + label(state)) - sums[t]; }
  __device__ double norm() const { return max(1, length); }
};

// Whether all labels of a target are labels; the same for all threads of the block.
__device__ __forceinline__ bool isValid(const Sequence& q) {
  float wrong = 0;
  for (int i = threadIdx.x; i < q.length; i += blockDim.x) wrong += q.target[i] < 1 || q.target[i] >= q.ctc.classes ? 1 : 0;
  return overBlock<Sum>(wrong, 0.0f) == 0;
}

// sums[t] and alpha (steps, states); returns log P, to all threads.
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

// memory: for each sequence sums (time), alpha (time, 2 labels + 1), and two rows of states.
__device__ __forceinline__ Index memoryOf(const Ctc& ctc) { return ctc.time + Index(ctc.time + 2) * (2 * ctc.labels + 1); }

// loss = mean of -log P / max(1, length); NaN where a label is none. Grid: a block for each sequence.
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

// dLogits = dLoss / batch / max(1, length) * (softmax - occupancy); 0 behind a sequence's end, NaN where its loss is not finite.
// links: for each sequence the next state of the same label, and whether there is one before, (batch, 2, 2 labels + 1).
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
