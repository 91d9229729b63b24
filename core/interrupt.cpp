#include "core/interrupt.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

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
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (std::signal(signal, remember) == SIG_IGN) std::signal(signal, SIG_IGN);
}

bool interrupted() {
  return caught;
}

void wait_a_moment(const std::string& doing) {
  if (interrupted()) throw Interrupted("interrupted while " + doing);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

}  // namespace steelsight
