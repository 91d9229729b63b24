#include "models/occlusion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steelsight::occlusion_test {
namespace {

using testing::Each;

// Output 0 is the mean of the image, output 1 its negative.
struct Mean {
  explicit Mean(std::int64_t side)
      : network(backend,
                {.input = {1, side, side},
                 .layers = {{.type = LayerType::global_avgpool, .name = "pool"},
                            {.type = LayerType::dense, .name = "dense", .out = 2}}},
                {{"dense.weight", {{2, 1}, {1, -1}}}, {"dense.bias", {{2}, {0, 0}}}},
                {.batch_size = 3}) {}
  Backend backend{1};
  InferenceNetwork network;
};

// Covered with the mean of 1, the 16 costs 15 of a sum of 16.
TEST(Occlusion, IsHowMuchTheOutputFalls) {
  Mean mean(4);
  std::vector<float> image(16, 0);
  image[6] = 16;
  const OcclusionMap map = occlusion_map(mean.network, image, {.output = 0, .patch = 1});
  EXPECT_EQ(map.height, 4);
  EXPECT_EQ(map.width, 4);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_FLOAT_EQ(map.values[i], i == 6 ? 15.0f / 16 : 0) << i;
}

TEST(Occlusion, SquaresOverlapByHalf) {
  Mean mean(8);
  std::vector<float> image(64, 0);
  image[0] = 64;
  const OcclusionMap map = occlusion_map(mean.network, image, {.output = 0, .patch = 4});
  EXPECT_EQ(map.height, 4);
  EXPECT_GT(map.values[0], 0);
  EXPECT_EQ(map.values[15], 0);
}

TEST(Occlusion, OfAnImageWithNothingOnItIsZero) {
  Mean mean(8);
  EXPECT_THAT(occlusion_map(mean.network, std::vector<float>(64, 3), {.output = 1}).values,
              Each(testing::FloatNear(0, 1e-6f)));
}

TEST(Occlusion, RefusesWrongSizesAndOutputs) {
  Mean mean(4);
  const std::vector<float> image(16);
  EXPECT_THROW(occlusion_map(mean.network, std::span(image).first(15), {}), std::invalid_argument);
  EXPECT_THROW(occlusion_map(mean.network, image, {.patch = -1}), std::invalid_argument);
  EXPECT_THROW(occlusion_map(mean.network, image, {.output = 2}), std::out_of_range);
}

}  // namespace
}  // namespace steelsight::occlusion_test
