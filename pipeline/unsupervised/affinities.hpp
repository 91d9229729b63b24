#pragma once
// How much two rows belong together, as t-SNE has it.
#include <cstddef>
#include <span>
#include <vector>

#include "pipeline/unsupervised/neighbours.hpp"

namespace steelsight {

// A sparse symmetric matrix whose elements sum to 1: of row i, other[first[i]] to
// other[first[i + 1]] are the rows it belongs together with, ascending, and value[...] how much.
struct Affinities {
  std::vector<std::size_t> first;
  std::vector<std::size_t> other;
  std::vector<double> value;
};

// The affinities of a row to its neighbours fall as a Gaussian whose width gives them so much
// perplexity (2 to the power of their entropy in bits), and are made symmetric. Each row has the
// same number of neighbours, more than `perplexity`.
Affinities affinities(const std::vector<std::vector<Neighbour>>& neighbours, double perplexity);

// The affinities of one row to its neighbours, which sum to 1.
std::vector<double> conditional_affinities(std::span<const Neighbour> neighbours,
                                           double perplexity);

}  // namespace steelsight
