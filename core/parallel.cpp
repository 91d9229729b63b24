#include "core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace steelsight {

std::size_t thread_count(std::size_t asked) {
  return asked > 0 ? asked : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

void for_each_index(std::size_t count, std::size_t threads,
                    const std::function<void(std::size_t i)>& task,
                    const std::function<void(std::size_t done)>& progress) {
  std::atomic<std::size_t> next{0}, done{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;  // guards failure
  std::exception_ptr failure;
  const auto work = [&](const auto& after_each) {
    try {
      for (std::size_t i = 0; !failed && (i = next++) < count;) {
        task(i);
        ++done;
        after_each();
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      failed = true;
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t i = 1; i < std::min(threads, count); ++i)
        others.emplace_back([&] { work([] {}); });
    } catch (const std::system_error&) {  // no more threads to be had: those there do the work
    }
    work([&] { progress(done); });
  }  // joins
  if (failure) std::rethrow_exception(failure);
}

}  // namespace steelsight
