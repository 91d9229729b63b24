#include "pipeline/extend/class_recall.hpp"

#include <gtest/gtest.h>

namespace steelsight::class_recall_test {
namespace {

TEST(ClassRecall, IsTheMeanOverTheClassesThatWereMeasured) {
  ClassRecall recall(3);
  EXPECT_EQ(recall.mean(), 0);
  for (const bool right : {true, true, true, false}) recall.add(0, right);
  recall.add(2, true);
  EXPECT_DOUBLE_EQ(recall.of(0), 0.75);
  EXPECT_DOUBLE_EQ(recall.of(2), 1);
  EXPECT_FALSE(recall.measured(1));
  EXPECT_DOUBLE_EQ(recall.mean(), (0.75 + 1) / 2);
}

// 1 input, 2 classes: the first for what is negative, the second for the rest.
TEST(ClassRecall, OnMemoryRunsTheHeadOnTheLastFeatures) {
  Model model;
  model.spec = {.input = {1},
                .layers = {{.type = LayerType::dense, .name = "trunk", .out = 1},
                           {.type = LayerType::dense, .name = "head", .out = 2}}};
  model.parameters = {{"trunk.weight", {{1, 1}, {1}}},
                      {"trunk.bias", {{1}, {0}}},
                      {"head.weight", {{2, 1}, {-1, 1}}},
                      {"head.bias", {{2}, {0, 0}}}};
  model.class_names = {"negative", "positive"};
  FeatureMemory memory{.layers = {"earlier", "trunk"}, .dimension = 2};
  memory.add(std::vector<float>{9, -1}, 0);
  memory.add(std::vector<float>{-9, 2}, 1);
  memory.add(std::vector<float>{9, -3}, 1);
  Backend backend(1);
  const ClassRecall recall = recall_on_memory(backend, model, memory, 2);
  EXPECT_DOUBLE_EQ(recall.of(0), 1);
  EXPECT_DOUBLE_EQ(recall.of(1), 0.5);
}

}  // namespace
}  // namespace steelsight::class_recall_test
