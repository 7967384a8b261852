// Images (batch, height, width, channels) in another size, as dev.mezzo.backend.Resampling says. A thread takes an element of what is
// written; places are FP64, as their roundings decide between pixels.
#include "images.cuh"

enum ResamplingMode { NEAREST, BILINEAR, BILINEAR_CORNERS };

struct Resampling {
  Index batch;
  int height;
  int width;
  int channels;
  int outHeight;
  int outWidth;
  int mode;
};

// Where pixel i of m stands among n.
__device__ __forceinline__ double placeOf(int mode, int i, int n, int m) {
  if (mode == NEAREST) return double(Index(i) * n / m);
  if (mode == BILINEAR) return fmax((i + 0.5) * n / m - 0.5, 0.0);
  return m == 1 ? 0 : double(i) * (n - 1) / (m - 1);
}

// How much of pixel `of` of n is in what stands at a place.
__device__ __forceinline__ double nearness(double place, int of, int n) {
  int at = int(place);
  double past = place - at;
  return (at == of ? 1 - past : 0) + (min(at + 1, n - 1) == of ? past : 0);
}

KERNEL(resample, Resampling r, Array x, Array y) {
  Index n = r.batch * r.outHeight * r.outWidth * r.channels;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel to = pixel(t, r.outHeight, r.outWidth, r.channels);
    double row = placeOf(r.mode, to.row, r.height, r.outHeight), column = placeOf(r.mode, to.column, r.width, r.outWidth);
    double sum = 0;
    for (int part = 0; part < 4; part++) {
      int down = part / 2, across = part % 2;
      double pastRow = row - int(row), pastColumn = column - int(column);
      double weight = (down == 0 ? 1 - pastRow : pastRow) * (across == 0 ? 1 - pastColumn : pastColumn);
      if (weight > 0) {
        int i = min(int(row) + down, r.height - 1), j = min(int(column) + across, r.width - 1);
        sum += weight * get(x, ((to.image * r.height + i) * r.width + j) * r.channels + to.channel);
      }
    }
    put(y, t, float(sum));
  }
}

// The pixels of m among which those are that pixel `of` of n is part of; wider than need be.
__device__ __forceinline__ void candidates(int mode, int of, int n, int m, int& first, int& last) {
  double ratio = mode == BILINEAR_CORNERS ? (n == 1 ? double(m) : double(m - 1) / (n - 1)) : double(m) / n;
  first = max(0, int(floor((of - 1.5) * ratio) - 2));
  last = int(fmin(m - 1.0, ceil((of + 1.5) * ratio) + 2));
}

KERNEL(resampleGradient, Resampling r, Array dy, Array dx) {
  Index n = r.batch * r.height * r.width * r.channels;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel of = pixel(t, r.height, r.width, r.channels);
    int top, bottom, left, right;
    candidates(r.mode, of.row, r.height, r.outHeight, top, bottom);
    candidates(r.mode, of.column, r.width, r.outWidth, left, right);
    double sum = 0;
    for (int i = top; i <= bottom; i++) {
      double down = nearness(placeOf(r.mode, i, r.height, r.outHeight), of.row, r.height);
      if (down == 0) continue;
      for (int j = left; j <= right; j++) {
        double across = nearness(placeOf(r.mode, j, r.width, r.outWidth), of.column, r.width);
        if (across != 0) sum += down * across * get(dy, ((of.image * r.outHeight + i) * r.outWidth + j) * r.channels + of.channel);
      }
    }
    put(dx, t, float(sum));
  }
}
