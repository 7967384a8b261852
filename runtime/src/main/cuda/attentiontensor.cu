// Attention on tensor cores, after Dao, FlashAttention-2 (arXiv 2307.08691): head dimensions 64 and 128, FP16 or BF16 throughout, no mask. As
// attention.cu, but that probabilities and their slopes are rounded to 16 bits before they are multiplied, as is usual: the products'
// factors must be. Rows of heads start at multiples of 16 bytes. Blocks of four warps; a warp has 16 rows.
#include "attention.cuh"
#include "mma.cuh"

constexpr int WARPS = 4, ROWS = 16, BLOCK_ROWS = WARPS * ROWS;

template <int D>
struct TileOf {
  static constexpr int PITCH = D + 8;
};

// Rows first, ..., first + count - 1 of a head to shared memory; those beyond `all` are 0.
template <int D>
__device__ __forceinline__ void loadRows(unsigned short* tile, const Heads& heads, Index row, int head, int first, int count, int all) {
  const unsigned short* from = static_cast<const unsigned short*>(heads.operand.data) + heads.offset + Index(head) * D;
  for (int e = threadIdx.x; e < count * (D / WIDTH); e += WARPS * LANES) {
    int r = e / (D / WIDTH), d = e % (D / WIDTH) * WIDTH;
    uint4 bits = {0, 0, 0, 0};
    if (first + r < all) bits = *reinterpret_cast<const uint4*>(from + (row + first + r) * heads.stride + d);
    *reinterpret_cast<uint4*>(tile + r * TileOf<D>::PITCH + d) = bits;
  }
}

// sums of rows `row`, ... of a, and rows 0, ... of b: N / 8 tiles of (16, 8) of a * b^T.
template <int D, bool BF, int N>
__device__ __forceinline__ void products(float (&sums)[N / 8][4], const unsigned short* a, int row, const unsigned short* b) {
#pragma unroll
  for (int n = 0; n < N / 8; n++) {
#pragma unroll
    for (int e = 0; e < 4; e++) sums[n][e] = 0;
  }
#pragma unroll
  for (int k = 0; k < D; k += 16) {
    unsigned left[4];
    loadA<TileOf<D>::PITCH>(left, a, row, k);
#pragma unroll
    for (int n = 0; n < N / 8; n++) {
      unsigned right[2];
      loadB<TileOf<D>::PITCH>(right, b, n * 8, k);
      multiply<BF>(sums[n], left, right);
    }
  }
}

