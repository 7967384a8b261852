// All kernels, as one module: a family a file.
#include "elementwise.cu"
#include "gemm.cu"
#include "losses.cu"
#include "movement.cu"
#include "reductions.cu"
#include "softmax.cu"
#include "updates.cu"
