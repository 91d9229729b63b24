#pragma once
// A folder of its own for each test, removed afterwards.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/filesystem.hpp"
#include "datasets/dataset.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight {

class FolderFixture : public testing::Test {
 protected:
  // Writes a file whose content is its own name, so that no two are alike.
  void touch(const std::string& name) const { write_file(folder_ / name, name); }
  void touch_all(const std::vector<std::string>& names) const {
    for (const std::string& name : names) touch(name);
  }

 private:
  const TemporaryFolder temporary_;

 protected:
  const fs::path folder_ = temporary_.path();
};

// The message of the Error that `run` throws; a failure if it throws nothing or something else.
template <class Exception, class Run>
std::string message_of(Run run) {
  try {
    run();
  } catch (const Exception& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "threw another type: " << error.what();
    return "";
  }
  ADD_FAILURE() << "threw nothing";
  return "";
}

inline std::vector<std::string> names_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Sample& sample : dataset.samples) names.push_back(sample.name);
  return names;
}

// "name=class" in order, "name=" if there is no label.
inline std::vector<std::string> labelled_names(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Sample& sample : dataset.samples)
    names.push_back(sample.name + "=" +
                    (sample.label ? dataset.class_names.at(*sample.label) : std::string()));
  return names;
}

}  // namespace steelsight