// results (16, D) += a (16, N), which is rounded, * rows of a tile.
template <int D, bool BF, int N>
__device__ __forceinline__ void addProducts(float (&results)[D / 8][4], const float (&a)[N / 8][4], const unsigned short* tile) {
#pragma unroll
  for (int k = 0; k < N; k += 16) {
    const float(&low)[4] = a[k / 8], (&high)[4] = a[k / 8 + 1];
    unsigned left[4] = {pack<BF>(low[0], low[1]), pack<BF>(low[2], low[3]), pack<BF>(high[0], high[1]), pack<BF>(high[2], high[3])};
#pragma unroll
    for (int n = 0; n < D / 8; n++) {
      unsigned right[2];
      loadBRows<TileOf<D>::PITCH>(right, tile, k, n * 8);
      multiply<BF>(results[n], left, right);
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

// Grid (tiles of 64 queries, heads, batch). Dynamic shared memory: three tiles of 64 rows.
template <int D, bool BF>
__device__ void forwardTile(const AttentionShape& s, const Heads& q, const Heads& k, const Heads& v, const Heads& y, float* logSums) {
  constexpr int KEYS = 64, PITCH = TileOf<D>::PITCH;
  DYNAMIC_SHARED(memory);
  unsigned short* queries = reinterpret_cast<unsigned short*>(memory);
  unsigned short* keys = queries + BLOCK_ROWS * PITCH;
  unsigned short* values = keys + KEYS * PITCH;
  int first = blockIdx.x * BLOCK_ROWS, head = blockIdx.y, keyHead = head / (s.heads / s.keyHeads);
  int own = threadIdx.x / LANES * ROWS, g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  Index batch = blockIdx.z;
  float results[D / 8][4] = {}, maxima[2] = {-MEZZO_INFINITY, -MEZZO_INFINITY}, sums[2] = {};
  loadRows<D>(queries, q, batch * s.queries, head, first, BLOCK_ROWS, s.queries);
  int end = visible(s, min(first + BLOCK_ROWS, s.queries) - 1);
  for (int from = 0; from < end; from += KEYS) {
    __syncthreads();
    loadRows<D>(keys, k, batch * s.keys, keyHead, from, KEYS, s.keys);
    loadRows<D>(values, v, batch * s.keys, keyHead, from, KEYS, s.keys);
    __syncthreads();
    float p[KEYS / 8][4];
    products<D, BF, KEYS>(p, queries, own, keys);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int query = first + own + g + half * 8, seen = query < s.queries ? visible(s, query) : 0;
      float most = maxima[half];
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; e++) {
          int key = from + n * 8 + 2 * t + e % 2;
          p[n][e] = key < seen ? s.scale * p[n][e] : -MEZZO_INFINITY;
          most = greater(most, p[n][e]);
        }
      }
      most = overFour<Greatest>(most);
      float shift = most == -MEZZO_INFINITY ? 0 : most, old = maxima[half] == -MEZZO_INFINITY ? 0 : expf(maxima[half] - shift), sum = 0;
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; e++) {
          p[n][e] = expf(p[n][e] - shift);
          sum += p[n][e];
        }
      }
      sums[half] = sums[half] * old + overFour<Sum>(sum);
      maxima[half] = most;
#pragma unroll
      for (int n = 0; n < D / 8; n++) {
        results[n][2 * half] *= old;
        results[n][2 * half + 1] *= old;
      }
    }
    addProducts<D, BF, KEYS>(results, p, values);
  }
  float factors[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int query = first + own + g + half * 8;
    bool nothing = maxima[half] == -MEZZO_INFINITY;
    factors[half] = nothing ? 0 : 1 / sums[half];
    if (t == 0 && query < s.queries) {
      logSums[(batch * s.heads + head) * s.queries + query] = nothing ? -MEZZO_INFINITY : maxima[half] + logf(sums[half]);
    }
  }
  storeRows<D, BF>(results, factors, y, batch * s.queries, head, first + own, s.queries);
}

// dq. Grid as above. Dynamic shared memory: two tiles of 64 rows and two of 32.
template <int D, bool BF>
__device__ void queriesTile(const AttentionShape& s, const Heads& q, const Heads& k, const Heads& v, const Heads& dy, const float* logSums,
                            const float* owns, const Heads& dq) {
  constexpr int KEYS = 32, PITCH = TileOf<D>::PITCH;
  DYNAMIC_SHARED(memory);
  unsigned short* queries = reinterpret_cast<unsigned short*>(memory);
  unsigned short* out = queries + BLOCK_ROWS * PITCH;
  unsigned short* keys = out + BLOCK_ROWS * PITCH;
  unsigned short* values = keys + KEYS * PITCH;
  int first = blockIdx.x * BLOCK_ROWS, head = blockIdx.y, keyHead = head / (s.heads / s.keyHeads);
  int own = threadIdx.x / LANES * ROWS, g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  Index batch = blockIdx.z;
  float results[D / 8][4] = {}, logSum[2], ownOf[2];
  int seen[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    int query = first + own + g + half * 8;
    Index at = (batch * s.heads + head) * s.queries + query;
    logSum[half] = query < s.queries ? logSums[at] : -MEZZO_INFINITY;
    ownOf[half] = query < s.queries ? owns[at] : 0;
    seen[half] = logSum[half] == -MEZZO_INFINITY ? 0 : visible(s, query);
  }
  loadRows<D>(queries, q, batch * s.queries, head, first, BLOCK_ROWS, s.queries);
  loadRows<D>(out, dy, batch * s.queries, head, first, BLOCK_ROWS, s.queries);
  int end = visible(s, min(first + BLOCK_ROWS, s.queries) - 1);
  for (int from = 0; from < end; from += KEYS) {
    __syncthreads();
    loadRows<D>(keys, k, batch * s.keys, keyHead, from, KEYS, s.keys);
    loadRows<D>(values, v, batch * s.keys, keyHead, from, KEYS, s.keys);
    __syncthreads();
    float p[KEYS / 8][4], d[KEYS / 8][4];
    products<D, BF, KEYS>(p, queries, own, keys);
    products<D, BF, KEYS>(d, out, own, values);
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        bool there = from + n * 8 + 2 * t + e % 2 < seen[e / 2];
        d[n][e] = there ? s.scale * expf(s.scale * p[n][e] - logSum[e / 2]) * (d[n][e] - ownOf[e / 2]) : 0;
      }
    }
    addProducts<D, BF, KEYS>(results, d, keys);
  }
  float factors[2] = {1, 1};
  storeRows<D, BF>(results, factors, dq, batch * s.queries, head, first + own, s.queries);
}

