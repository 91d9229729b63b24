#include "pipeline/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace steelsight {
namespace {

// Set in a signal handler, read by any thread.
std::atomic<bool> caught{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void remember(int signal) {
  caught = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, remember);
  std::signal(SIGTERM, remember);
}

bool interrupted() {
  return caught;
}

}  // namespace steelsight
