// Compiles Mezzo's CUDA sources (src/main/cuda) for the host, so that tests run them without a GPU:
//
//   g++ -std=c++17 -O2 -march=native -ffp-contract=off -fno-strict-aliasing -fvisibility=hidden -fno-gnu-unique
//       -fPIC -shared -x c++ -include cuda_shim.h mezzo.cu -o libmezzo_kernels.so
//
// Every KERNEL(name, ...) and BLOCK_KERNEL(name, ...) exports, with C linkage,
//
//   int mezzo_kernel_<name>(const unsigned grid[3], const unsigned block[3], size_t shared, void** arguments)
//     runs it to its end; arguments as for cuLaunchKernel: the address of each parameter's value. Returns a CUresult: 0, or 1
//     (CUDA_ERROR_INVALID_VALUE) for a grid or block that a GPU would refuse.
//   int mezzo_parameter_<name>(size_t index, size_t* offset, size_t* size)
//     as cuFuncGetParamInfo: 0, or 1 beyond the last parameter.
//
// Threads of a KERNEL never wait for each other: they are a plain loop. Those of a BLOCK_KERNEL are fibers of one host thread,
// which take turns at __syncthreads and at what exchanges values in a warp. One launch runs at a time in a process.
// It finds no races, no missing barriers between warps whose order happens to be right, and no speed. What it does find ends
// the process with a message: a warp function that not all of a warp call, a barrier that not all reach, static shared memory
// beyond 48 KB, waiting in a KERNEL.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <type_traits>
#include <vector>
#include <sys/mman.h>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#define MEZZO_ON_HOST 1
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __shared__ static
#define __grid_constant__
#define __align__(n) alignas(n)
#define DYNAMIC_SHARED(name) unsigned char* name = mezzo_shim::dynamicShared()

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x = 1, y = 1, z = 1; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };

static uint3 threadIdx, blockIdx;
static dim3 blockDim, gridDim;

