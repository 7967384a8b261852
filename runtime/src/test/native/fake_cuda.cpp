// The fake driver's functions, as libcuda.so.1 exports them. See fake_cuda.h.
#include "fake_cuda.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

namespace fake {

thread_local uint64_t currentContext = 0;

Driver& driver() {
  static Driver one;
  return one;
}

int Driver::enter(const char* function, bool needsContext) {
  calls[function]++;
  auto& planned = failures[function];
  for (auto it = planned.begin(); it != planned.end(); ++it) {
    if (--it->first == 0) {
      int code = it->second;
      planned.erase(it);
      if (code == 700 || code == 719) dead = code;
      return code;
    }
  }
  if (dead != 0) return dead;
  if (!initialized) return NOT_INITIALIZED;
  if (needsContext && (currentContext == 0 || contexts == 0)) return INVALID_CONTEXT;
  return SUCCESS;
}

int Driver::give(uint64_t handle, Work work) {
  auto found = streams.find(handle);
  if (found == streams.end()) return INVALID_HANDLE;
  Stream& stream = found->second;
  (stream.capturing ? stream.captured : stream.waiting).push_back(std::move(work));
  return SUCCESS;
}

int Driver::run(Stream& stream) {
  Opened opened;
  std::vector<Work> work = std::move(stream.waiting);
  stream.waiting.clear();
  for (Work& one : work) {
    int code = one();
    if (code != 0) {
      dead = code;
      return code;
    }
  }
  return SUCCESS;
}

int Driver::runAll() {
  for (auto& entry : streams) {
    int code = run(entry.second);
    if (code != 0) return code;
  }
  return SUCCESS;
}

int Driver::notWhileCapturing() {
  for (auto& entry : streams) {
    if (entry.second.capturing) {
      entry.second.spoilt = true;
      return CAPTURE_UNSUPPORTED;
    }
  }
  return SUCCESS;
}

}  // namespace fake

using namespace fake;

