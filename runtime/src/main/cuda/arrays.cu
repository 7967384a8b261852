// Movement of elements, and what works along an axis of an array (outer, axis, inner). Any grid of one dimension. None is in place.
#include "broadcast.cuh"

// Copies elements bit by bit: element i of the walk goes from strides[0] to strides[1], from two first elements on.
KERNEL(copyStrided, Array x, Array y, Index n, const __grid_constant__ Walk<2> walk, Index from, Index to) {
  bool halves = bytes(x.type) == 2;
  for (Index i = firstThread(); i < n; i += allThreads()) {
    Index at[2];
    locate(walk, i, at);
    if (halves) {
      static_cast<unsigned short*>(y.data)[to + at[1]] = static_cast<const unsigned short*>(x.data)[from + at[0]];
    } else {
      static_cast<unsigned*>(y.data)[to + at[1]] = static_cast<const unsigned*>(x.data)[from + at[0]];
    }
  }
}

struct Lines {
  Index outer;
  Index axis;
  Index inner;
};

// y[o, k, i] = x[o, index[o, k, i], i]; NaN where the index is out of range. n elements of y, count of them along the axis.
KERNEL(gather, Array x, Array index, Array y, Lines lines, Index count, Index n) {
  for (Index i = firstThread(); i < n; i += allThreads()) {
    Index outer = i / lines.inner / count;
    int at = getInt(index, i);
    bool outside = at < 0 || at >= lines.axis;
    put(y, i, outside ? MEZZO_NAN : get(x, (outer * lines.axis + at) * lines.inner + i % lines.inner));
  }
}

// One line of scatterAdd, whose elements are neighbours, by a warp: 32 of source at a time, of which the first lane of those with the
// same index adds them all, in their order.
__device__ __forceinline__ void scatterLine(const Array& index, const Array& source, float* sums, Index axis, Index line, Index count) {
  int lane = Group<LANES>::lane();
  bool outside = false;
  for (Index k = 0; k < count; k += LANES) {
    bool there = k + lane < count;
    int at = there ? getInt(index, line * count + k + lane) : -1;
    float value = there ? get(source, line * count + k + lane) : 0;
    outside |= there && (at < 0 || at >= axis);
    bool mine = at >= 0 && at < axis;
    float sum = mine ? sums[line * axis + at] : 0;
#pragma unroll 8
    for (int other = 0; other < LANES; other++) {
      int otherAt = __shfl_sync(ALL_LANES, at, other);
      float otherValue = __shfl_sync(ALL_LANES, value, other);
      if (otherAt != at) continue;
      if (other < lane) mine = false;
      sum += otherValue;
    }
    if (mine) sums[line * axis + at] = sum;
    __syncwarp();
  }
  if (overWarp<Sum>(outside ? 1.0f : 0.0f) == 0) return;
  for (Index j = lane; j < axis; j += LANES) sums[line * axis + j] = MEZZO_NAN;
}

// y[o, index[o, k, i], i] += source[o, k, i], y FP32, in the order of k. A warp takes a line where the axis is innermost, else a
// thread. An index out of range makes the line NaN.
BLOCK_KERNEL(scatterAdd, Array index, Array source, Array y, Lines lines, Index count) {
  float* sums = static_cast<float*>(y.data);
  if (lines.inner == 1) {
    for (Index line = Group<LANES>::first(); line < lines.outer; line += Group<LANES>::count()) {
      scatterLine(index, source, sums, lines.axis, line, count);
    }
    return;
  }
  for (Index line = firstThread(); line < lines.outer * lines.inner; line += allThreads()) {
    Index outer = line / lines.inner, inner = line % lines.inner, first = outer * lines.axis * lines.inner + inner;
    for (Index k = 0; k < count; k++) {
      Index i = (outer * count + k) * lines.inner + inner;
      int at = getInt(index, i);
      if (at >= 0 && at < lines.axis) {
        sums[first + at * lines.inner] += get(source, i);
      } else {
        for (Index j = 0; j < lines.axis; j++) sums[first + j * lines.inner] = MEZZO_NAN;
      }
    }
  }
}

