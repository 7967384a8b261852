// Poolings of images (batch, height, width, channels), as dev.mezzo.backend.PoolingKernels says. A thread takes an element of what is
// written; gradients are gathered, so that nothing is added in a changing order.
#include "images.cuh"

struct Pooling {
  Index batch;
  int height;
  int width;
  int channels;
  int outHeight;
  int outWidth;
  int windowHeight;
  int windowWidth;
  int strideHeight;
  int strideWidth;
  int paddingHeight;
  int paddingWidth;
};

// The index of the window's greatest, the first of equals, NaN counting as greatest; -1 of padding alone.
__device__ __forceinline__ Index greatestOf(const Pooling& p, const Array& x, Index image, int i, int j, int channel) {
  Index best = -1;
  float most = 0;
  for (int ki = 0; ki < p.windowHeight; ki++) {
    int row = i * p.strideHeight - p.paddingHeight + ki;
    if (row < 0 || row >= p.height) continue;
    for (int kj = 0; kj < p.windowWidth; kj++) {
      int column = j * p.strideWidth - p.paddingWidth + kj;
      if (column < 0 || column >= p.width) continue;
      Index at = ((image * p.height + row) * p.width + column) * p.channels + channel;
      float value = get(x, at);
      if (best < 0 || (most == most && !(value <= most))) {
        best = at;
        most = value;
      }
    }
  }
  return best;
}

KERNEL(maxPool, Pooling p, Array x, Array y) {
  Index n = p.batch * p.outHeight * p.outWidth * p.channels;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel to = pixel(t, p.outHeight, p.outWidth, p.channels);
    Index best = greatestOf(p, x, to.image, to.row, to.column, to.channel);
    put(y, t, best < 0 ? -MEZZO_INFINITY : get(x, best));
  }
}

// Calls body(index of y, row, column) for each window that reads a pixel of x.
template <class Body>
__device__ __forceinline__ void eachWindow(const Pooling& p, const Pixel& of, Body body) {
  // i * stride - padding <= row < i * stride - padding + window
  int bottom = of.row + p.paddingHeight, right = of.column + p.paddingWidth;
  int top = max(0, (bottom - p.windowHeight + p.strideHeight) / p.strideHeight);
  int left = max(0, (right - p.windowWidth + p.strideWidth) / p.strideWidth);
  if (bottom - p.windowHeight + 1 <= 0) top = 0;
  if (right - p.windowWidth + 1 <= 0) left = 0;
  for (int i = top; i < p.outHeight && i * p.strideHeight <= bottom; i++) {
    for (int j = left; j < p.outWidth && j * p.strideWidth <= right; j++) {
      body(((of.image * p.outHeight + i) * p.outWidth + j) * p.channels + of.channel, i, j);
    }
  }
}

KERNEL(maxPoolGradient, Pooling p, Array dy, Array x, Array dx) {
  Index n = p.batch * p.height * p.width * p.channels;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel of = pixel(t, p.height, p.width, p.channels);
    float sum = 0;
    eachWindow(p, of, [&](Index y, int i, int j) {
      if (greatestOf(p, x, of.image, i, j, of.channel) == t) sum += get(dy, y);
    });
    put(dx, t, sum);
  }
}

KERNEL(averagePool, Pooling p, Array x, Array y) {
  Index n = p.batch * p.outHeight * p.outWidth * p.channels;
  float size = float(p.windowHeight) * p.windowWidth;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    Pixel to = pixel(t, p.outHeight, p.outWidth, p.channels);
    float sum = 0;
    for (int ki = 0; ki < p.windowHeight; ki++) {
      int row = to.row * p.strideHeight - p.paddingHeight + ki;
      for (int kj = 0; kj < p.windowWidth; kj++) {
        int column = to.column * p.strideWidth - p.paddingWidth + kj;
        if (row >= 0 && row < p.height && column >= 0 && column < p.width) {
          sum += get(x, ((to.image * p.height + row) * p.width + column) * p.channels + to.channel);
        }
      }
    }
    put(y, t, sum / size);
  }
}

KERNEL(averagePoolGradient, Pooling p, Array dy, Array dx) {
  Index n = p.batch * p.height * p.width * p.channels;
  float size = float(p.windowHeight) * p.windowWidth;
  for (Index t = firstThread(); t < n; t += allThreads()) {
    float sum = 0;
    eachWindow(p, pixel(t, p.height, p.width, p.channels), [&](Index y, int, int) { sum += get(dy, y); });
    put(dx, t, sum / size);
  }
}
