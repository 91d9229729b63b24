#pragma once
// Random(seed).child(TAG): each purpose that a seed has gets a generator of its own. This is the
// only place where the tags below a seed are chosen, so that no two purposes get the same one. A
// number that was used stays: another one changes what a seed gives.
#include <cstdint>

namespace steelsight::seed_tag {

// Divisions of a data set (datasets/split.cpp).
inline constexpr std::uint64_t kParts = 1;
inline constexpr std::uint64_t kFolds = 2;
inline constexpr std::uint64_t kFoldValidation = 3;

// What a learner draws (pipeline/train/learner.cpp). Phases behind the first have them below
// kPhase.
inline constexpr std::uint64_t kInitialParameters = 16;
inline constexpr std::uint64_t kOrder = 17;
inline constexpr std::uint64_t kAugmentation = 18;
inline constexpr std::uint64_t kDropout = 19;
inline constexpr std::uint64_t kPhase = 32;

inline constexpr std::uint64_t kViews = 64;  // at a frozen layer (pipeline/features/extraction.cpp)
inline constexpr std::uint64_t kSelection =
    65;  // choice of so many per class (pipeline/predict/novelty.cpp)

// pipeline/extend/extend.cpp
inline constexpr std::uint64_t kExtension = 80;  // the learner's tags below it
inline constexpr std::uint64_t kNewMemory = 81;

inline constexpr std::uint64_t kDrawn =
    88;  // images that are enough (pipeline/distill/student.cpp)

inline constexpr std::uint64_t kSearch = 96;  // settings drawn at random (search_grid.cpp)

}  // namespace steelsight::seed_tag
