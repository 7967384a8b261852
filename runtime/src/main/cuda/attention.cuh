// What attention is given.
#pragma once
#include "mezzo.cuh"

// Heads in the rows of a matrix: element d of head h of row r is at r * stride + offset + h * headDim + d.
struct Heads {
  Array operand;
  Index offset;
  Index stride;
};

struct AttentionShape {
  Index batch;
  int heads;
  int keyHeads;
  int queries;
  int keys;
  int headDim;
  int causal;
  float scale;
};

// How many keys, from the first on, a query may see.
__device__ __forceinline__ int visible(const AttentionShape& s, int query) {
  return s.causal != 0 ? max(0, min(query + 1 + s.keys - s.queries, s.keys)) : s.keys;
}