// y[o, j, i] = sum of x[o, k, i] over k <= j, or k >= j, in FP64. A warp takes a line where the axis is innermost, so that neighbours
// read neighbours; else a thread does.
BLOCK_KERNEL(cumulativeSum, Array x, Array y, Lines lines, int reverse) {
  if (lines.inner == 1) {
    int lane = Group<LANES>::lane();
    for (Index line = Group<LANES>::first(); line < lines.outer; line += Group<LANES>::count()) {
      double before = 0;
      for (Index j = 0; j < lines.axis; j += LANES) {
        Index own = j + lane, at = line * lines.axis + (reverse != 0 ? lines.axis - 1 - own : own);
        double sum = own < lines.axis ? get(x, at) : 0;
#pragma unroll
        for (int step = 1; step < LANES; step *= 2) {
          double left = __shfl_up_sync(ALL_LANES, sum, step);
          if (lane >= step) sum += left;
        }
        sum += before;
        if (own < lines.axis) put(y, at, float(sum));
        before = __shfl_sync(ALL_LANES, sum, LANES - 1);
      }
    }
    return;
  }
  for (Index line = firstThread(); line < lines.outer * lines.inner; line += allThreads()) {
    Index first = line / lines.inner * lines.axis * lines.inner + line % lines.inner;
    double sum = 0;
    for (Index j = 0; j < lines.axis; j++) {
      Index at = first + (reverse != 0 ? lines.axis - 1 - j : j) * lines.inner;
      sum += get(x, at);
      put(y, at, float(sum));
    }
  }
}

// Combines what `read` gives for each element of a line: by a warp where the axis is innermost, else by a thread, so that
// neighbours read neighbours. y (outer, inner) gets what `finish` makes of it.
template <class How, class Read, class Finish>
__device__ __forceinline__ void overLines(const Lines& lines, float identity, Read read, Finish finish) {
  Index all = lines.outer * lines.inner;
  if (lines.inner == 1) {
    for (Index line = Group<LANES>::first(); line < all; line += Group<LANES>::count()) {
      float value = identity;
      for (Index j = Group<LANES>::lane(); j < lines.axis; j += LANES) value = How::of(value, read(line, line * lines.axis + j));
      value = overWarp<How>(value);
      if (Group<LANES>::lane() == 0) finish(line, value);
    }
  } else {
    for (Index line = firstThread(); line < all; line += allThreads()) {
      Index first = line / lines.inner * lines.axis * lines.inner + line % lines.inner;
      float value = identity;
      for (Index j = 0; j < lines.axis; j++) value = How::of(value, read(line, first + j * lines.inner));
      finish(line, value);
    }
  }
}

// y = sign * max(sign * x) over the axis; NaN if one is.
BLOCK_KERNEL(maximum, Array x, Array y, Lines lines, float sign) {
  overLines<Greatest>(lines, -MEZZO_INFINITY, [&](Index, Index i) { return sign * get(x, i); },
                      [&](Index line, float value) { put(y, line, sign * value); });
}

// y = factor * sum of (x - mean)^2 over the axis; mean (outer, inner).
BLOCK_KERNEL(squaredDeviations, Array x, Array mean, Array y, Lines lines, float factor) {
  overLines<Sum>(lines, 0,
                 [&](Index line, Index i) {
                   float deviation = get(x, i) - get(mean, line);
                   return deviation * deviation;
                 },
                 [&](Index line, float value) { put(y, line, factor * value); });
}

// y[to] = x[from], rounded to y's type, for element i of the walk: operands that are repeated, made whole.
KERNEL(spread, Array x, Array y, Index n, const __grid_constant__ Walk<2> walk) {
  for (Index i = firstThread(); i < n; i += allThreads()) {
    Index at[2];
    locate(walk, i, at);
    put(y, at[1], get(x, at[0]));
  }
}