// dk and dv, from transposed scores: a warp has 16 keys. Grid (tiles of 64 keys, key heads, batch). Dynamic shared memory as queriesTile.
template <int D, bool BF>
__device__ void keysTile(const AttentionShape& s, const Heads& q, const Heads& k, const Heads& v, const Heads& dy, const float* logSums,
                         const float* owns, const Heads& dk, const Heads& dv) {
  constexpr int QUERIES = 32, PITCH = TileOf<D>::PITCH;
  DYNAMIC_SHARED(memory);
  unsigned short* keys = reinterpret_cast<unsigned short*>(memory);
  unsigned short* values = keys + BLOCK_ROWS * PITCH;
  unsigned short* queries = values + BLOCK_ROWS * PITCH;
  unsigned short* out = queries + QUERIES * PITCH;
  int from = blockIdx.x * BLOCK_ROWS, keyHead = blockIdx.y, group = s.heads / s.keyHeads;
  int own = threadIdx.x / LANES * ROWS, g = threadIdx.x % LANES / 4, t = threadIdx.x % 4;
  Index batch = blockIdx.z;
  float dKeys[D / 8][4] = {}, dValues[D / 8][4] = {};
  loadRows<D>(keys, k, batch * s.keys, keyHead, from, BLOCK_ROWS, s.keys);
  loadRows<D>(values, v, batch * s.keys, keyHead, from, BLOCK_ROWS, s.keys);
  int start = s.causal != 0 ? max(0, from - s.keys + s.queries) / QUERIES * QUERIES : 0;
  for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
    for (int first = start; first < s.queries; first += QUERIES) {
      __syncthreads();
      loadRows<D>(queries, q, batch * s.queries, head, first, QUERIES, s.queries);
      loadRows<D>(out, dy, batch * s.queries, head, first, QUERIES, s.queries);
      __syncthreads();
      float p[QUERIES / 8][4], d[QUERIES / 8][4];
      products<D, BF, QUERIES>(p, keys, own, queries);
      products<D, BF, QUERIES>(d, values, own, out);
#pragma unroll
      for (int n = 0; n < QUERIES / 8; n++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          int query = first + n * 8 + 2 * t + e % 2, key = from + own + g + e / 2 * 8;
          bool there = query < s.queries && key < visible(s, query);
          Index at = (batch * s.heads + head) * s.queries + query;
          p[n][e] = there ? expf(s.scale * p[n][e] - logSums[at]) : 0;
          d[n][e] = there ? s.scale * p[n][e] * (d[n][e] - owns[at]) : 0;
        }
      }
      addProducts<D, BF, QUERIES>(dValues, p, out);
      addProducts<D, BF, QUERIES>(dKeys, d, queries);
    }
  }
  float factors[2] = {1, 1};
  storeRows<D, BF>(dKeys, factors, dk, batch * s.keys, keyHead, from + own, s.keys);
  storeRows<D, BF>(dValues, factors, dv, batch * s.keys, keyHead, from + own, s.keys);
}

#define MEZZO_ATTENTION(suffix, D, BF)                                                                                                       \
  BLOCK_KERNEL(attentionForward##suffix, AttentionShape s, Heads q, Heads k, Heads v, Heads y, float* logSums) {                              \
    forwardTile<D, BF>(s, q, k, v, y, logSums);                                                                                               \
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
