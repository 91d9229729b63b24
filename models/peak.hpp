#pragma once
// What this machine's arithmetic can do at best, to judge layers by.
#include <stop_token>

#include "models/backend.hpp"

namespace steelsight {

// In billions of operations a second on the backend's threads: the fastest of several products of
// square matrices that stay in the caches. A multiplication and an addition are two operations.
double measure_peak(Backend& backend, const std::stop_token& stop = {});  // f32
double measure_integer_peak(Backend& backend,
                            const std::stop_token& stop = {});  // u8 times s8, summed in s32

}  // namespace steelsight
