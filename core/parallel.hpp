#pragma once
// A loop whose rounds do not depend on each other, over several threads.
#include <cstddef>
#include <functional>

namespace steelsight {

// 0: one for every core; anything else is taken as it is.
std::size_t thread_count(std::size_t asked);

// Calls task(i) once for each i below `count`, in no order, on `threads` threads of which the
// caller's is one; there, after each of its own rounds, progress(how many are done) is called.
// Returns when all are done. What `task` or `progress` throws ends the loop after the rounds that
// have begun, and is thrown here: so `progress` can interrupt. Without OpenMP, whose loops no
// exception may leave.
void for_each_index(std::size_t count, std::size_t threads,
                    const std::function<void(std::size_t i)>& task,
                    const std::function<void(std::size_t done)>& progress);

}  // namespace steelsight
