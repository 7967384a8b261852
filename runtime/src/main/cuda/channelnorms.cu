// Batch and group norm of x (images, pixels, channels), as dev.mezzo.backend.ChannelNormKernels says. Sums over pixels are made in
// two steps: chunks of pixels for each channel, FP32 within a thread and FP64 between, then all chunks of a group.
#include "mezzo.cuh"

struct ChannelNorm {
  Index images;
  Index pixels;
  Index channels;
  Index groups;  // of an image
  double epsilon;
};

// How an image's pixels are cut: chunk c has pixels c * length, ..., up to the next.
struct Chunks {
  Index count;
  Index length;
};

// The group of a channel of an image, over all images.
__device__ __forceinline__ Index groupOf(const ChannelNorm& s, Index image, Index channel) {
  return image * s.groups + channel / (s.channels / s.groups);
}

// Threads of a block that sums over pixels: each takes eight channels and every so many pixels.
constexpr int SLOTS = 256;

// mean and sum of squared distances to it, of `count` numbers.
struct Moments {
  double count;
  double mean;
  double square;
};

// Chan, Golub and LeVeque: the moments of both.
__device__ __forceinline__ Moments both(Moments a, Moments b) {
  double count = a.count + b.count;
  if (count == 0) return a;
  double distance = b.mean - a.mean;
  return {count, a.mean + distance * b.count / count, a.square + b.square + distance * distance * a.count * b.count / count};
}

// Threads that stand side by side over channels; the others are below, on other pixels.
__device__ __forceinline__ int side(Index channels) { return int(min(Index(SLOTS), (channels + WIDTH - 1) / WIDTH)); }

// parts (images, chunks, channels, 2): mean and sum of squares of x. Each thread subtracts the first number it sees, so that squares do
// not cancel. Grid: a block for each chunk of each image.
BLOCK_KERNEL(channelMoments, ChannelNorm s, Chunks chunks, Array x, double* parts) {
  __shared__ float sums[SLOTS][WIDTH], squares[SLOTS][WIDTH], shifts[SLOTS][WIDTH];
  __shared__ int counts[SLOTS];
  int across = side(s.channels), below = SLOTS / across;
  int column = threadIdx.x % across, line = threadIdx.x / across;
  for (Index block = blockIdx.x; block < s.images * chunks.count; block += gridDim.x) {
    Index image = block / chunks.count, from = block % chunks.count * chunks.length, to = min(from + chunks.length, s.pixels);
    for (Index first = 0; first < s.channels; first += Index(across) * WIDTH) {
      Index channel = first + column * WIDTH;
      Eight sum = {}, square = {}, shift = {};
      int count = 0;
      if (channel < s.channels && line < below) {
        for (Index p = from + line; p < to; p += below) {
          Index row = (image * s.pixels + p) * s.channels;
          Eight v = load(x, row + channel, row + s.channels);
          if (count++ == 0) shift = v;
#pragma unroll
          for (int k = 0; k < WIDTH; k++) {
            float d = v.v[k] - shift.v[k];
            sum.v[k] += d;
            square.v[k] = fmaf(d, d, square.v[k]);
          }
        }
      }
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        sums[threadIdx.x][k] = sum.v[k];
        squares[threadIdx.x][k] = square.v[k];
        shifts[threadIdx.x][k] = shift.v[k];
      }
      counts[threadIdx.x] = count;
      __syncthreads();
      for (int own = threadIdx.x; own < across * WIDTH; own += SLOTS) {
        Moments all = {};
        for (int l = 0; l < below; l++) {
          int slot = l * across + own / WIDTH, k = own % WIDTH;
          double n = counts[slot];
          if (n > 0) {
            double mean = sums[slot][k] / n;
            all = both(all, {n, shifts[slot][k] + mean, squares[slot][k] - sums[slot][k] * mean});
          }
        }
        if (first + own < s.channels) {
          double* out = parts + 2 * (block * s.channels + first + own);
          out[0] = all.mean;
          out[1] = all.square;
        }
      }
      __syncthreads();
    }
  }
}

