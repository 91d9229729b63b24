#pragma once
// Whether a split gives a network something to learn of every class.
#include "datasets/split.hpp"

namespace steelsight {

// Reads images of the training part until one of each class could be decoded, which is one a class
// where nothing is wrong; of a table, rows. Throws DatasetError for fewer than two classes, and for
// a class without a training example, or of whose training examples none can be read: a network
// would get an output that nothing ever teaches. ResourceError as reading does.
void require_learnable(const Dataset& dataset, const Split& split);

}  // namespace steelsight
