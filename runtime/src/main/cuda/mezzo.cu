// All kernels, as one module: a family a file.
#include "elementwise.cu"
#include "movement.cu"
