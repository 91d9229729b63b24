#pragma once
// Parts of the sentences in which folders and lists say what they found.
#include <cstddef>
#include <string>
#include <vector>

namespace steelsight {

// "1 image", "12 images".
std::string counted(std::size_t n, const std::string& noun);

// "a", "a and b", "a, b and c"; of more than ten the first ten "and 7 more".
std::string listed(const std::vector<std::string>& items);

// The same with each of them in quotes: "'a', 'b' and 'c'".
std::string listed_in_quotes(std::vector<std::string> items);

}  // namespace steelsight
