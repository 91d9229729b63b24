#pragma once
// The one name that the project uses for paths and folders.
#include <boost/filesystem.hpp>

namespace steelsight {
namespace fs = boost::filesystem;
}
