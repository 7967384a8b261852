// What is done to results of products and convolutions.
#pragma once
#include "mezzo.cuh"

// What is done to FP32 accumulators, as dev.mezzo.backend.Epilogue; activation -1 for none.
struct Epilogue {
  Array bias;
  int activation;
  int accumulate;
  float a;
  float b;
};
