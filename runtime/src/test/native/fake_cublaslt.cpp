// cuBLASLt for tests on machines without a GPU: column-major products computed one after the other on the host, in the stream's
// order, after checking what the library would check. It knows nothing of speed; its algorithms differ in the workspace they ask
// for alone. Test code.
#include "fake_cuda.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>

namespace {

enum Status { OK = 0, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };
enum Type { F32 = 0, F16 = 2, BF16 = 14 };

struct Description { int transposeA = 0, transposeB = 0, epilogue = 1; const void* bias = nullptr; };
struct Layout { int type; uint64_t rows, cols; int64_t leading; int batches = 1; int64_t stride = 0; };
struct Preference { uint64_t workspace = 0; uint32_t reduction = 7; uint32_t alignments[4] = {256, 256, 256, 256}; };
struct Algorithm { uint64_t magic, workspace; unsigned char rest[48]; };
struct Result { Algorithm algorithm; uint64_t workspace; int state; float waves; int reserved[4]; };
static_assert(sizeof(Algorithm) == 64 && sizeof(Result) == 96, "as the library's");

constexpr uint64_t MAGIC = 0x4D657A7A6F4C74;
constexpr uint64_t HANDLE = 0xB1A5;

float get(const void* data, int type, int64_t i) {
  if (type == F32) return static_cast<const float*>(data)[i];
  uint16_t bits = static_cast<const uint16_t*>(data)[i];
  if (type == F16) {
    _Float16 half;
    memcpy(&half, &bits, 2);
    return float(half);
  }
  uint32_t wide = uint32_t(bits) << 16;
  float value;
  memcpy(&value, &wide, 4);
  return value;
}

void put(void* data, int type, int64_t i, float value) {
  if (type == F32) {
    static_cast<float*>(data)[i] = value;
  } else if (type == F16) {
    _Float16 half = _Float16(value);
    memcpy(static_cast<uint16_t*>(data) + i, &half, 2);
  } else {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits = value != value ? bits >> 16 | 0x40 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    static_cast<uint16_t*>(data)[i] = uint16_t(bits);
  }
}

uint64_t width(int type) { return type == F32 ? 4 : 2; }

// Bytes from the first to the last element of a matrix, but for batches.
uint64_t extent(const Layout& l) { return (uint64_t(l.leading) * (l.cols - 1) + l.rows) * width(l.type); }

bool fits(const Description& d, const Layout& a, const Layout& b, const Layout& c) {
  uint64_t m = d.transposeA ? a.cols : a.rows, k = d.transposeA ? a.rows : a.cols;
  uint64_t otherK = d.transposeB ? b.cols : b.rows, n = d.transposeB ? b.rows : b.cols;
  bool leading = a.leading >= int64_t(a.rows) && b.leading >= int64_t(b.rows) && c.leading >= int64_t(c.rows);
  bool types = a.type == b.type && (c.type == a.type || c.type == F32);
  return m == c.rows && n == c.cols && k == otherK && m > 0 && n > 0 && k > 0 && leading && types;
}

struct Product { Description description; Layout a, b, c; float alpha, beta; const void *A, *B, *C; void* D; };

int compute(void* data) {
  auto* p = static_cast<Product*>(data);  // never freed: a graph may run it again
  uint64_t depth = p->description.transposeA ? p->a.rows : p->a.cols;
  for (int batch = 0; batch < p->c.batches; batch++) {
    for (uint64_t col = 0; col < p->c.cols; col++) {
      for (uint64_t row = 0; row < p->c.rows; row++) {
        float sum = 0;
        for (uint64_t i = 0; i < depth; i++) {
          int64_t left = p->description.transposeA ? i + row * p->a.leading : row + i * p->a.leading;
          int64_t right = p->description.transposeB ? col + i * p->b.leading : i + col * p->b.leading;
          sum = fmaf(get(p->A, p->a.type, batch * p->a.stride + left), get(p->B, p->b.type, batch * p->b.stride + right), sum);
        }
        int64_t at = batch * p->c.stride + row + int64_t(col) * p->c.leading;
        float value = p->alpha * sum;
        if (p->beta != 0) value += p->beta * get(p->C, p->c.type, at);
        if (p->description.epilogue == 4) value += get(p->description.bias, p->c.type, int64_t(row));
        put(p->D, p->c.type, at, value);
      }
    }
  }
  return 0;
}

// The fake driver that the process has loaded.
template <class F>
F* ofDriver(const char* name) {
  static void* driver = [] {
    Dl_info self;
    dladdr(reinterpret_cast<void*>(&compute), &self);
    std::string path = self.dli_fname;
    return dlopen((path.substr(0, path.rfind('/')) + "/libcuda.so.1").c_str(), RTLD_NOW);
  }();
  return driver == nullptr ? nullptr : reinterpret_cast<F*>(dlsym(driver, name));
}

template <class T>
int setTo(T* field, const void* value, size_t size) {
  if (size != sizeof *field) return INVALID_VALUE;
  memcpy(field, value, size);
  return OK;
}

}  // namespace

