#include "models/peak.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "models/onednn/graph.hpp"

namespace steelsight {

double measure_peak_gflops(Backend&) {  // the backend set the number of threads
  using Clock = std::chrono::steady_clock;
  constexpr dnnl::memory::dim kSide = 768;  // three matrices of 2.25 MiB
  constexpr int kRuns = 50;
  const std::vector<float> a(kSide * kSide, 0.5f), b(kSide * kSide, 0.25f);
  std::vector<float> c(kSide * kSide);
  double fastest = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns; ++run) {
    const Clock::time_point begin = Clock::now();
    onednn::guarded("multiplying matrices", [&] {
      const dnnl::status status = dnnl::sgemm('N', 'N', kSide, kSide, kSide, 1.0f, a.data(), kSide,
                                              b.data(), kSide, 0.0f, c.data(), kSide);
      if (status != dnnl::status::success)
        throw dnnl::error(static_cast<dnnl_status_t>(status), "sgemm");
    });
    fastest = std::min(fastest, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return 2.0 * kSide * kSide * kSide / fastest * 1e-9;
}

}  // namespace steelsight