#define ENTER(function, ...)                                   \
  std::lock_guard<std::recursive_mutex> guard(driver().lock); \
  if (int code = driver().enter(function, ##__VA_ARGS__)) return code
#define NOT_WHILE_CAPTURING \
  if (int code = driver().notWhileCapturing()) return code

// Devices and contexts.

EXPORT int cuInit(unsigned) {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  driver().initialized = true;
  return driver().enter("cuInit", false);
}

EXPORT int cuDriverGetVersion(int* version) {
  *version = 13000;
  return SUCCESS;
}

EXPORT int cuGetErrorName(int code, const char** name) {
  static thread_local std::string text;
  text = "CUDA_ERROR_" + std::to_string(code);
  *name = code == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : code == ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS" : text.c_str();
  return SUCCESS;
}

EXPORT int cuGetErrorString(int, const char** text) {
  *text = "an error of the fake driver";
  return SUCCESS;
}

EXPORT int cuDeviceGetCount(int* count) {
  ENTER("cuDeviceGetCount", false);
  *count = 1;
  return SUCCESS;
}

EXPORT int cuDeviceGet(int* device, int ordinal) {
  ENTER("cuDeviceGet", false);
  *device = ordinal;
  return ordinal == 0 ? SUCCESS : INVALID_DEVICE;
}

EXPORT int cuDeviceGetName(char* name, int length, int) {
  ENTER("cuDeviceGetName", false);
  snprintf(name, size_t(length), "fake GPU of Mezzo's tests");
  return SUCCESS;
}

EXPORT int cuDeviceTotalMem_v2(size_t* bytes, int) {
  ENTER("cuDeviceTotalMem_v2", false);
  *bytes = size_t(4) << 30;
  return SUCCESS;
}

EXPORT int cuDeviceGetAttribute(int* value, int attribute, int) {
  ENTER("cuDeviceGetAttribute", false);
  switch (attribute) {
    case 16: *value = 4; return SUCCESS;
    case 38: *value = 4 << 20; return SUCCESS;
    case 75: *value = 9; return SUCCESS;
    case 76: *value = 0; return SUCCESS;
    case 97: *value = 227 << 10; return SUCCESS;
    default: return INVALID_VALUE;
  }
}

EXPORT int cuDevicePrimaryCtxRetain(uint64_t* context, int device) {
  ENTER("cuDevicePrimaryCtxRetain", false);
  driver().contexts++;
  *context = 0xC0;
  return device == 0 ? SUCCESS : INVALID_DEVICE;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int) {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  if (--driver().contexts == 0) releaseAll();
  return driver().dead;
}

EXPORT int cuCtxSetCurrent(uint64_t context) {
  ENTER("cuCtxSetCurrent", false);
  currentContext = context;
  return context == 0xC0 ? SUCCESS : INVALID_CONTEXT;
}

// Memory.

EXPORT int cuMemGetInfo_v2(size_t* free, size_t* total) {
  ENTER("cuMemGetInfo_v2");
  *free = freeBytes();
  *total = size_t(4) << 30;
  return SUCCESS;
}

EXPORT int cuMemAlloc_v2(uint64_t* address, size_t bytes) {
  ENTER("cuMemAlloc_v2");
  NOT_WHILE_CAPTURING;
  return allocate(address, bytes);
}

EXPORT int cuMemFree_v2(uint64_t address) {
  ENTER("cuMemFree_v2");
  NOT_WHILE_CAPTURING;
  if (int code = driver().runAll()) return code;
  return release(address);
}

EXPORT int cuMemHostAlloc(void** address, size_t bytes, unsigned) {
  ENTER("cuMemHostAlloc");
  *address = malloc(bytes);
  return *address == nullptr ? OUT_OF_MEMORY : SUCCESS;
}

EXPORT int cuMemFreeHost(void* address) {
  ENTER("cuMemFreeHost");
  NOT_WHILE_CAPTURING;
  if (int code = driver().runAll()) return code;
  free(address);
  return SUCCESS;
}

// Host memory is read when the stream comes to it: pinned memory that is written to before shows.
EXPORT int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, uint64_t stream) {
  ENTER("cuMemcpyHtoDAsync_v2");
  if (!inBlock(to, bytes)) return INVALID_VALUE;
  return driver().give(stream, [=] {
    memcpy(reinterpret_cast<void*>(to), from, bytes);
    return SUCCESS;
  });
}

EXPORT int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, uint64_t stream) {
  ENTER("cuMemcpyDtoHAsync_v2");
  if (!inBlock(from, bytes)) return INVALID_VALUE;
  return driver().give(stream, [=] {
    memcpy(to, reinterpret_cast<const void*>(from), bytes);
    return SUCCESS;
  });
}

EXPORT int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, uint64_t stream) {
  ENTER("cuMemcpyDtoDAsync_v2");
  if (!inBlock(to, bytes) || !inBlock(from, bytes)) return INVALID_VALUE;
  return driver().give(stream, [=] {
    memmove(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
    return SUCCESS;
  });
}

EXPORT int cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, uint64_t stream) {
  ENTER("cuMemsetD8Async");
  if (!inBlock(to, bytes)) return INVALID_VALUE;
  return driver().give(stream, [=] {
    memset(reinterpret_cast<void*>(to), value, bytes);
    return SUCCESS;
  });
}

// Streams and events.

EXPORT int cuStreamCreate(uint64_t* stream, unsigned) {
  ENTER("cuStreamCreate");
  *stream = driver().handle();
  driver().streams[*stream];
  return SUCCESS;
}

EXPORT int cuStreamSynchronize(uint64_t stream) {
  ENTER("cuStreamSynchronize");
  auto found = driver().streams.find(stream);
  if (found == driver().streams.end()) return INVALID_HANDLE;
  NOT_WHILE_CAPTURING;
  return driver().run(found->second);
}

EXPORT int cuStreamDestroy_v2(uint64_t stream) {
  ENTER("cuStreamDestroy_v2");
  auto found = driver().streams.find(stream);
  if (found == driver().streams.end()) return INVALID_HANDLE;
  int code = driver().run(found->second);
  driver().streams.erase(found);
  return code;
}

EXPORT int cuEventCreate(uint64_t* event, unsigned) {
  ENTER("cuEventCreate");
  *event = driver().handle();
  driver().events[*event];
  return SUCCESS;
}

