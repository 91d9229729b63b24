#pragma once
// What this machine's arithmetic can do at best, to judge layers by.
#include "models/backend.hpp"

namespace steelsight {

// GFLOP/s of f32 on the backend's threads: the fastest of several products of square matrices that
// stay in the caches. A multiplication and an addition are two operations.
double measure_peak_gflops(Backend& backend);

}  // namespace steelsight
