#pragma once
// What `explore` found, in sentences for the console and the page.
#include <string>
#include <vector>

#include "pipeline/explore/exploration.hpp"

namespace steelsight {

// "7 of 128 components explain 90 % of the variance, 12 explain 95 %".
std::string pca_sentence(const Pca& pca);
// How good the clusters are, by themselves and against labels.
std::string clusters_sentence(const Exploration& exploration);
// Which map, and its KL divergence. Of an exploration with one.
std::string map_sentence(const Exploration& exploration);

// Lines for the console.
std::vector<std::string> exploration_lines(const ExploredData& data,
                                           const Exploration& exploration);

}  // namespace steelsight