EXPORT size_t cublasLtGetVersion() { return 130000; }

EXPORT int cublasLtCreate(uint64_t* handle) {
  *handle = HANDLE;
  return OK;
}

EXPORT int cublasLtDestroy(uint64_t handle) { return handle == HANDLE ? OK : INVALID_VALUE; }

EXPORT int cublasLtMatmulDescCreate(Description** description, int compute, int scale) {
  if (compute != 68 || scale != F32) return NOT_SUPPORTED;  // FP32 sums, no TF32
  *description = new Description;
  return OK;
}

EXPORT int cublasLtMatmulDescSetAttribute(Description* d, int attribute, const void* value, size_t size) {
  switch (attribute) {
    case 3: return setTo(&d->transposeA, value, size);
    case 4: return setTo(&d->transposeB, value, size);
    case 7: return setTo(&d->epilogue, value, size);
    case 8: return setTo(&d->bias, value, size);
    default: return INVALID_VALUE;
  }
}

EXPORT int cublasLtMatmulDescDestroy(Description* d) {
  delete d;
  return OK;
}

EXPORT int cublasLtMatrixLayoutCreate(Layout** layout, int type, uint64_t rows, uint64_t cols, int64_t leading) {
  if (type != F32 && type != F16 && type != BF16) return INVALID_VALUE;
  *layout = new Layout{type, rows, cols, leading};
  return OK;
}

EXPORT int cublasLtMatrixLayoutSetAttribute(Layout* l, int attribute, const void* value, size_t size) {
  switch (attribute) {
    case 5: return setTo(&l->batches, value, size);
    case 6: return setTo(&l->stride, value, size);
    default: return INVALID_VALUE;
  }
}

EXPORT int cublasLtMatrixLayoutDestroy(Layout* l) {
  delete l;
  return OK;
}

EXPORT int cublasLtMatmulPreferenceCreate(Preference** preference) {
  *preference = new Preference;
  return OK;
}

EXPORT int cublasLtMatmulPreferenceSetAttribute(Preference* p, int attribute, const void* value, size_t size) {
  if (attribute == 1) return setTo(&p->workspace, value, size);
  if (attribute == 3) return setTo(&p->reduction, value, size);
  if (attribute >= 5 && attribute <= 8) return setTo(&p->alignments[attribute - 5], value, size);
  return INVALID_VALUE;
}

EXPORT int cublasLtMatmulPreferenceDestroy(Preference* p) {
  delete p;
  return OK;
}

EXPORT int cublasLtMatmulAlgoGetHeuristic(uint64_t handle, Description* d, Layout* a, Layout* b, Layout* c, Layout* result,
                                          Preference* preference, int asked, Result* results, int* found) {
  *found = 0;
  if (handle != HANDLE || asked < 1 || c != result) return INVALID_VALUE;
  if (preference->reduction != 2) return INVALID_VALUE;  // partial sums in 16 bits
  if (!fits(*d, *a, *b, *c) || (d->epilogue != 1 && d->epilogue != 4)) return NOT_SUPPORTED;
  for (uint64_t workspace : {uint64_t(0), uint64_t(4096), uint64_t(1) << 40}) {
    if (workspace > preference->workspace || *found == asked) break;
    Result& one = results[(*found)++];
    memset(&one, 0, sizeof one);
    one.algorithm.magic = MAGIC;
    one.algorithm.workspace = workspace;
    one.workspace = workspace;
    one.waves = 1;
  }
  return OK;
}

EXPORT int cublasLtMatmul(uint64_t handle, Description* d, const float* alpha, const void* A, Layout* a, const void* B, Layout* b,
                          const float* beta, const void* C, Layout* c, void* D, Layout* result, const Algorithm* algorithm,
                          void* workspace, size_t workspaceSize, uint64_t stream) {
  auto* give = ofDriver<int(uint64_t, int (*)(void*), void*)>("mezzo_fake_give");
  auto* inBlock = ofDriver<int(const void*, size_t)>("mezzo_fake_in_block");
  if (give == nullptr || inBlock == nullptr || handle != HANDLE || c != result) return INVALID_VALUE;
  if (!fits(*d, *a, *b, *c)) return NOT_SUPPORTED;
  if (algorithm->magic != MAGIC || algorithm->workspace > workspaceSize) return INVALID_VALUE;
  bool inside = inBlock(A, extent(*a)) && inBlock(B, extent(*b)) && inBlock(D, extent(*c)) && inBlock(workspace, workspaceSize) &&
                (d->epilogue != 4 || inBlock(d->bias, c->rows * width(c->type))) && (*beta == 0 || inBlock(C, extent(*c)));
  if (!inside) {
    fprintf(stderr, "fake_cublaslt: an operand is not inside the GPU's memory\n");
    return INVALID_VALUE;
  }
  return give(stream, compute, new Product{*d, *a, *b, *c, *alpha, *beta, A, B, C, D});
}
