#include "core/interrupt.hpp"

#include <semaphore.h>

#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

namespace steelsight {
namespace {

sem_t came;  // posted by a signal handler, which may not request a stop itself

std::stop_source& signals() {
  static std::stop_source source;
  return source;
}

void remember(int signal) {
  std::signal(signal, SIG_DFL);
  ::sem_post(&came);
}

}  // namespace

void throw_if_stopped(const std::stop_token& stop, std::string_view doing) {
  if (stop.stop_requested()) throw Interrupted("interrupted while " + std::string(doing));
}

std::stop_token stop_on_signals() {
  ::sem_init(&came, 0, 0);
  try {
    std::thread([source = signals()]() mutable {
      while (::sem_wait(&came) != 0) {  // a signal may interrupt it
      }
      source.request_stop();
    }).detach();
  } catch (const std::system_error&) {
    return {};
  }
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (std::signal(signal, remember) == SIG_IGN) std::signal(signal, SIG_IGN);
  return signals().get_token();
}

bool interrupted() {
  return signals().stop_requested();
}

void wait_a_moment(const std::string& doing) {
  throw_if_stopped(signals().get_token(), doing);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

}  // namespace steelsight
