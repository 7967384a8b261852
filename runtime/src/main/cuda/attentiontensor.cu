// Attention on tensor cores, after Dao, FlashAttention-2 (arXiv 2307.08691): head dimensions 64 and 128, FP16 or BF16 throughout, no mask. As
// attention.cu, but that probabilities and their slopes are rounded to 16 bits before they are multiplied, as is usual: the products'
// factors must be. Rows of heads start at multiples of 16 bytes. Blocks of four warps; a warp has 16 rows, or 32: then each element
// of the other side is read from shared memory once for both halves, which is what bounds it. Tiles of the other side are fetched
// while those before are worked on, in two places by turns. Scores are multiplied by log2(e), so that exponentials are powers of 2.
#include "attention.cuh"
#include "mma.cuh"

constexpr int WARPS = 4, ROWS = 16, BLOCK_ROWS = WARPS * ROWS;

template <int D>
struct TileOf {
  static constexpr int PITCH = D + 8;
};

// Fetches rows first, ..., first + COUNT - 1 of a head to shared memory; those beyond `all` are 0.
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

// sums of M times 16 rows from `row` on of a, and rows 0, ... of b: for each N / 8 tiles of (16, 8) of a * b^T.
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

// results, M times (16, D), += a (16, N), which is rounded, * rows of a tile.
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

// A warp's results to rows first + g and first + g + 8 of a head; `factors` of both.
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

// Over the four lanes that share rows.
template <class How>
__device__ __forceinline__ float overFour(float value) {
  value = How::of(value, __shfl_xor_sync(ALL_LANES, value, 1));
  return How::of(value, __shfl_xor_sync(ALL_LANES, value, 2));
}

// The tile of rows of a block. Where a row sees those before it, the last ones have the most to do: they come first.
__device__ __forceinline__ int tileOf(const AttentionShape& s) { return s.causal != 0 ? gridDim.x - 1 - blockIdx.x : blockIdx.x; }

// Turns scores of a tile of keys into e^(score - maximum); results and sums so far are brought to the new maximum. limit: of the keys seen by
// rows g and g + 8, counted from the tile's first; `whole` if all rows see all keys. A NaN stays in the sum, as the maximum does not see it.
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

// A warp has M times 16 queries. Grid (tiles of M times 64 queries, heads, batch). Dynamic shared memory: rows of queries, and four
// tiles of KEYS rows.
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

// dq. Grid (tiles of 64 queries, heads, batch). Dynamic shared memory: two tiles of 64 rows and four of 32.
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

// dk and dv, from transposed scores: a warp has 16 keys. Grid (tiles of 64 keys, key heads, batch). Dynamic shared memory as queriesTile.
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
  // The tiles of queries of all heads of the group, one behind the other, from the first on that sees these keys.
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