namespace mezzo_shim {

constexpr int WARP = 32, MOST_THREADS = 1024;
constexpr size_t STACK = 64 << 10, MOST_SHARED = 227 << 10;

[[noreturn]] inline void fail(const char* what) {
  fprintf(stderr, "cuda_shim: %s (block %u,%u,%u thread %u,%u,%u)\n", what, blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x,
          threadIdx.y, threadIdx.z);
  abort();
}

inline unsigned char* dynamicShared() {
  alignas(128) static unsigned char memory[MOST_SHARED];
  return memory;
}

// A switch of stacks: what a function keeps for its caller, and the stack pointer.
#if defined(__x86_64__)
extern "C" void mezzo_shim_switch(void** from, void* to);
asm(R"(
.text
.local mezzo_shim_switch
.type mezzo_shim_switch, @function
mezzo_shim_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");
using Place = void*;
inline void change(Place& from, Place& to) { mezzo_shim_switch(&from, to); }
inline void begin(Place& place, unsigned char* stack, void (*body)()) {
  uintptr_t* top = reinterpret_cast<uintptr_t*>(stack + STACK - 64);
  *--top = 0;  // where body's caller would be; keeps the stack aligned
  *--top = reinterpret_cast<uintptr_t>(body);
  for (int i = 0; i < 6; i++) *--top = 0;
  place = top;
}
#else
using Place = ucontext_t;
inline void change(Place& from, Place& to) { swapcontext(&from, &to); }
inline void begin(Place& place, unsigned char* stack, void (*body)()) {
  getcontext(&place);
  place.uc_stack.ss_sp = stack;
  place.uc_stack.ss_size = STACK;
  place.uc_link = nullptr;
  makecontext(&place, body, 0);
}
#endif

struct Barrier { int expected = 0, arrived = 0; unsigned generation = 0; };

struct Warp {
  Barrier barrier;
  unsigned char slots[2][WARP][16];
  bool second[WARP];
};

struct Block {
  int threads = 0, alive = 0, current = 0;
  long idle = 0;  // switches since anything happened
  bool fibers = false;
  void (*body)(void*) = nullptr;
  void* data = nullptr;
  Barrier barrier;
  Warp warps[MOST_THREADS / WARP];
  Place places[MOST_THREADS], home;
  bool done[MOST_THREADS];
  unsigned char* stacks = nullptr;
};
inline Block& block() { static Block one; return one; }

inline void place(Block& b, int thread) {
  b.current = thread;
  threadIdx.x = thread % blockDim.x;
  threadIdx.y = thread / blockDim.x % blockDim.y;
  threadIdx.z = thread / blockDim.x / blockDim.y;
}

// Lets the next thread of first, ..., first + count - 1 run that has not ended.
inline void passOn(Block& b, int first, int count) {
  int me = b.current, next = me;
  do {
    next = first + (next - first + 1) % count;
  } while (b.done[next] && next != me);
  if (next == me || ++b.idle > 64L * MOST_THREADS) fail("threads wait for each other: a barrier or warp function is not reached by all");
  place(b, next);
  change(b.places[me], b.places[next]);
}

inline void wait(Block& b, Barrier& barrier, int first, int count) {
  if (!b.fibers) fail("a KERNEL waits: declare it as BLOCK_KERNEL");
  b.idle = 0;
  unsigned generation = barrier.generation;
  if (++barrier.arrived == barrier.expected) {
    barrier.arrived = 0;
    barrier.generation++;
    return;
  }
  while (barrier.generation == generation) passOn(b, first, count);
}

inline void fiber() {
  Block& b = block();
  b.body(b.data);
  int me = b.current;
  b.done[me] = true;
  b.alive--;
  b.idle = 0;
  if (--b.barrier.expected == b.barrier.arrived && b.barrier.arrived > 0) {
    b.barrier.arrived = 0;
    b.barrier.generation++;
  }
  if (b.alive == 0) change(b.places[me], b.home);
  passOn(b, 0, b.threads);
  abort();
}

inline void runBlock(Block& b, size_t shared) {
  memset(dynamicShared(), 0xFF, shared);  // NaN in every type: nothing may be read before it is written
  if (!b.fibers) {
    for (int i = 0; i < b.threads; i++) {
      place(b, i);
      b.body(b.data);
    }
    return;
  }
  if (b.stacks == nullptr) {
    b.stacks = static_cast<unsigned char*>(
        mmap(nullptr, STACK * MOST_THREADS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (b.stacks == MAP_FAILED) fail("no memory for stacks");
  }
  b.alive = b.threads;
  b.idle = 0;
  b.barrier = Barrier{b.threads};
  for (int w = 0; w < b.threads / WARP; w++) {
    b.warps[w].barrier = Barrier{WARP};
    memset(b.warps[w].second, 0, sizeof b.warps[w].second);
  }
  for (int i = 0; i < b.threads; i++) {
    b.done[i] = false;
    begin(b.places[i], b.stacks + STACK * i, fiber);
  }
  place(b, 0);
  change(b.home, b.places[0]);
}

inline int runGrid(const unsigned grid[3], const unsigned threads[3], size_t shared, bool fibers, void (*body)(void*), void* data) {
  static std::mutex lock;
  std::lock_guard<std::mutex> guard(lock);
  size_t count = size_t(threads[0]) * threads[1] * threads[2];
  if (count == 0 || count > MOST_THREADS || threads[2] > 64 || grid[0] == 0 || grid[0] > 0x7FFFFFFFu || grid[1] == 0 ||
      grid[1] > 65535 || grid[2] == 0 || grid[2] > 65535 || shared > MOST_SHARED || (fibers && count % WARP != 0)) {
    return 1;
  }
  Block& b = block();
  b.threads = int(count);
  b.fibers = fibers;
  b.body = body;
  b.data = data;
  gridDim = {grid[0], grid[1], grid[2]};
  blockDim = {threads[0], threads[1], threads[2]};
  for (unsigned z = 0; z < grid[2]; z++) {
    for (unsigned y = 0; y < grid[1]; y++) {
      for (unsigned x = 0; x < grid[0]; x++) {
        blockIdx = {x, y, z};
        runBlock(b, shared);
      }
    }
  }
  return 0;
}

template <class... P, size_t... I>
int launch(void (*kernel)(P...), const unsigned* grid, const unsigned* threads, size_t shared, bool fibers, void** arguments,
           std::index_sequence<I...>) {
  auto call = [&] { kernel(*static_cast<std::remove_reference_t<P>*>(arguments[I])...); };
  return runGrid(grid, threads, shared, fibers, [](void* data) { (*static_cast<decltype(call)*>(data))(); }, &call);
}

template <class... P>
int launch(void (*kernel)(P...), const unsigned* grid, const unsigned* threads, size_t shared, bool fibers, void** arguments) {
  return launch(kernel, grid, threads, shared, fibers, arguments, std::index_sequence_for<P...>{});
}

template <class... P>
int parameter(void (*)(P...), size_t index, size_t* offset, size_t* size) {
  size_t sizes[] = {sizeof(P)..., 0}, alignments[] = {alignof(P)..., 1}, at = 0;
  if (index >= sizeof...(P)) return 1;
  for (size_t i = 0; i <= index; i++) {
    at = (at + alignments[i] - 1) / alignments[i] * alignments[i];
    if (i < index) at += sizes[i];
  }
  *offset = at;
  *size = sizes[index];
  return 0;
}

template <class T>
T exchange(unsigned mask, T value, int source) {
  static_assert(sizeof(T) <= 16, "up to 16 bytes");
  Block& b = block();
  if (mask != 0xFFFFFFFFu) fail("a warp function of some lanes only");
  int lane = b.current % WARP, first = b.current - lane;
  Warp& warp = b.warps[first / WARP];
  auto& slots = warp.slots[warp.second[lane]];
  warp.second[lane] = !warp.second[lane];
  memcpy(slots[lane], &value, sizeof value);
  wait(b, warp.barrier, first, WARP);
  memcpy(&value, slots[source & (WARP - 1)], sizeof value);
  return value;
}
inline int lane() { return block().current % WARP; }

// The values of all lanes.
template <class T>
void gather(T value, T (&all)[WARP]) {
  Block& b = block();
  int lane = b.current % WARP, first = b.current - lane;
  Warp& warp = b.warps[first / WARP];
  auto& slots = warp.slots[warp.second[lane]];
  warp.second[lane] = !warp.second[lane];
  memcpy(slots[lane], &value, sizeof value);
  wait(b, warp.barrier, first, WARP);
  for (int i = 0; i < WARP; i++) memcpy(&all[i], slots[i], sizeof value);
}

// mma.sync.aligned.m16n8k16 with FP32 accumulators, from PTX's description of who holds what: lane 4g + t has rows g and g + 8 of a and c,
// column g of b. read: of one 16-bit element.
template <class Read>
void mma16816(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2], Read read) {
  struct A { unsigned v[4]; } all[WARP];
  struct B { unsigned v[2]; } right[WARP];
  gather(A{{a[0], a[1], a[2], a[3]}}, all);
  gather(B{{b[0], b[1]}}, right);
  int g = lane() / 4, t = lane() % 4;
  for (int e = 0; e < 4; e++) {
    int row = g + e / 2 * 8, col = 2 * t + e % 2;
    float sum = c[e];
    for (int k = 0; k < 16; k++) {
      unsigned left = all[row % 8 * 4 + k % 8 / 2].v[row / 8 + k / 8 * 2], top = right[col * 4 + k % 8 / 2].v[k / 8];
      sum += read(static_cast<unsigned short>(left >> k % 2 * 16)) * read(static_cast<unsigned short>(top >> k % 2 * 16));
    }
    c[e] = sum;
  }
}

// ldmatrix, from PTX's description: lane l names row l % 8 of matrix l / 8.
inline void loadMatrices(unsigned (&r)[4], const unsigned short* row, bool transposed) {
  const unsigned short* rows[WARP];
  gather(row, rows);
  int g = lane() / 4, t = lane() % 4;
  for (int m = 0; m < 4; m++) {
    if (reinterpret_cast<uintptr_t>(rows[8 * m + g]) % 16 != 0) fail("ldmatrix of a row that is not aligned to 16 bytes");
    unsigned short first = transposed ? rows[8 * m + 2 * t][g] : rows[8 * m + g][2 * t];
    unsigned short second = transposed ? rows[8 * m + 2 * t + 1][g] : rows[8 * m + g][2 * t + 1];
    r[m] = first | unsigned(second) << 16;
  }
}

// cp.async: what a thread copies is there when it has waited, and not before. Zeros where there is no source.
struct Copy { void* to; const void* from; int bytes; };
inline std::vector<Copy>& copies() {
  static std::vector<Copy> all[MOST_THREADS];
  return all[block().current];
}
inline void copyLater(void* to, const void* from, int bytes) {
  if (reinterpret_cast<uintptr_t>(to) % bytes != 0 || reinterpret_cast<uintptr_t>(from) % bytes != 0) fail("cp.async is not aligned");
  copies().push_back({to, from, bytes});
}
inline void waitForCopies() {
  for (const Copy& copy : copies()) {
    if (copy.from == nullptr) memset(copy.to, 0, copy.bytes);
    else memcpy(copy.to, copy.from, copy.bytes);
  }
  copies().clear();
}
}  // namespace mezzo_shim

#define MEZZO_SHIM_EXPORT(name, fibers, ...)                                                                          \
  static void name(__VA_ARGS__);                                                                                      \
  extern "C" __attribute__((visibility("default"))) int mezzo_kernel_##name(const unsigned grid[3], const unsigned threads[3], \
                                                                            size_t shared, void** arguments) {       \
    return mezzo_shim::launch(&name, grid, threads, shared, fibers, arguments);                                       \
  }                                                                                                                   \
  extern "C" __attribute__((visibility("default"))) int mezzo_parameter_##name(size_t index, size_t* offset, size_t* size) { \
    return mezzo_shim::parameter(&name, index, offset, size);                                                         \
  }                                                                                                                   \
  static void name(__VA_ARGS__)
