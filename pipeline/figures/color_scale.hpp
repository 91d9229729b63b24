#pragma once
// The shades that the figures give to numbers.
#include <cstddef>

#include "pipeline/figures/drawing.hpp"

namespace steelsight {

// ColorBrewer's sequential scheme "Blues" (Harrower and Brewer 2003), from almost white for 0 to
// dark blue for 1; darker is more in gray print too. What lies outside is as 0 or 1.
Color blue_shade(double share);

// Okabe and Ito 2008: can be told apart by colour-blind readers.
constexpr Color kBlue{0.000, 0.447, 0.698};
constexpr Color kVermillion{0.835, 0.369, 0.000};
constexpr Color kGreen{0.000, 0.620, 0.451};

// So many kinds of things have colours of their own. Beyond, the colours begin again.
inline constexpr std::size_t kKindColors = 7;
Color kind_color(std::size_t kind);

}  // namespace steelsight
