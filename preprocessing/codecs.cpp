#include "preprocessing/codecs.hpp"

#include <dlfcn.h>

#include "core/error.hpp"

namespace steelsight {
namespace {

const Codecs& load_codecs() {
  // Looked for where the program's RUNPATH says, as libraries are that it is linked to.
  void* const module = ::dlopen(STEELSIGHT_CODECS_MODULE, RTLD_NOW | RTLD_LOCAL);
  void* const found = module == nullptr ? nullptr : ::dlsym(module, "steelsight_codecs");
  if (found == nullptr)
    throw FileError(std::string("the decoders of PNG, TIFF and JPEG can't be loaded: ") +
                    ::dlerror() + "; build or install steelsight again");
  return *static_cast<const Codecs*>(found);
}

}  // namespace

const Codecs& codecs() {
  static const Codecs& loaded = load_codecs();
  return loaded;
}

}  // namespace steelsight