#define KERNEL(name, ...) MEZZO_SHIM_EXPORT(name, false, __VA_ARGS__)
#define BLOCK_KERNEL(name, ...) MEZZO_SHIM_EXPORT(name, true, __VA_ARGS__)

// What CUDA declares, as far as the kernels use it.
inline void __syncthreads() {
  auto& b = mezzo_shim::block();
  mezzo_shim::wait(b, b.barrier, 0, b.threads);
}
inline void __syncwarp(unsigned mask = 0xFFFFFFFFu) { mezzo_shim::exchange(mask, 0, 0); }
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  int lane = mezzo_shim::lane();
  return mezzo_shim::exchange(mask, value, lane / width * width + source % width);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  int lane = mezzo_shim::lane(), source = lane ^ bits;
  return mezzo_shim::exchange(mask, value, source / width > lane / width ? lane : source);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, int distance, int width = 32) {
  int lane = mezzo_shim::lane(), source = lane + distance;
  return mezzo_shim::exchange(mask, value, source / width == lane / width ? source : lane);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, int distance, int width = 32) {
  int lane = mezzo_shim::lane(), source = lane - distance;
  return mezzo_shim::exchange(mask, value, source >= lane / width * width ? source : lane);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  unsigned bits = predicate != 0 ? 1u << mezzo_shim::lane() : 0;
  for (int step = 16; step > 0; step /= 2) bits |= __shfl_xor_sync(mask, bits, step);
  return bits;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) == 0xFFFFFFFFu; }
