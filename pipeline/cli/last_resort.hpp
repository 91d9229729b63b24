#pragma once

namespace steelsight {

// While it lives, a library that ends the program because memory or threads lack ends it with the
// exit code that stands for this, and a sentence: OpenMP calls exit(1), and an exception in a
// constructor of a library that is just being loaded calls std::terminate.
class LastResort {
 public:
  LastResort();
  ~LastResort();
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;
};

}  // namespace steelsight
