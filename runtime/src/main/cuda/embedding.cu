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

// Positions, by their index. Of a position: rank, how many before it have its index, and first, the first that has. Of a first one:
// count, how many there are, start, where they begin in order, and slot, where sums of theirs do. cursors: two numbers, 0 before.
struct Positions {
  int* rank;
  int* first;
  int* count;
  int* start;
  int* slot;
  int* order;
  int* cursors;
};

// As many positions of an index are added by one warp: more are several sums, which are added afterwards.
constexpr int PIECE = 32;

// All but order. A thread takes a position and looks at all others, through shared memory: n^2 comparisons, which are few beside a step
// up to some hundred thousand indices. Where an index's positions stand in order may be another place each time; which they are,
// and their order, is not.
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

// dWeight[r] = sum of dy[i] over the positions of r, FP32, in their order; dWeight may add; rows that no index names stay as they are.
// Indices that are no rows are passed over. A warp takes up to 32 positions of a row, in 256 columns; of more, their sum goes to
// pieces (slots, cols), FP32.
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

// dWeight[r] of the rows that have several sums in pieces: their sum.
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
