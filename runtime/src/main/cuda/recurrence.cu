// Recurrent layers, as dev.mezzo.backend.RecurrentKernels says: a step is a product of the last results with the recurrent weight, made
// elsewhere, and one of these kernels. States are FP32 and lie (directions, batch, hidden). A thread takes a unit of a sequence and a
// direction.
#include "functions.cuh"

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

// A unit of a sequence at a step.
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
// Of recurrent numbers (directions, batch, gates * hidden).
__device__ __forceinline__ Index recurrentAt(const Recurrence& r, const Unit& u, int gate) {
  return ((Index(u.direction) * r.batch + u.sequence) * r.gates + gate) * r.hidden + u.unit;
}
// Of a state (states, batch, directions * hidden), as the initial and the last one lie.
__device__ __forceinline__ Index stateAt(const Recurrence& r, const Unit& u, int which) {
  return (Index(which) * r.batch + u.sequence) * results(r) + u.result;
}
__device__ __forceinline__ Index units(const Recurrence& r) { return Index(r.directions) * r.batch * r.hidden; }

// h (and c) = state number `which` of `from`, or 0 where there is none.
KERNEL(recurrenceBegin, Recurrence r, Array from, Index first, int which, float* state) {
  for (Index t = firstThread(); t < units(r); t += allThreads()) {
    state[t] = from.data == nullptr ? 0 : get(from, first + stateAt(r, unitAt(r, t, 0), which));
  }
}

// The reverse: state number `which` of `to`, behind `first` elements.
KERNEL(recurrenceLeave, Recurrence r, const float* state, Index first, int which, Array to) {
  for (Index t = firstThread(); t < units(r); t += allThreads()) put(to, first + stateAt(r, unitAt(r, t, 0), which), state[t]);
}

// One step forward: recurrent = weight * h of all gates, then h, c, y and what is saved. bias is GRU's.
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

// One step back. dh is the gradient of this step's result without dy and becomes what goes past the weights; the product of d (directions,
// batch, gates * hidden) with the weight is added to it elsewhere. before (directions, time, batch, hidden) gets the results of the step before,
// and of (directions, time, batch, gates * hidden) the gradients of what the weight gave, as they are stored: the weight's gradient is
// their product.
KERNEL(recurrenceBackward, Recurrence r, int step, Array dy, Array y, Array saved, Array initial, float* dh, float* dc, float* d, float* before,
       float* of, Array dGates) {
  for (Index t = firstThread(); t < units(r); t += allThreads()) {
    Unit u = unitAt(r, t, step);
    Index line = (Index(u.direction) * r.time + u.time) * r.batch + u.sequence;
    auto give = [&](int gate, float gradient, float ofWeight) {
      Index at = gateAt(r, u, gate);
      put(dGates, at, gradient);
      d[recurrentAt(r, u, gate)] = ofWeight;
      // the product reads the gates' gradients as they were rounded, but GRU's candidate, which is stored nowhere
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
