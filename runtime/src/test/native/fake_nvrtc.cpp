// NVRTC for tests on machines without a GPU: g++ compiles the program behind cuda_shim.h to a library, and the "cubin" is that library's
// bytes, which the fake driver loads. What the real compiler would refuse it may take. Test code.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

enum Result { OK = 0, INVALID_INPUT = 3, INVALID_PROGRAM = 4, INVALID_OPTION = 5, COMPILATION = 6 };

struct Program { std::string source, log, cubin; };

bool failing = false;

std::string folder() {
  Dl_info self;
  dladdr(reinterpret_cast<void*>(&folder), &self);
  std::string path = self.dli_fname;
  return path.substr(0, path.rfind('/'));
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

bool known(const std::string& option) {
  return option == "--gpu-architecture=sm_90" || option == "--std=c++17" || option == "--fmad=false" ||
         option == "--device-as-default-execution-space" || option == "--disable-warnings";
}

}  // namespace

EXPORT void mezzo_fake_failing(int next) { failing = next != 0; }

EXPORT int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return OK;
}

EXPORT const char* nvrtcGetErrorString(int code) { return code == COMPILATION ? "NVRTC_ERROR_COMPILATION" : "an error of the fake"; }

EXPORT int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers, const char* const*, const char* const*) {
  if (source == nullptr || name == nullptr || headers != 0) return INVALID_INPUT;
  *program = new Program{source, "", ""};
  return OK;
}

EXPORT int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  if (program == nullptr) return INVALID_PROGRAM;
  if (count != 5) return INVALID_OPTION;
  for (int i = 0; i < count; i++) {
    if (!known(options[i])) return INVALID_OPTION;
  }
  if (failing) program->source += "\nint missing = not_there;\n";
  failing = false;
  char place[] = "/tmp/mezzo-fake-nvrtc-XXXXXX";
  if (mkdtemp(place) == nullptr) return INVALID_INPUT;
  std::string at = place;
  std::ofstream(at + "/source.cpp") << "#define MEZZO_ON_HOST 1\n" << program->source;
  std::string command = "g++ -std=c++17 -O1 -march=native -ffp-contract=off -fno-strict-aliasing -fvisibility=hidden -fno-gnu-unique -fPIC "
                        "-shared -w -include " + folder() + "/cuda_shim.h " + at + "/source.cpp -o " + at + "/program.so 2>" + at + "/log";
  bool done = system(command.c_str()) == 0;
  program->log = contents(at + "/log");
  if (done) program->cubin = contents(at + "/program.so");
  for (const char* file : {"/source.cpp", "/program.so", "/log"}) unlink((at + file).c_str());
  rmdir(place);
  return done ? OK : COMPILATION;
}

EXPORT int nvrtcGetCUBINSize(Program* program, size_t* bytes) {
  *bytes = program->cubin.size();
  return *bytes > 0 ? OK : INVALID_PROGRAM;
}

EXPORT int nvrtcGetCUBIN(Program* program, char* cubin) {
  memcpy(cubin, program->cubin.data(), program->cubin.size());
  return OK;
}

EXPORT int nvrtcGetProgramLogSize(Program* program, size_t* bytes) {
  *bytes = program->log.size() + 1;
  return OK;
}

EXPORT int nvrtcGetProgramLog(Program* program, char* log) {
  memcpy(log, program->log.c_str(), program->log.size() + 1);
  return OK;
}

EXPORT int nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return OK;
}
