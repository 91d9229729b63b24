#pragma once
// explore.html: a map whose points show their images, and what else `explore` found.
#include <string>

#include "core/filesystem.hpp"
#include "pipeline/explore/exploration.hpp"
#include "pipeline/explore/exploration_pictures.hpp"

namespace steelsight {

struct ExplorationPage {
  const std::string& title;
  const ExploredData& data;
  const Exploration& exploration;
  const ExplorationPictures& pictures;
  const fs::path& figures;  // the folder that scree.svg was drawn in
};

// Throws FileError if the figure is missing.
std::string exploration_page(const ExplorationPage& page);

}  // namespace steelsight
