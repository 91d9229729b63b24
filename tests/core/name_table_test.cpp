#include "core/name_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steelsight::name_table_test {
namespace {

enum class Phase { kSolid, kLiquid, kGas };
constexpr NamedValue<Phase> kPhases[] = {{Phase::kSolid, "solid"}, {Phase::kLiquid, "liquid"}};

TEST(NameTable, GoesBothWays) {
  for (const NamedValue<Phase>& phase : kPhases) {
    EXPECT_EQ(value_of(kPhases, phase.name, "/phase"), phase.value);
    EXPECT_STREQ(name_of(kPhases, phase.value), phase.name);
  }
}

TEST(NameTable, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(
      [] { value_of(kPhases, "Solid", "/phase"); },
      testing::ThrowsMessage<ConfigError>("/phase is \"Solid\", expected one of solid, liquid"));
  EXPECT_THROW(name_of(kPhases, Phase::kGas), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::name_table_test
