#include "preprocessing/codecs.hpp"

#include <dlfcn.h>

#include "core/error.hpp"
#include "core/resources.hpp"

namespace steelsight {
namespace {

// The names are those of the compiler's C++ ABI (Itanium), the same as long as the signatures are.
constexpr const char* kDecode = "_ZN2cv8imdecodeERKNS_11_InputArrayEi";
constexpr const char* kEncode =
    "_ZN2cv8imencodeERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEERKNS_11_InputArrayERSt6"
    "vectorIhSaIhEERKSB_IiSaIiEE";

[[noreturn]] void fail() {
  const char* reason = ::dlerror();
  throw ResourceError(std::string("the codecs of PNG, TIFF and JPEG can't be loaded: ") +
                      (reason == nullptr ? "" : reason) +
                      "; there must be memory and open files left for them (ulimit -v, ulimit -n), "
                      "and " STEELSIGHT_CODECS " of OpenCV must be installed");
}

template <class Function>
Function find(void* library, const char* name) {
  void* const found = ::dlsym(library, name);
  if (found == nullptr) fail();
  return reinterpret_cast<Function>(found);
}

// Debian's takes 140 MiB with all that it depends on. What constructors of libraries throw when it
// isn't there ends the program.
constexpr std::size_t kBytes = std::size_t{160} << 20;

Codecs load_codecs() {
  require_memory(kBytes);
  void* const library = ::dlopen(STEELSIGHT_CODECS, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail();
  return {.decode = find<decltype(Codecs::decode)>(library, kDecode),
          .encode = find<decltype(Codecs::encode)>(library, kEncode)};
}

}  // namespace

const Codecs& codecs() {
  static const Codecs loaded = load_codecs();
  return loaded;
}

}  // namespace steelsight