EXPORT int cuEventRecord(uint64_t event, uint64_t stream) {
  ENTER("cuEventRecord");
  auto found = driver().events.find(event);
  if (found == driver().events.end()) return INVALID_HANDLE;
  found->second.stream = stream;
  uint64_t number = ++found->second.recorded;
  return driver().give(stream, [=] {
    driver().events[event].happened = number;
    return SUCCESS;
  });
}

static int waitFor(uint64_t event) {
  auto found = driver().events.find(event);
  if (found == driver().events.end()) return INVALID_HANDLE;
  if (found->second.happened == found->second.recorded) return SUCCESS;
  return driver().run(driver().streams[found->second.stream]);
}

EXPORT int cuEventSynchronize(uint64_t event) {
  ENTER("cuEventSynchronize");
  NOT_WHILE_CAPTURING;
  return waitFor(event);
}

EXPORT int cuStreamWaitEvent(uint64_t stream, uint64_t event, unsigned) {
  ENTER("cuStreamWaitEvent");
  return driver().give(stream, [=] { return waitFor(event); });
}

EXPORT int cuEventElapsedTime(float* milliseconds, uint64_t start, uint64_t end) {
  ENTER("cuEventElapsedTime");
  *milliseconds = 1;
  return driver().events.count(start) + driver().events.count(end) == 2 ? SUCCESS : INVALID_HANDLE;
}

EXPORT int cuEventDestroy_v2(uint64_t event) {
  ENTER("cuEventDestroy_v2");
  return driver().events.erase(event) == 1 ? SUCCESS : INVALID_HANDLE;
}

// Modules and kernels.

// A library that fake_nvrtc made, which lies in a file only while it is opened.
static void* openImage(const unsigned char* image) {
  uint64_t sections;
  uint16_t size, count;
  memcpy(&sections, image + 0x28, 8);
  memcpy(&size, image + 0x3A, 2);
  memcpy(&count, image + 0x3C, 2);
  char path[] = "/tmp/mezzo-fake-cuda-XXXXXX";
  int file = mkstemp(path);
  size_t bytes = sections + uint64_t(size) * count;  // the table of sections is the last thing in it
  bool written = file >= 0 && write(file, image, bytes) == ssize_t(bytes);
  if (file >= 0) close(file);
  void* opened = written ? dlopen(path, RTLD_NOW) : nullptr;
  unlink(path);
  return opened;
}

// The kernels of a fatbin are those beside this library, whatever is in it.
static void* openKernels() {
  Dl_info self;
  dladdr(reinterpret_cast<void*>(&cuInit), &self);
  std::string path = self.dli_fname;
  return dlopen((path.substr(0, path.rfind('/')) + "/libmezzo_kernels.so").c_str(), RTLD_NOW);
}

EXPORT int cuModuleLoadDataEx(uint64_t* module, const void* image, unsigned, void*, void*) {
  ENTER("cuModuleLoadDataEx");
  NOT_WHILE_CAPTURING;
  uint32_t magic;
  memcpy(&magic, image, sizeof magic);
  constexpr uint32_t FATBIN = 0xBA55ED50, ELF = 0x464C457F;
  if (magic != FATBIN && magic != ELF) return INVALID_IMAGE;
  void* kernels = magic == FATBIN ? openKernels() : openImage(static_cast<const unsigned char*>(image));
  if (kernels == nullptr) {
    fprintf(stderr, "fake_cuda: %s\n", dlerror());
    return FILE_NOT_FOUND;
  }
  *module = driver().handle();
  driver().modules[*module] = kernels;
  return SUCCESS;
}

EXPORT int cuModuleUnload(uint64_t module) {
  ENTER("cuModuleUnload");
  return driver().modules.erase(module) == 1 ? SUCCESS : INVALID_HANDLE;
}

