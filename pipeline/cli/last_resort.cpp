#include "pipeline/cli/last_resort.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>

#include "pipeline/cli/command.hpp"

namespace steelsight {
namespace {

std::atomic<bool> working{false};

// Without memory, and from wherever the program was.
[[noreturn]] void end() {
  constexpr std::string_view kText =
      "steelsight: memory or threads are not enough for a library (ulimit -v, ulimit -u)\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(kBackend);
}

void at_exit(int status, void*) {
  if (working && status == EXIT_FAILURE) end();
}

void at_terminate() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    end();
  } catch (const std::system_error&) {
    end();
  } catch (...) {  // a fault of the program
  }
  std::abort();
}

}  // namespace

LastResort::LastResort() {
  working = true;
  std::set_terminate(at_terminate);
  ::on_exit(at_exit, nullptr);
}

LastResort::~LastResort() {
  working = false;
}

}  // namespace steelsight
