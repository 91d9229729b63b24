#include "core/resources.hpp"

#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <latch>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "core/error.hpp"

namespace steelsight {
namespace {

// Raises a too low limit of the main thread's stack, which grows as it is used.
void require_stack() {
  constexpr rlim_t kLeast = rlim_t{1} << 20;
  rlimit stack{};
  if (::getrlimit(RLIMIT_STACK, &stack) != 0 || stack.rlim_cur >= kLeast) return;
  const rlim_t found = stack.rlim_cur;
  stack.rlim_cur = std::min(kLeast, stack.rlim_max);
  if (stack.rlim_cur < kLeast || ::setrlimit(RLIMIT_STACK, &stack) != 0)
    throw ResourceError("the stack is limited to " + std::to_string(found >> 10) +
                        " KiB, expected at least " + std::to_string(kLeast >> 10) +
                        " KiB (ulimit -s)");
}

// Without this a stack is `ulimit -s`: too little for the kernels of networks, or too much for
// `ulimit -v`.
void set_stack_of_threads() {
  constexpr std::size_t kBytes = std::size_t{8} << 20;
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return;
  if (::pthread_attr_setstacksize(&attributes, kBytes) == 0)
    ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

// malloc gives each thread an area of its own, for which it takes 128 MiB for a moment. Code that
// asks for memory at that moment, and doesn't check whether it got any, fails.
void share_memory_where_it_is_limited() {
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    ::mallopt(M_ARENA_MAX, 1);
}

}  // namespace

void prepare_process() {
  share_memory_where_it_is_limited();
  std::signal(SIGXFSZ, SIG_IGN);
  set_stack_of_threads();
  require_stack();
}

void require_threads(std::size_t threads, const std::string& what) {
  std::latch all_tried(1);
  std::vector<std::jthread> started;  // joined at the end of each way out
  std::size_t got = 0;
  try {
    started.reserve(threads);
    for (; got < threads; ++got) started.emplace_back([&] { all_tried.wait(); });
    all_tried.count_down();
  } catch (const std::system_error& error) {
    all_tried.count_down();
    throw ResourceError(what + ": " + std::to_string(got) + " of " + std::to_string(threads) +
                        " threads can be started: " + error.code().message() +
                        "; the limit of processes (ulimit -u) or of memory (ulimit -v) is too low");
  } catch (...) {
    all_tried.count_down();
    throw;
  }
}

void require_memory(std::size_t bytes) {
  void* const room =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) throw std::bad_alloc();
  ::munmap(room, bytes);
}

}  // namespace steelsight
