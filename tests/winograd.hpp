#pragma once
// Whether oneDNN has Winograd's convolutions here: 2.x has them for AVX-512, 3.2 and later nowhere
// on x86. Asked of the machine, not of what is tested.
#include <string>

#include "models/backend.hpp"

namespace steelsight {

inline bool has_winograd() {
  const std::string machine = Backend(1).machine();
  return machine.find("oneDNN 2.") != std::string::npos &&
         machine.find("AVX-512") != std::string::npos;
}

}  // namespace steelsight
