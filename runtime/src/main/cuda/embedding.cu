// Rows of a table by their number, and rotary positions.
#include "mezzo.cuh"

// y[i] = weight[indices[i]]; NaN where there is no such row. weight (rows, cols), y (n, cols) of one type. A warp takes a row.
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

// next[i] = the next position with the same index, or n; first[i] = 1 where none before has it. A thread takes a position and looks at
// all others, through shared memory: n^2 comparisons, which are few beside a step up to some ten thousand indices.
BLOCK_KERNEL(embeddingLinks, Array indices, int* next, int* first, Index n) {
  __shared__ int others[THREADS];
  Index rounds = (n + allThreads() - 1) / allThreads();
  for (Index round = 0; round < rounds; round++) {
    Index i = round * allThreads() + firstThread();
    int own = i < n ? getInt(indices, i) : 0, found = int(n), isFirst = 1;
    for (Index from = 0; from < n; from += THREADS) {
      __syncthreads();
      if (from + threadIdx.x < n) others[threadIdx.x] = getInt(indices, from + threadIdx.x);
      __syncthreads();
      int count = int(min(Index(THREADS), n - from));
      for (int j = 0; j < count; j++) {
        if (others[j] == own) {
          if (from + j < i) isFirst = 0;
          if (from + j > i && found == n) found = int(from + j);
        }
      }
    }
    if (i < n) {
      next[i] = found;
      first[i] = isFirst;
    }
  }
}

// dWeight[r] = sum of dy[i] over the positions of r, in their order, FP32; rows that no index names stay as they are. Indices that are
// no rows are passed over. A block takes eight columns of a thread each.
KERNEL(embeddingScatter, Array dy, Array indices, const int* next, const int* first, Array dWeight, Index n, Index rows, Index cols) {
  Index across = (cols + WIDTH - 1) / WIDTH;
  for (Index t = firstThread(); t < n * across; t += allThreads()) {
    Index i = t / across, col = t % across * WIDTH, row = getInt(indices, i);
    if (first[i] == 0 || row < 0 || row >= rows) continue;
    Eight sum = {};
    for (Index j = i; j < n; j = next[j]) {
      Eight d = load(dy, j * cols + col, (j + 1) * cols);
#pragma unroll
      for (int k = 0; k < WIDTH; k++) sum.v[k] += d.v[k];
    }
    store(dWeight, row * cols + col, (row + 1) * cols, sum);
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

// table (time, dim / 2): cosine and sine of each position's angle, from FP64.
KERNEL(rotationTable, Rotation r, float2* table) {
  Index half = r.dim / 2;
  for (Index t = firstThread(); t < r.time * half; t += allThreads()) {
    double angle = double(r.first + t / half) * pow(r.base, -2.0 * double(t % half) / double(r.dim));
    table[t] = {float(cos(angle)), float(r.back != 0 ? -sin(angle) : sin(angle))};
  }
}

// y = x (batch, time, heads * dim), its first heads turned. In place.
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
