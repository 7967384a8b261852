// A CUDA driver for tests on machines without a GPU: one device whose memory is the host's and whose kernels are those of
// src/main/cuda, compiled by g++ behind cuda_shim.h (libmezzo_kernels.so, beside the fake). Test code: no user finds it.
//
// What it shows: that calls, handles, arguments, bounds and the order of streams are right. What it does not: races, speed,
// tensor cores, the limits of a real GPU beyond those checked here.
//
// - Memory lies in one arena, which mezzo_fake_open closes to the host: a Java program that reads a device address then ends
//   with SIGSEGV. It takes a system call or two for each copy, so that only some tests ask for it. Blocks are filled with NaN, and have guards, which are checked when they are freed and by mezzo_fake_check.
// - A stream does nothing until someone waits for it, so that memory which is given up too early shows.
// - A capture records, and a graph runs what it recorded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace fake {

enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  FILE_NOT_FOUND = 301,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901,
};

using Work = std::function<int()>;

struct Event {
  uint64_t stream = 0;
  uint64_t recorded = 0;  // number of its record in the stream
  uint64_t happened = 0;
};

struct Stream {
  std::vector<Work> waiting;
  bool capturing = false, spoilt = false;
  std::vector<Work> captured;
};

struct Function {
  std::string name;
  int (*run)(const unsigned[3], const unsigned[3], size_t, void**);
  int (*parameter)(size_t, size_t*, size_t*);
  size_t allowedShared = 48 << 10;
};

struct Driver {
  std::recursive_mutex lock;
  bool initialized = false;
  int dead = 0;  // a sticky error
  int contexts = 0;
  uint64_t nextHandle = 0x1000;
  std::map<uint64_t, Stream> streams;
  std::map<uint64_t, Event> events;
  std::map<uint64_t, void*> modules;
  std::map<uint64_t, Function> functions;
  std::map<uint64_t, std::vector<Work>> graphs, executables;
  std::map<std::string, std::vector<std::pair<long, int>>> failures;  // function -> calls from now on, code
  std::map<std::string, long> calls;

  uint64_t handle() { return nextHandle += 16; }

  // Counts a call; returns an injected or a sticky error.
  int enter(const char* function, bool needsContext = true);
  // Hands work to a stream, or to what it captures.
  int give(uint64_t stream, Work work);
  int run(Stream& stream);
  int runAll();
  // An error for what no capture allows; spoils one that is under way.
  int notWhileCapturing();
};

Driver& driver();
extern thread_local uint64_t currentContext;

// Memory of the device.
int allocate(uint64_t* address, size_t bytes);
int release(uint64_t address);
void releaseAll();
// Whether all of the range is in one block.
bool inBlock(uint64_t address, size_t bytes);
bool guardsIntact(std::string* damage);
size_t freeBytes();
size_t liveBlocks();
void limit(size_t more);
void unlimit();
void openToHost(bool open);

// Lets this process touch the arena while it lives, where it is closed.
class Opened {
 public:
  Opened();
  ~Opened();
};

}  // namespace fake
