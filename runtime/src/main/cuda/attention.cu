// Scaled dot-product attention in tiles, after Dao et al., FlashAttention (arXiv 2205.14135): scores never leave a multiprocessor. As
// dev.mezzo.backend.AttentionKernels says; plain FP32 arithmetic, any head dimension up to 256. Gradients are made by two kernels, one
// for queries and one for keys and values, so that nothing is added in a changing order.
#include "attention.cuh"

struct Mask {
  Array values;  // none where its data is null
  Index batchStride;
  Index headStride;
  Index queryStride;
};

constexpr int SIDE = 32;  // queries and keys of a tile
constexpr int PER_ROW = 16;  // threads that share two rows of a tile
constexpr int OWN = 2;       // rows and columns of scores that a thread computes
constexpr int MOST_DIMS = 256;
constexpr int DIMS = MOST_DIMS / PER_ROW;  // dimensions of a result that a thread adds up

__device__ __forceinline__ int pitch(const AttentionShape& s) { return s.headDim + 1; }

// Rows first, ..., first + SIDE - 1 of a head to shared memory; those beyond `count` are 0.
__device__ __forceinline__ void loadTile(float* tile, const AttentionShape& s, const Heads& heads, Index row, int head, int first, int count) {
#pragma unroll 1
  for (int e = threadIdx.x; e < SIDE * s.headDim; e += THREADS) {
    int r = e / s.headDim, d = e % s.headDim;
    Index at = (row + first + r) * heads.stride + heads.offset + Index(head) * s.headDim + d;
    tile[r * pitch(s) + d] = first + r < count ? get(heads.operand, at) : 0;
  }
}

// a · b of two rows of tiles.
__device__ __forceinline__ float dot(const AttentionShape& s, const float* a, const float* b) {
  float sum = 0;
#pragma unroll 4
  for (int d = 0; d < s.headDim; d++) sum = fmaf(a[d], b[d], sum);
  return sum;
}

__device__ __forceinline__ float score(const AttentionShape& s, const Mask& mask, Index batch, int head, int query, int key, float product) {
  if (query >= s.queries || key >= visible(s, query)) return -MEZZO_INFINITY;
  float value = s.scale * product;
  if (mask.values.data != nullptr) {
    value += get(mask.values, batch * mask.batchStride + head * mask.headStride + query * mask.queryStride + key);
  }
  return value;
}

// A thread's part of results to a tile, OWN rows from `row` on.
__device__ __forceinline__ void toTile(float* tile, const AttentionShape& s, const float (&results)[OWN][DIMS]) {
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
#pragma unroll
  for (int i = 0; i < OWN; i++) {
#pragma unroll
    for (int e = 0; e < DIMS; e++) {
      if (lane + e * PER_ROW < s.headDim) tile[(row + i) * pitch(s) + lane + e * PER_ROW] = results[i][e];
    }
  }
}

// The reverse of loadTile.
__device__ __forceinline__ void storeTile(const float* tile, const AttentionShape& s, const Heads& heads, Index row, int head, int first, int count) {
#pragma unroll 1
  for (int e = threadIdx.x; e < SIDE * s.headDim; e += THREADS) {
    int r = e / s.headDim, d = e % s.headDim;
    Index at = (row + first + r) * heads.stride + heads.offset + Index(head) * s.headDim + d;
    if (first + r < count) put(heads.operand, at, tile[r * pitch(s) + d]);
  }
}

// Over the PER_ROW lanes that share rows: half a warp.
template <class How>
__device__ __forceinline__ float overRow(float value) {
#pragma unroll
  for (int step = PER_ROW / 2; step > 0; step /= 2) value = How::of(value, __shfl_xor_sync(ALL_LANES, value, step));
  return value;
}

