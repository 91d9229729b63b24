#pragma once
// Compares what the program says with what another program says.
#include <gtest/gtest.h>

#include <string>

#include "core/json_object.hpp"

namespace steelsight {

// What is expected may be a part of what is there. Numbers with a point may differ by 1e-9.
inline void expect_equal(const Json& got, const Json& expected, const std::string& path) {
  if (expected.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      ASSERT_TRUE(got.contains(key)) << path << "/" << key;
      expect_equal(got.at(key), value, path + "/" + key);
    }
  } else if (expected.is_array()) {
    ASSERT_EQ(got.size(), expected.size()) << path;
    for (std::size_t i = 0; i < expected.size(); ++i)
      expect_equal(got[i], expected[i], path + "/" + std::to_string(i));
  } else if (expected.is_number_float()) {
    ASSERT_TRUE(got.is_number()) << path;
    EXPECT_NEAR(got.get<double>(), expected.get<double>(), 1e-9) << path;
  } else {
    EXPECT_EQ(got, expected) << path;
  }
}

}  // namespace steelsight
