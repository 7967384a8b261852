// Images are (batch, height, width, channels).
#pragma once
#include "mezzo.cuh"

// A place in an image.
struct Pixel {
  Index image;
  int row;
  int column;
  int channel;
};

__device__ __forceinline__ Pixel pixel(Index i, int height, int width, int channels) {
  Index at = i / channels;
  return {at / width / height, int(at / width % height), int(at % width), int(i % channels)};
}
