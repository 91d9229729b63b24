#include "core/error.hpp"

#include <cerrno>
#include <cstring>

namespace steelsight {

void throw_system_error(int error, const std::string& what) {
  const std::string text = what + ": " + std::strerror(error);
  switch (error) {
    case EMFILE:
      throw ResourceError(text + "; the limit of open files is too low (ulimit -n)");
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
      throw ResourceError(text);
    default:
      throw FileError(text);
  }
}

}  // namespace steelsight