// moments (2, images, groups): mean and 1 / sqrt(variance + epsilon) of each group, from the parts. A warp takes a group.
BLOCK_KERNEL(groupMoments, ChannelNorm s, Chunks chunks, const double* parts, float* moments) {
  Index groups = s.images * s.groups, width = s.channels / s.groups;
  for (Index g = Group<LANES>::first(); g < groups; g += Group<LANES>::count()) {
    Index image = g / s.groups, first = g % s.groups * width;
    Moments all = {};
    for (Index t = Group<LANES>::lane(); t < chunks.count * width; t += LANES) {
      Index chunk = t / width, channel = first + t % width;
      double count = double(min(chunks.length, s.pixels - chunk * chunks.length));
      const double* of = parts + 2 * ((image * chunks.count + chunk) * s.channels + channel);
      all = both(all, {count, of[0], of[1]});
    }
    for (int step = LANES / 2; step > 0; step /= 2) {
      Moments other = {__shfl_xor_sync(ALL_LANES, all.count, step), __shfl_xor_sync(ALL_LANES, all.mean, step),
                       __shfl_xor_sync(ALL_LANES, all.square, step)};
      all = (threadIdx.x & step) == 0 ? both(all, other) : both(other, all);
    }
    if (Group<LANES>::lane() == 0) {
      moments[g] = all.count == 0 ? MEZZO_NAN : float(all.mean);
      moments[groups + g] = all.count == 0 ? MEZZO_NAN : float(1 / sqrt(all.square / all.count + s.epsilon));
    }
  }
}

// Running statistics follow: a channel whose moments are not finite is left as it is.
KERNEL(followMoments, ChannelNorm s, const float* moments, float momentum, float* runningMean, float* runningVariance) {
  double count = double(s.pixels) * double(s.channels / s.groups), unbiased = count / fmax(1.0, count - 1.0);
  for (Index c = firstThread(); c < s.channels; c += allThreads()) {
    double inverse = moments[s.channels + c], mean = moments[c];
    double variance = fmax(0.0, 1 / (inverse * inverse) - s.epsilon) * unbiased;
    bool finite = inverse == inverse && fabs(mean) < MEZZO_INFINITY && variance < MEZZO_INFINITY;
    if (finite) {
      runningMean[c] += float(momentum * (mean - runningMean[c]));
      runningVariance[c] += float(momentum * (variance - runningVariance[c]));
    }
  }
}

KERNEL(standingMoments, ChannelNorm s, const float* runningMean, const float* runningVariance, float* moments) {
  for (Index c = firstThread(); c < s.channels; c += allThreads()) {
    moments[c] = runningMean[c];
    moments[s.channels + c] = float(1 / sqrt(double(runningVariance[c]) + s.epsilon));
  }
}

// Calls body(first of eight in x, first channel, eight) for all elements; rows are those of channels.
template <class Body>
__device__ __forceinline__ void eachEight(const ChannelNorm& s, Body body) {
  Index across = (s.channels + WIDTH - 1) / WIDTH, all = s.images * s.pixels * across;
  for (Index t = firstThread(); t < all; t += allThreads()) {
    Index row = t / across;
    body(row * s.channels, t % across * WIDTH, row / s.pixels);
  }
}

// y = (x - mean) * factor * weight + bias.
KERNEL(channelNormalize, ChannelNorm s, Array x, const float* moments, Array weight, Array bias, Array y) {
  Index groups = s.images * s.groups;
  eachEight(s, [&](Index row, Index channel, Index image) {
    Eight v = load(x, row + channel, row + s.channels), w = load(weight, channel, s.channels), b = load(bias, channel, s.channels);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      if (channel + k < s.channels) {
        Index g = groupOf(s, image, channel + k);
        v.v[k] = (v.v[k] - moments[g]) * moments[groups + g] * w.v[k] + b.v[k];
      }
    }
    store(y, row + channel, row + s.channels, v);
  });
}

