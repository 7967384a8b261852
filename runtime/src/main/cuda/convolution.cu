// Convolutions, as dev.mezzo.backend.ConvolutionKernels says: those of one group are products of matrices, for which `unfold` lays out
// what each output pixel reads, and `fold` adds up what each input pixel gave; those of several groups are computed as they are defined.
// x (batch, height, width, in), weight (out, kernelHeight, kernelWidth, in / groups), y (batch, outHeight, outWidth, out).
#include "images.cuh"
#include "functions.cuh"
#include "gemm.cuh"

struct Convolution {
  Index batch;
  int height;
  int width;
  int in;
  int out;
  int outHeight;
  int outWidth;
  int kernelHeight;
  int kernelWidth;
  int strideHeight;
  int strideWidth;
  int paddingHeight;
  int paddingWidth;
  int dilationHeight;
  int dilationWidth;
  int groups;
};

// The pixel of x that a kernel's pixel reads for one of y; negative in the padding.
__device__ __forceinline__ Index pixelOf(const Convolution& c, Index image, int i, int j, int ki, int kj) {
  int row = i * c.strideHeight - c.paddingHeight + ki * c.dilationHeight;
  int column = j * c.strideWidth - c.paddingWidth + kj * c.dilationWidth;
  bool inside = row >= 0 && row < c.height && column >= 0 && column < c.width;
  return inside ? (image * c.height + row) * c.width + column : -1;
}

// columns (images * outHeight * outWidth, kernelHeight * kernelWidth * in), of x's type: images from `first` on. One group. A thread takes
// eight neighbours of `in`.
KERNEL(unfold, Convolution c, Array x, Array columns, Index first, Index images) {
  Index across = (c.in + WIDTH - 1) / WIDTH, taps = c.kernelHeight * c.kernelWidth;
  Index all = images * c.outHeight * c.outWidth * taps * across;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    int channel = int(t % across) * WIDTH;
    Index row = t / across, tap = row % taps, y = row / taps;
    Pixel to = pixel(y, c.outHeight, c.outWidth, 1);
    Index from = pixelOf(c, first + to.image, to.row, to.column, int(tap / c.kernelWidth), int(tap % c.kernelWidth));
    Eight v = {};
    if (from >= 0) v = load(x, from * c.in + channel, (from + 1) * c.in);
    store(columns, row * c.in + channel, (row + 1) * c.in, v);
  }
}

// What is done to a sum before it is stored as element (., channel).
__device__ __forceinline__ float finished(const Epilogue& e, float sum, Index channel) {
  if (e.bias.data != nullptr) sum += get(e.bias, channel);
  return e.activation < 0 ? sum : unaryOne(e.activation, sum, e.a, e.b);
}

// Calls body(i, j, tap) for each output pixel and kernel pixel that read a pixel of x.
template <class Body>
__device__ __forceinline__ void eachReader(const Convolution& c, int row, int column, Body body) {
  for (int ki = 0; ki < c.kernelHeight; ki++) {
    int down = row + c.paddingHeight - ki * c.dilationHeight;
    if (down < 0 || down % c.strideHeight != 0 || down / c.strideHeight >= c.outHeight) continue;
    for (int kj = 0; kj < c.kernelWidth; kj++) {
      int across = column + c.paddingWidth - kj * c.dilationWidth;
      if (across < 0 || across % c.strideWidth != 0 || across / c.strideWidth >= c.outWidth) continue;
      body(down / c.strideHeight, across / c.strideWidth, ki * c.kernelWidth + kj);
    }
  }
}

// dx of images from `first` on = epilogue(sum of the columns' elements that were read from it); columns FP32, as unfold's. One group.
KERNEL(fold, Convolution c, const float* columns, Array dx, Index first, Index images, Epilogue epilogue) {
  Index all = images * c.height * c.width * c.in, taps = c.kernelHeight * c.kernelWidth;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    Pixel of = pixel(t, c.height, c.width, c.in);
    float sum = 0;
    eachReader(c, of.row, of.column, [&](int i, int j, int tap) {
      Index y = (of.image * c.outHeight + i) * c.outWidth + j;
      sum += columns[(y * taps + tap) * c.in + of.channel];
    });
    put(dx, first * c.height * c.width * c.in + t, finished(epilogue, sum, of.channel));
  }
}

// y, of any number of groups. A thread takes an element.
KERNEL(convolveGroups, Convolution c, Array x, Array weight, Array y, Epilogue epilogue) {
  Index all = c.batch * c.outHeight * c.outWidth * c.out;
  int groupIn = c.in / c.groups, groupOut = c.out / c.groups;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    Pixel to = pixel(t, c.outHeight, c.outWidth, c.out);
    Index w = Index(to.channel) * c.kernelHeight * c.kernelWidth * groupIn;
    float sum = 0;
    for (int ki = 0; ki < c.kernelHeight; ki++) {
      for (int kj = 0; kj < c.kernelWidth; kj++) {
        Index from = pixelOf(c, to.image, to.row, to.column, ki, kj);
        for (int k = 0; k < groupIn; k++, w++) {
          float value = from < 0 ? 0 : get(x, from * c.in + to.channel / groupOut * groupIn + k);
          sum = fmaf(value, get(weight, w), sum);
        }
      }
    }
    put(y, t, finished(epilogue, sum, to.channel));
  }
}

// dx, of any number of groups. A thread takes an element.
KERNEL(convolveGroupsGradientX, Convolution c, Array dy, Array weight, Array dx, Epilogue epilogue) {
  Index all = c.batch * c.height * c.width * c.in;
  int groupIn = c.in / c.groups, groupOut = c.out / c.groups, taps = c.kernelHeight * c.kernelWidth;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    Pixel of = pixel(t, c.height, c.width, c.in);
    int firstOut = of.channel / groupIn * groupOut;
    float sum = 0;
    eachReader(c, of.row, of.column, [&](int i, int j, int tap) {
      Index y = ((of.image * c.outHeight + i) * c.outWidth + j) * c.out;
      for (int o = firstOut; o < firstOut + groupOut; o++) {
        sum = fmaf(get(dy, y + o), get(weight, (Index(o) * taps + tap) * groupIn + of.channel % groupIn), sum);
      }
    });
    put(dx, t, finished(epilogue, sum, of.channel));
  }
}

// dWeight, of any number of groups; it may add: a block sums over all pixels for an element.
BLOCK_KERNEL(convolveGroupsGradientWeight, Convolution c, Array dy, Array x, Array dWeight) {
  int groupIn = c.in / c.groups, groupOut = c.out / c.groups, taps = c.kernelHeight * c.kernelWidth;
  Index pixels = c.batch * c.outHeight * c.outWidth;
  for (Index t = blockIdx.x; t < Index(c.out) * taps * groupIn; t += gridDim.x) {
    int k = int(t % groupIn), tap = int(t / groupIn % taps), o = int(t / groupIn / taps);
    float sum = 0;
    for (Index p = threadIdx.x; p < pixels; p += blockDim.x) {
      Pixel to = pixel(p, c.outHeight, c.outWidth, 1);
      Index from = pixelOf(c, to.image, to.row, to.column, tap / c.kernelWidth, tap % c.kernelWidth);
      float value = from < 0 ? 0 : get(x, from * c.in + o / groupOut * groupIn + k);
      sum = fmaf(value, get(dy, p * c.out + o), sum);
    }
    sum = overBlock<Sum>(sum, 0.0f);
    if (threadIdx.x == 0) putSum(dWeight, t, sum);
  }
}
