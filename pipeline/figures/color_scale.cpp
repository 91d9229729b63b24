#include "pipeline/figures/color_scale.hpp"

#include <algorithm>
#include <array>

namespace steelsight {

Color blue_shade(double share) {
  constexpr std::array<Color, 9> kBlues = {{{0.969, 0.984, 1.000},
                                            {0.871, 0.922, 0.969},
                                            {0.776, 0.859, 0.937},
                                            {0.620, 0.792, 0.882},
                                            {0.420, 0.682, 0.839},
                                            {0.259, 0.573, 0.776},
                                            {0.129, 0.443, 0.710},
                                            {0.031, 0.318, 0.612},
                                            {0.031, 0.188, 0.420}}};
  const double position = std::clamp(share, 0.0, 1.0) * (kBlues.size() - 1);
  const std::size_t i = std::min(static_cast<std::size_t>(position), kBlues.size() - 2);
  const double t = position - static_cast<double>(i);
  const auto mix = [t](double a, double b) { return a + t * (b - a); };
  const Color &a = kBlues[i], &b = kBlues[i + 1];
  return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

Color kind_color(std::size_t kind) {
  constexpr std::array<Color, kKindColors> kColors = {{kBlue,
                                                       kVermillion,
                                                       kGreen,
                                                       {0.800, 0.475, 0.655},
                                                       {0.902, 0.624, 0.000},
                                                       {0.337, 0.706, 0.914},
                                                       {0.350, 0.350, 0.350}}};
  return kColors[kind % kKindColors];
}

}  // namespace steelsight
