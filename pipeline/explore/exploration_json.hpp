#pragma once
// What `explore` found, for programs.
#include <string>

#include "core/json_object.hpp"
#include "pipeline/explore/exploration.hpp"

namespace steelsight {

// The content of explore.json; its keys stand in docs/design.md.
Json exploration_json(const ExploredData& data, const Exploration& exploration);

// points.csv: path,label,cluster,silhouette,pc1,pc2[,tsne_x,tsne_y], a row each.
std::string points_csv(const ExploredData& data, const Exploration& exploration);

}  // namespace steelsight