inline void __threadfence() {}

template <class T> T atomicAdd(T* to, T value) { T old = *to; *to = old + value; return old; }
template <class T> T atomicOr(T* to, T value) { T old = *to; *to = old | value; return old; }
template <class T> T atomicExch(T* to, T value) { T old = *to; *to = value; return old; }
template <class T> T atomicMax(T* to, T value) { T old = *to; *to = old < value ? value : old; return old; }
template <class T> T atomicMin(T* to, T value) { T old = *to; *to = value < old ? value : old; return old; }
inline unsigned atomicInc(unsigned* to, unsigned most) { unsigned old = *to; *to = old >= most ? 0 : old + 1; return old; }
template <class T> T __ldg(const T* from) { return *from; }

template <class To, class From>
inline To mezzo_shim_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}
inline int __float_as_int(float x) { return mezzo_shim_bits<int>(x); }
inline unsigned __float_as_uint(float x) { return mezzo_shim_bits<unsigned>(x); }
inline float __int_as_float(int x) { return mezzo_shim_bits<float>(x); }
inline float __uint_as_float(unsigned x) { return mezzo_shim_bits<float>(x); }
inline long long __double_as_longlong(double x) { return mezzo_shim_bits<long long>(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(unsigned(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline float rsqrtf(float x) { return float(1 / std::sqrt(double(x))); }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __fdividef(float a, float b) { return a / b; }
template <class A, class B> constexpr std::common_type_t<A, B> min(A a, B b) { return b < a ? b : a; }
template <class A, class B> constexpr std::common_type_t<A, B> max(A a, B b) { return a < b ? b : a; }

