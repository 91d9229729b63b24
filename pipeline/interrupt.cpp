#include "pipeline/interrupt.hpp"

#include <csignal>

namespace steelsight {
namespace {

volatile std::sig_atomic_t caught = 0;

void remember(int signal) {
  caught = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, remember);
  std::signal(SIGTERM, remember);
}

bool interrupted() {
  return caught != 0;
}

}  // namespace steelsight
