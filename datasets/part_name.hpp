#pragma once
// The names by which data sets call their parts.
#include <optional>
#include <string_view>

#include "datasets/dataset.hpp"

namespace steelsight {

// What messages say was expected.
inline constexpr const char* kPartNames = "train, valid, val, validation or test";

// train, valid, val, validation, test, training, testing and the like, in any case, with digits,
// signs and words like "set" or "images" around: "01_train", "Train-Images", "valset".
std::optional<Part> part_named(std::string_view name);

// The part that one of the words of a name calls, though the name as a whole is none's:
// "train_masks".
std::optional<Part> part_mentioned(std::string_view name);

// A folder around images that says nothing about them: "images", "data".
bool is_container_name(std::string_view name);

}  // namespace steelsight