EXPORT int cuModuleGetFunction(uint64_t* function, uint64_t module, const char* name) {
  ENTER("cuModuleGetFunction");
  auto found = driver().modules.find(module);
  if (found == driver().modules.end()) return INVALID_HANDLE;
  Function one{name, nullptr, nullptr};
  void* run = dlsym(found->second, ("mezzo_kernel_" + one.name).c_str());
  void* parameter = dlsym(found->second, ("mezzo_parameter_" + one.name).c_str());
  if (run == nullptr || parameter == nullptr) return NOT_FOUND;
  one.run = reinterpret_cast<decltype(one.run)>(run);
  one.parameter = reinterpret_cast<decltype(one.parameter)>(parameter);
  *function = driver().handle();
  driver().functions[*function] = one;
  return SUCCESS;
}

EXPORT int cuFuncSetAttribute(uint64_t function, int attribute, int value) {
  ENTER("cuFuncSetAttribute");
  auto found = driver().functions.find(function);
  if (found == driver().functions.end()) return INVALID_HANDLE;
  if (attribute != 8 || value < 0 || value > 227 << 10) return INVALID_VALUE;
  found->second.allowedShared = size_t(value);
  return SUCCESS;
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, uint64_t function, int threads, size_t) {
  ENTER("cuOccupancyMaxActiveBlocksPerMultiprocessor");
  *blocks = 2048 / threads;
  return driver().functions.count(function) == 1 ? SUCCESS : INVALID_HANDLE;
}

// Checks a start of a kernel, and copies its arguments: the caller's are gone when it runs.
static int prepare(uint64_t function, const unsigned (&grid)[3], const unsigned (&block)[3], unsigned shared, void** arguments,
                   Work* work) {
  auto found = driver().functions.find(function);
  if (found == driver().functions.end()) return INVALID_HANDLE;
  Function& kernel = found->second;
  if (grid[0] == 0 || grid[0] > 0x7FFFFFFF || grid[1] == 0 || grid[1] > 65535 || grid[2] == 0 || grid[2] > 65535) return INVALID_VALUE;
  uint64_t threads = uint64_t(block[0]) * block[1] * block[2];
  if (threads == 0 || threads > 1024 || shared > kernel.allowedShared) return INVALID_VALUE;
  std::vector<std::vector<unsigned char>> values;
  size_t offset, size;
  for (size_t i = 0; kernel.parameter(i, &offset, &size) == 0; i++) {
    auto* from = static_cast<unsigned char*>(arguments[i]);
    values.emplace_back(from, from + size);
  }
  auto run = kernel.run;
  std::vector<unsigned> sizes{grid[0], grid[1], grid[2], block[0], block[1], block[2]};
  *work = [=]() mutable {
    std::vector<void*> copies;
    for (auto& value : values) copies.push_back(value.data());
    return run(sizes.data(), sizes.data() + 3, shared, copies.data());
  };
  return SUCCESS;
}

EXPORT int cuLaunchKernel(uint64_t function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                          unsigned blockZ, unsigned shared, uint64_t stream, void** arguments, void**) {
  ENTER("cuLaunchKernel");
  Work work;
  if (int code = prepare(function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, shared, arguments, &work)) return code;
  return driver().give(stream, work);
}

// Graphs.

EXPORT int cuStreamBeginCapture_v2(uint64_t stream, int) {
  ENTER("cuStreamBeginCapture_v2");
  auto found = driver().streams.find(stream);
  if (found == driver().streams.end()) return INVALID_HANDLE;
  if (found->second.capturing) return INVALID_VALUE;
  found->second.capturing = true;
  found->second.spoilt = false;
  found->second.captured.clear();
  return SUCCESS;
}

// Ends the capture, whatever it returns.
EXPORT int cuStreamEndCapture(uint64_t stream, uint64_t* graph) {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  auto found = driver().streams.find(stream);
  bool captured = found != driver().streams.end() && found->second.capturing;
  if (captured) found->second.capturing = false;
  if (int code = driver().enter("cuStreamEndCapture")) return code;
  if (found == driver().streams.end()) return INVALID_HANDLE;
  if (!captured) return INVALID_VALUE;
  *graph = 0;
  if (found->second.spoilt) return CAPTURE_INVALIDATED;
  *graph = driver().handle();
  driver().graphs[*graph] = std::move(found->second.captured);
  return SUCCESS;
}

