#pragma once
// Labels that a reader takes for the same, and a program does not: "Crazing" and "crazing",
// "pits" and "pits ", "Riß" in its two Unicode forms.
#include <optional>
#include <string>
#include <vector>

namespace steelsight {

// Equal for labels that look alike: Unicode's NFKC_Casefold, blanks at the ends left out and others
// one space each. A label that is not UTF-8 is its own key.
std::string label_key(const std::string& label);

// In what two labels with the same key differ: "case", "blanks", "Unicode form", or "case, blanks
// or Unicode form".
std::string difference_of_twins(const std::string& a, const std::string& b);

// Sentences about names that look alike, and about those that begin or end with a blank.
std::vector<std::string> label_warnings(const std::vector<std::string>& class_names);

}  // namespace steelsight
