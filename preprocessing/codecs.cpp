#include "preprocessing/codecs.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace steelsight {
namespace {

const Codecs& load_codecs() {
  // Installed, the program's RUNPATH names its folder.
  void* module = ::dlopen(STEELSIGHT_CODECS_NAME, RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) module = ::dlopen(STEELSIGHT_CODECS_BUILT, RTLD_NOW | RTLD_LOCAL);
  void* const found = module == nullptr ? nullptr : ::dlsym(module, "steelsight_codecs");
  if (found == nullptr)
    throw std::runtime_error(std::string("the codecs of PNG, TIFF and JPEG can't be loaded: ") +
                             ::dlerror() + "; build or install steelsight again");
  return *static_cast<const Codecs*>(found);
}

}  // namespace

const Codecs& codecs() {
  static const Codecs& loaded = load_codecs();
  return loaded;
}

}  // namespace steelsight
