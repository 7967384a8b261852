// Element-wise programs (dev.mezzo.backend.FusedProgram) in one pass: each operand is read once, each result written once. The
// kernel interprets the program, whose values lie in shared memory, eight for each thread: what a model's own programs do without
// a compiler at hand.
#include "broadcast.cuh"
#include "functions.cuh"

constexpr int FUSED_OPERANDS = 16, FUSED_RESULTS = 8, FUSED_STEPS = 96;

enum FusedKind { CONSTANT, SCALED, OF_ONE, GRADIENT_OF_ONE, OF_TWO, OF_THREE };

// to = kind(x, y, z): numbers of slots; function: an ordinal; a and b: its numbers, or the constant or factor.
struct FusedStep {
  unsigned char kind;
  unsigned char function;
  unsigned char to;
  unsigned char x;
  unsigned char y;
  unsigned char z;
  unsigned short unused;
  float a;
  float b;
};

// Operand k is read to slot k first; result k is written from slot results[k] last.
struct FusedProgram {
  int operands;
  int steps;
  int results;
  int unused;
  unsigned char from[FUSED_RESULTS];
  FusedStep program[FUSED_STEPS];
};

struct FusedArrays {
  Array operands[FUSED_OPERANDS];
  Array results[FUSED_RESULTS];
};

// A slot holds eight numbers for each thread, as two rows of four, so that neighbouring threads use neighbouring banks.
__device__ __forceinline__ Eight readSlot(const float4* slots, int slot) {
  float4 low = slots[2 * slot * blockDim.x + threadIdx.x], high = slots[(2 * slot + 1) * blockDim.x + threadIdx.x];
  return {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
}

__device__ __forceinline__ void writeSlot(float4* slots, int slot, const Eight& x) {
  slots[2 * slot * blockDim.x + threadIdx.x] = {x.v[0], x.v[1], x.v[2], x.v[3]};
  slots[(2 * slot + 1) * blockDim.x + threadIdx.x] = {x.v[4], x.v[5], x.v[6], x.v[7]};
}

// In place: a result may be the memory of an operand of the same type that is not repeated.
KERNEL(fused, const __grid_constant__ FusedArrays arrays, Index n, const __grid_constant__ Walk<FUSED_OPERANDS> walk, const __grid_constant__ FusedProgram program) {
  DYNAMIC_SHARED(memory);
  float4* slots = reinterpret_cast<float4*>(memory);
  for (Index i = firstThread() * WIDTH; i < n; i += allThreads() * WIDTH) {
    for (int k = 0; k < program.operands; k++) {
      bool plain = walk.rank == 1 && walk.strides[k][0] == 1;
      Array x = arrays.operands[k];
      writeSlot(slots, k, plain ? load(x, i, n) : loadBroadcast(x, int(walk.rank), walk.dims, walk.strides + k, i, n));
    }
    for (int s = 0; s < program.steps; s++) {
      FusedStep step = program.program[s];
      Eight x;
      if (step.kind == CONSTANT) {
#pragma unroll
        for (int k = 0; k < WIDTH; k++) x.v[k] = step.a;
      } else {
        x = readSlot(slots, step.x);
      }
      switch (step.kind) {
        case SCALED:
#pragma unroll
          for (int k = 0; k < WIDTH; k++) x.v[k] *= step.a;
          break;
        case OF_ONE: x = unaryOf(step.function, step.a, step.b, x); break;
        case GRADIENT_OF_ONE: x = unaryGradientOf(step.function, step.a, step.b, x, readSlot(slots, step.y)); break;
        case OF_TWO: x = binaryOf(step.function, x, readSlot(slots, step.y)); break;
        case OF_THREE: x = ternaryOf(step.function, x, readSlot(slots, step.y), readSlot(slots, step.z)); break;
        default: break;
      }
      writeSlot(slots, step.to, x);
    }
    for (int k = 0; k < program.results; k++) store(arrays.results[k], i, n, readSlot(slots, program.from[k]));
  }
}
