// The fake device's memory: an arena that can be closed to the host but while the fake works on it.
#include "fake_cuda.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>

namespace fake {
namespace {

constexpr size_t ARENA = size_t(16) << 30, MEMORY = size_t(4) << 30, GUARD = 256, ALIGNMENT = 256;
constexpr unsigned char PATTERN = 0xA5;

struct Arena {
  unsigned char* base;
  std::map<uint64_t, size_t> live;        // address -> bytes
  std::multimap<size_t, uint64_t> freed;  // whole bytes -> address of the first guard
  size_t end = 0, used = 0, most = MEMORY;
  int opened = 0;
  bool open = true;  // to the host, always

  Arena() {
    void* mapped = mmap(nullptr, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
      fprintf(stderr, "fake_cuda: no address space for %zu bytes\n", ARENA);
      abort();
    }
    base = static_cast<unsigned char*>(mapped);
  }

  void protect(int how) {
    if (!open) mprotect(base, (end + 4095) / 4096 * 4096, how);
  }
};

Arena& arena() {
  static Arena one;
  return one;
}

size_t whole(size_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + 2 * GUARD; }

bool intact(uint64_t address, size_t bytes) {
  auto* data = reinterpret_cast<unsigned char*>(address);
  for (size_t i = 1; i <= GUARD; i++) {
    if (data[-static_cast<ptrdiff_t>(i)] != PATTERN) return false;
  }
  for (unsigned char* at = data + bytes; at < data - GUARD + whole(bytes); at++) {
    if (*at != PATTERN) return false;
  }
  return true;
}

}  // namespace

Opened::Opened() {
  if (arena().opened++ == 0) arena().protect(PROT_READ | PROT_WRITE);
}

Opened::~Opened() {
  if (--arena().opened == 0) arena().protect(PROT_NONE);
}

int allocate(uint64_t* address, size_t bytes) {
  Arena& a = arena();
  size_t size = whole(bytes);
  if (bytes == 0) return INVALID_VALUE;
  if (size > a.most || a.used > a.most - size) return OUT_OF_MEMORY;
  uint64_t first;
  auto found = a.freed.lower_bound(size);
  if (found != a.freed.end() && found->first == size) {
    first = found->second;
    a.freed.erase(found);
  } else {
    if (size > ARENA - a.end) return OUT_OF_MEMORY;
    first = reinterpret_cast<uint64_t>(a.base + a.end);
    a.end += size;
  }
  Opened opened;
  a.used += size;
  *address = first + GUARD;
  memset(reinterpret_cast<void*>(first), PATTERN, size);
  memset(reinterpret_cast<void*>(*address), 0xFF, bytes);
  a.live[*address] = bytes;
  return SUCCESS;
}

int release(uint64_t address) {
  Arena& a = arena();
  auto found = a.live.find(address);
  if (found == a.live.end()) return INVALID_VALUE;
  size_t bytes = found->second, size = whole(bytes);
  Opened opened;
  bool kept = intact(address, bytes);
  memset(reinterpret_cast<void*>(address), 0xFF, bytes);  // NaN to whoever reads it later
  a.live.erase(found);
  a.used -= size;
  a.freed.emplace(size, address - GUARD);
  if (!kept) fprintf(stderr, "fake_cuda: a block of %zu bytes was written beside\n", bytes);
  return kept ? SUCCESS : ILLEGAL_ADDRESS;
}

void releaseAll() {
  while (!arena().live.empty()) release(arena().live.begin()->first);
}

bool inBlock(uint64_t address, size_t bytes) {
  auto& live = arena().live;
  auto next = live.upper_bound(address);
  if (next == live.begin()) return false;
  auto block = std::prev(next);
  return address + bytes <= block->first + block->second;
}

bool guardsIntact(std::string* damage) {
  Opened opened;
  for (auto& [address, bytes] : arena().live) {
    if (!intact(address, bytes)) {
      *damage = "a block of " + std::to_string(bytes) + " bytes was written beside";
      return false;
    }
  }
  return true;
}

size_t freeBytes() { return arena().most - arena().used; }
size_t liveBlocks() { return arena().live.size(); }
void openToHost(bool open) {
  arena().open = false;
  arena().protect(open ? PROT_READ | PROT_WRITE : PROT_NONE);
  arena().open = open;
}

void limit(size_t more) { arena().most = arena().used + more; }
void unlimit() { arena().most = MEMORY; }

}  // namespace fake