// y and logSums = log of the sum of e^score. A block takes 32 queries of a head: grid (tiles of queries, heads, batch). Dynamic shared
// memory: three tiles and the scores.
BLOCK_KERNEL(attentionForward, AttentionShape s, Heads q, Heads k, Heads v, Mask mask, Heads y, float* logSums) {
  DYNAMIC_SHARED(memory);
  float* queries = reinterpret_cast<float*>(memory);
  float* keys = queries + SIDE * pitch(s);
  float* values = keys + SIDE * pitch(s);
  float* scores = values + SIDE * pitch(s);
  int first = blockIdx.x * SIDE, head = blockIdx.y, keyHead = head / (s.heads / s.keyHeads);
  Index batch = blockIdx.z;
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
  float maxima[OWN], sums[OWN] = {}, results[OWN][DIMS] = {};
  for (int i = 0; i < OWN; i++) maxima[i] = -MEZZO_INFINITY;
  loadTile(queries, s, q, batch * s.queries, head, first, s.queries);
  int end = visible(s, min(first + SIDE, s.queries) - 1);
  for (int from = 0; from < end; from += SIDE) {
    __syncthreads();
    loadTile(keys, s, k, batch * s.keys, keyHead, from, s.keys);
    loadTile(values, s, v, batch * s.keys, keyHead, from, s.keys);
    __syncthreads();
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      float own[OWN], most = maxima[i];
#pragma unroll
      for (int j = 0; j < OWN; j++) {
        int key = lane + j * PER_ROW;
        float product = dot(s, queries + (row + i) * pitch(s), keys + key * pitch(s));
        own[j] = score(s, mask, batch, head, first + row + i, from + key, product);
        most = greater(most, own[j]);
      }
      most = overRow<Greatest>(most);
      float shift = most == -MEZZO_INFINITY ? 0 : most, old = maxima[i] == -MEZZO_INFINITY ? 0 : expf(maxima[i] - shift), sum = 0;
#pragma unroll
      for (int j = 0; j < OWN; j++) {
        float p = expf(own[j] - shift);
        scores[(row + i) * (SIDE + 1) + lane + j * PER_ROW] = p;
        sum += p;
      }
      sums[i] = sums[i] * old + overRow<Sum>(sum);
      maxima[i] = most;
#pragma unroll
      for (int e = 0; e < DIMS; e++) results[i][e] *= old;
    }
    __syncthreads();
    int count = min(SIDE, end - from);
#pragma unroll
    for (int e = 0; e < DIMS; e++) {
      int d = lane + e * PER_ROW;
      if (d < s.headDim) {
#pragma unroll 1
        for (int j = 0; j < count; j++) {
          float value = values[j * pitch(s) + d];
#pragma unroll
          for (int i = 0; i < OWN; i++) {
            float p = scores[(row + i) * (SIDE + 1) + j];
            if (p != 0) results[i][e] = fmaf(p, value, results[i][e]);  // what is not seen may be anything
          }
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < OWN; i++) {
    int query = first + row + i;
    bool nothing = maxima[i] == -MEZZO_INFINITY;
    if (lane == 0 && query < s.queries) {
      logSums[(batch * s.heads + head) * s.queries + query] = nothing ? -MEZZO_INFINITY : maxima[i] + logf(sums[i]);
    }
#pragma unroll
    for (int e = 0; e < DIMS; e++) results[i][e] = nothing ? 0 : results[i][e] / sums[i];
  }
  __syncthreads();
  toTile(queries, s, results);
  __syncthreads();
  storeTile(queries, s, y, batch * s.queries, head, first, s.queries);
}

// own[batch, head, query] = dy · y. A warp takes a query.
BLOCK_KERNEL(attentionOwn, AttentionShape s, Heads dy, Heads y, float* own) {
  Index all = s.batch * s.heads * s.queries;
  for (Index t = Group<LANES>::first(); t < all; t += Group<LANES>::count()) {
    Index query = t % s.queries, head = t / s.queries % s.heads, batch = t / s.queries / s.heads;
    Index row = batch * s.queries + query;
    float sum = 0;
    for (int d = Group<LANES>::lane(); d < s.headDim; d += LANES) {
      sum = fmaf(get(dy.operand, row * dy.stride + dy.offset + head * s.headDim + d),
                 get(y.operand, row * y.stride + y.offset + head * s.headDim + d), sum);
    }
    sum = overWarp<Sum>(sum);
    if (Group<LANES>::lane() == 0) own[t] = sum;
  }
}

// Probabilities p and ds = scale * p * (dy · v - own) of a tile, to shared memory; 0 where nothing is seen.
struct Slopes {
  float* p;
  float* ds;
};
__device__ __forceinline__ void slopes(const AttentionShape& s, const Mask& mask, const float* queries, const float* keys, const float* values,
                                       const float* dy, const float* logSums, const float* own, Index batch, int head, int first, int from,
                                       const Slopes& to) {
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
#pragma unroll
  for (int i = 0; i < OWN; i++) {
    int query = first + row + i;
    Index at = (batch * s.heads + head) * s.queries + query;
    bool there = query < s.queries;
    float logSum = there ? logSums[at] : -MEZZO_INFINITY, ownOf = there ? own[at] : 0;
#pragma unroll
    for (int j = 0; j < OWN; j++) {
      int key = lane + j * PER_ROW;
      float value = score(s, mask, batch, head, query, from + key, dot(s, queries + (row + i) * pitch(s), keys + key * pitch(s)));
      float p = logSum == -MEZZO_INFINITY ? 0 : expf(value - logSum);
      float ds = p == 0 ? 0 : s.scale * p * (dot(s, dy + (row + i) * pitch(s), values + key * pitch(s)) - ownOf);
      to.p[(row + i) * (SIDE + 1) + key] = p;
      to.ds[(row + i) * (SIDE + 1) + key] = ds;
    }
  }
}

// dq = sum of ds * k. Grid as attentionForward. Dynamic shared memory: four tiles and two of scores, as below.
BLOCK_KERNEL(attentionGradientQueries, AttentionShape s, Heads q, Heads k, Heads v, Mask mask, Heads dy, const float* logSums, const float* own,
             Heads dq) {
  DYNAMIC_SHARED(memory);
  float* queries = reinterpret_cast<float*>(memory);
  float* out = queries + SIDE * pitch(s);
  float* keys = out + SIDE * pitch(s);
  float* values = keys + SIDE * pitch(s);
  Slopes tile = {values + SIDE * pitch(s), values + SIDE * pitch(s) + SIDE * (SIDE + 1)};
  int first = blockIdx.x * SIDE, head = blockIdx.y, keyHead = head / (s.heads / s.keyHeads);
  Index batch = blockIdx.z;
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
  float results[OWN][DIMS] = {};
  loadTile(queries, s, q, batch * s.queries, head, first, s.queries);
  loadTile(out, s, dy, batch * s.queries, head, first, s.queries);
  int end = visible(s, min(first + SIDE, s.queries) - 1);
  for (int from = 0; from < end; from += SIDE) {
    __syncthreads();
    loadTile(keys, s, k, batch * s.keys, keyHead, from, s.keys);
    loadTile(values, s, v, batch * s.keys, keyHead, from, s.keys);
    __syncthreads();
    slopes(s, mask, queries, keys, values, out, logSums, own, batch, head, first, from, tile);
    __syncthreads();
    int count = min(SIDE, end - from);
#pragma unroll
    for (int e = 0; e < DIMS; e++) {
      int d = lane + e * PER_ROW;
      if (d < s.headDim) {
#pragma unroll 1
        for (int j = 0; j < count; j++) {
#pragma unroll
          for (int i = 0; i < OWN; i++) {
            float ds = tile.ds[(row + i) * (SIDE + 1) + j];
            if (ds != 0) results[i][e] = fmaf(ds, keys[j * pitch(s) + d], results[i][e]);
          }
        }
      }
    }
  }
  __syncthreads();
  toTile(queries, s, results);
  __syncthreads();
  storeTile(queries, s, dq, batch * s.queries, head, first, s.queries);
}

// dv = sum of p * dy, dk = sum of ds * q, over the queries of all heads that share the key's. A block takes 32 keys of a key head: grid (tiles of
// keys, key heads, batch).
BLOCK_KERNEL(attentionGradientKeys, AttentionShape s, Heads q, Heads k, Heads v, Mask mask, Heads dy, const float* logSums, const float* own, Heads dk,
             Heads dv) {
  DYNAMIC_SHARED(memory);
  float* queries = reinterpret_cast<float*>(memory);
  float* out = queries + SIDE * pitch(s);
  float* keys = out + SIDE * pitch(s);
  float* values = keys + SIDE * pitch(s);
  Slopes tile = {values + SIDE * pitch(s), values + SIDE * pitch(s) + SIDE * (SIDE + 1)};
  int from = blockIdx.x * SIDE, keyHead = blockIdx.y, group = s.heads / s.keyHeads;
  Index batch = blockIdx.z;
  int row = threadIdx.x / PER_ROW * OWN, lane = threadIdx.x % PER_ROW;
  float dKeys[OWN][DIMS] = {}, dValues[OWN][DIMS] = {};
  loadTile(keys, s, k, batch * s.keys, keyHead, from, s.keys);
  loadTile(values, s, v, batch * s.keys, keyHead, from, s.keys);
  // the first query that sees a key of the tile
  int start = s.causal != 0 ? max(0, from - s.keys + s.queries) / SIDE * SIDE : 0;
  for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
    for (int first = start; first < s.queries; first += SIDE) {
      __syncthreads();
      loadTile(queries, s, q, batch * s.queries, head, first, s.queries);
      loadTile(out, s, dy, batch * s.queries, head, first, s.queries);
      __syncthreads();
      slopes(s, mask, queries, keys, values, out, logSums, own, batch, head, first, from, tile);
      __syncthreads();
      int count = min(SIDE, s.queries - first);
#pragma unroll
      for (int e = 0; e < DIMS; e++) {
        int d = lane + e * PER_ROW;
        if (d < s.headDim) {
#pragma unroll 1
        for (int j = 0; j < count; j++) {
#pragma unroll
            for (int i = 0; i < OWN; i++) {
              float p = tile.p[j * (SIDE + 1) + row + i], ds = tile.ds[j * (SIDE + 1) + row + i];
              if (p != 0) dValues[i][e] = fmaf(p, out[j * pitch(s) + d], dValues[i][e]);
              if (ds != 0) dKeys[i][e] = fmaf(ds, queries[j * pitch(s) + d], dKeys[i][e]);
            }
          }
        }
      }
    }
  }
  __syncthreads();
  toTile(queries, s, dKeys);
  toTile(out, s, dValues);
  __syncthreads();
  storeTile(queries, s, dk, batch * s.keys, keyHead, from, s.keys);
  storeTile(out, s, dv, batch * s.keys, keyHead, from, s.keys);
}