// parts (images, chunks, channels, 2): sums of dy and of dy * normalised x, as channelMoments.
BLOCK_KERNEL(channelSlopes, ChannelNorm s, Chunks chunks, Array dy, Array x, const float* moments, double* parts) {
  __shared__ float sums[SLOTS][WIDTH], products[SLOTS][WIDTH];
  int across = side(s.channels), below = SLOTS / across;
  int column = threadIdx.x % across, line = threadIdx.x / across;
  Index groups = s.images * s.groups;
  for (Index block = blockIdx.x; block < s.images * chunks.count; block += gridDim.x) {
    Index image = block / chunks.count, from = block % chunks.count * chunks.length, to = min(from + chunks.length, s.pixels);
    for (Index first = 0; first < s.channels; first += Index(across) * WIDTH) {
      Index channel = first + column * WIDTH;
      Eight sum = {}, product = {}, mean = {}, factor = {};
      if (channel < s.channels && line < below) {
#pragma unroll
        for (int k = 0; k < WIDTH; k++) {
          if (channel + k < s.channels) {
            mean.v[k] = moments[groupOf(s, image, channel + k)];
            factor.v[k] = moments[groups + groupOf(s, image, channel + k)];
          }
        }
        for (Index p = from + line; p < to; p += below) {
          Index row = (image * s.pixels + p) * s.channels;
          Eight d = load(dy, row + channel, row + s.channels), v = load(x, row + channel, row + s.channels);
#pragma unroll
          for (int k = 0; k < WIDTH; k++) {
            sum.v[k] += d.v[k];
            product.v[k] += d.v[k] * ((v.v[k] - mean.v[k]) * factor.v[k]);
          }
        }
      }
#pragma unroll
      for (int k = 0; k < WIDTH; k++) {
        sums[threadIdx.x][k] = sum.v[k];
        products[threadIdx.x][k] = product.v[k];
      }
      __syncthreads();
      for (int own = threadIdx.x; own < across * WIDTH; own += SLOTS) {
        double sumOf = 0, productOf = 0;
        for (int l = 0; l < below; l++) {
          sumOf += sums[l * across + own / WIDTH][own % WIDTH];
          productOf += products[l * across + own / WIDTH][own % WIDTH];
        }
        if (first + own < s.channels) {
          double* out = parts + 2 * (block * s.channels + first + own);
          out[0] = sumOf;
          out[1] = productOf;
        }
      }
      __syncthreads();
    }
  }
}

// dWeight and dBias, where they are wanted; they may add: a warp adds the parts of a channel.
BLOCK_KERNEL(channelParameters, ChannelNorm s, Chunks chunks, const double* parts, Array dWeight, Array dBias) {
  for (Index c = Group<LANES>::first(); c < s.channels; c += Group<LANES>::count()) {
    double sum = 0, product = 0;
    for (Index t = Group<LANES>::lane(); t < s.images * chunks.count; t += LANES) {
      sum += parts[2 * (t * s.channels + c)];
      product += parts[2 * (t * s.channels + c) + 1];
    }
    sum = overWarp<Sum>(sum);
    product = overWarp<Sum>(product);
    if (Group<LANES>::lane() != 0) continue;
    if (dWeight.data != nullptr) putSum(dWeight, c, float(product));
    if (dBias.data != nullptr) putSum(dBias, c, float(sum));
  }
}

// slopes (2, images, groups): means of dy * weight and of dy * weight * normalised x. A warp takes a group.
BLOCK_KERNEL(groupSlopes, ChannelNorm s, Chunks chunks, const double* parts, Array weight, float* slopes) {
  Index groups = s.images * s.groups, width = s.channels / s.groups;
  for (Index g = Group<LANES>::first(); g < groups; g += Group<LANES>::count()) {
    Index image = g / s.groups, first = g % s.groups * width;
    double sum = 0, product = 0, count = double(s.pixels) * double(width);
    for (Index t = Group<LANES>::lane(); t < chunks.count * width; t += LANES) {
      Index channel = first + t % width, at = 2 * ((image * chunks.count + t / width) * s.channels + channel);
      double w = get(weight, channel);
      sum += w * parts[at];
      product += w * parts[at + 1];
    }
    sum = overWarp<Sum>(sum);
    product = overWarp<Sum>(product);
    if (Group<LANES>::lane() == 0) {
      slopes[g] = float(sum / count);
      slopes[groups + g] = float(product / count);
    }
  }
}

// dx = factor * (dy * weight - mean slope - normalised x * mean product). In place on dy; dx may add.
KERNEL(channelGradient, ChannelNorm s, Array dy, Array x, const float* moments, const float* slopes, Array weight, Array dx) {
  Index groups = s.images * s.groups;
  eachEight(s, [&](Index row, Index channel, Index image) {
    Eight d = load(dy, row + channel, row + s.channels), v = load(x, row + channel, row + s.channels);
    Eight w = load(weight, channel, s.channels);
#pragma unroll
    for (int k = 0; k < WIDTH; k++) {
      if (channel + k < s.channels) {
        Index g = groupOf(s, image, channel + k);
        float factor = moments[groups + g], normal = (v.v[k] - moments[g]) * factor;
        d.v[k] = factor * (d.v[k] * w.v[k] - slopes[g] - normal * slopes[groups + g]);
      }
    }
    storeSum(dx, row + channel, row + s.channels, d);
  });
}