// A node is the number of a recorded piece of work, from 1 on.
EXPORT int cuStreamGetCaptureInfo_v2(uint64_t stream, int* status, uint64_t* id, uint64_t* graph, const uint64_t** dependencies,
                                     size_t* count) {
  ENTER("cuStreamGetCaptureInfo_v2");
  static thread_local uint64_t last;
  auto found = driver().streams.find(stream);
  if (found == driver().streams.end()) return INVALID_HANDLE;
  *status = found->second.capturing ? 1 : 0;
  *id = 1;
  *graph = 0;
  last = found->second.captured.size();
  *dependencies = &last;
  *count = found->second.capturing && last > 0 ? 1 : 0;
  return SUCCESS;
}

struct KernelNode { uint64_t function; unsigned grid[3], block[3], shared; void** arguments; void** extra; uint64_t kernel, context; };
static_assert(sizeof(KernelNode) == 72, "as CUDA_KERNEL_NODE_PARAMS_v2");

EXPORT int cuGraphExecKernelNodeSetParams_v2(uint64_t executable, uint64_t node, const KernelNode* parameters) {
  ENTER("cuGraphExecKernelNodeSetParams_v2");
  auto found = driver().executables.find(executable);
  if (found == driver().executables.end()) return INVALID_HANDLE;
  if (node == 0 || node > found->second.size()) return INVALID_VALUE;
  return prepare(parameters->function, parameters->grid, parameters->block, parameters->shared, parameters->arguments,
                 &found->second[node - 1]);
}

EXPORT int cuGraphInstantiateWithFlags(uint64_t* executable, uint64_t graph, unsigned long long) {
  ENTER("cuGraphInstantiateWithFlags");
  auto found = driver().graphs.find(graph);
  if (found == driver().graphs.end()) return INVALID_HANDLE;
  *executable = driver().handle();
  driver().executables[*executable] = found->second;
  return SUCCESS;
}

EXPORT int cuGraphLaunch(uint64_t executable, uint64_t stream) {
  ENTER("cuGraphLaunch");
  auto found = driver().executables.find(executable);
  if (found == driver().executables.end()) return INVALID_HANDLE;
  for (Work& work : found->second) {
    if (int code = driver().give(stream, work)) return code;
  }
  return SUCCESS;
}

EXPORT int cuGraphDestroy(uint64_t graph) {
  ENTER("cuGraphDestroy");
  return driver().graphs.erase(graph) == 1 ? SUCCESS : INVALID_HANDLE;
}

EXPORT int cuGraphExecDestroy(uint64_t executable) {
  ENTER("cuGraphExecDestroy");
  return driver().executables.erase(executable) == 1 ? SUCCESS : INVALID_HANDLE;
}

// What the fake cuBLASLt calls.

EXPORT int mezzo_fake_give(uint64_t stream, int (*work)(void*), void* data) {
  ENTER("mezzo_fake_give");
  return driver().give(stream, [=] { return work(data); });
}

EXPORT int mezzo_fake_in_block(const void* address, size_t bytes) {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  return bytes == 0 || inBlock(reinterpret_cast<uint64_t>(address), bytes);
}

// What tests alone call.

// The calls-th call of a function from now on returns code; 700 and 719 stay.
EXPORT void mezzo_fake_fail(const char* function, long calls, int code) {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  driver().failures[function].push_back({calls, code});
}

// No more than these bytes are to be had.
EXPORT void mezzo_fake_limit(size_t bytes) {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  limit(bytes);
}

EXPORT long mezzo_fake_calls(const char* function) {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  return driver().calls[function];
}

EXPORT size_t mezzo_fake_blocks() {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  return liveBlocks();
}

// Lets the host touch the device's memory, or not, while the fake does not work on it.
EXPORT void mezzo_fake_open(int open) {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  openToHost(open != 0);
}

// 1 if every guard is intact.
EXPORT int mezzo_fake_check() {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  std::string damage;
  if (guardsIntact(&damage)) return 1;
  fprintf(stderr, "fake_cuda: %s\n", damage.c_str());
  return 0;
}

// No failures, no limit but the GPU's memory, no death.
EXPORT void mezzo_fake_reset() {
  std::lock_guard<std::recursive_mutex> guard(driver().lock);
  driver().dead = 0;
  driver().failures.clear();
  openToHost(true);
  unlimit();
}
