#include "models/peak.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include "core/interrupt.hpp"
#include "models/onednn/graph.hpp"

namespace steelsight {
namespace {

constexpr dnnl::memory::dim kSide = 768;  // three matrices of 2.25 MiB in f32

double fastest_product(const std::stop_token& stop, const std::function<dnnl::status()>& multiply) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRuns = 50;
  double fastest = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns; ++run) {
    throw_if_stopped(stop, "measuring the peak");
    const Clock::time_point begin = Clock::now();
    onednn::guarded("multiplying matrices", [&] {
      const dnnl::status status = multiply();
      if (status != dnnl::status::success)
        throw dnnl::error(static_cast<dnnl_status_t>(status), "a product of matrices");
    });
    fastest = std::min(fastest, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return 2.0 * kSide * kSide * kSide / fastest * 1e-9;
}

}  // namespace

// The backend set the number of threads.
double measure_peak(Backend&, const std::stop_token& stop) {
  const std::vector<float> a(kSide * kSide, 0.5f), b(kSide * kSide, 0.25f);
  std::vector<float> c(kSide * kSide);
  return fastest_product(stop, [&] {
    return dnnl::sgemm('N', 'N', kSide, kSide, kSide, 1.0f, a.data(), kSide, b.data(), kSide, 0.0f,
                       c.data(), kSide);
  });
}

double measure_integer_peak(Backend&, const std::stop_token& stop) {
  const std::vector<std::uint8_t> a(kSide * kSide, 3);
  const std::vector<std::int8_t> b(kSide * kSide, -2);
  std::vector<std::int32_t> c(kSide * kSide);
  const std::int32_t offset = 0;
  return fastest_product(stop, [&] {
    return dnnl::gemm_u8s8s32('N', 'N', 'F', kSide, kSide, kSide, 1.0f, a.data(), kSide, 0,
                              b.data(), kSide, 0, 0.0f, c.data(), kSide, &offset);
  });
}

}  // namespace steelsight
