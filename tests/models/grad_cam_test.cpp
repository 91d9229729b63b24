#include "models/grad_cam.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/error.hpp"
#include "models/resnet.hpp"
#include "models/surgery.hpp"
#include "models/zoo.hpp"

namespace steelsight::grad_cam_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// Two channels that pass the image on as it is and with its sign changed; class 0 is their means
// weighted 3 and -1, class 1 the opposite. The gradient at each of four places is weight / 4.
struct ByHand {
  NetworkSpec spec{.input = {1, 2, 2},
                   .layers = {{.type = LayerType::conv, .name = "conv", .out = 2},
                              {.type = LayerType::global_avgpool, .name = "pool"},
                              {.type = LayerType::dropout, .name = "drop"},
                              {.type = LayerType::dense, .name = "dense", .out = 2}}};
  TensorMap parameters{{"conv.weight", {{2, 1, 1, 1}, {1, -1}}},
                       {"conv.bias", {{2}, {0, 0}}},
                       {"dense.weight", {{2, 2}, {3, -1, -3, 1}}},
                       {"dense.bias", {{2}, {0, 0}}}};
  Backend backend{1};
};

TEST(GradCam, WeighsActivationsWithMeanGradients) {
  ByHand net;
  GradCam cam(net.backend, net.spec, net.parameters, {.batch_size = 3});
  EXPECT_EQ(cam.layer(), "conv");
  const std::vector<float> images{1, 2, -3, 0, 1, 2, -3, 0};
  std::vector<float> maps(8);
  cam.run(images, std::vector{0, 1}, maps);
  // 3/4 x - 1/4 (-x) = x, and the opposite
  EXPECT_THAT(maps, ElementsAre(1, 2, 0, 0, 0, 0, 3, 0));
}

TEST(GradCam, GivesTheSameForAnImageAloneAndInABatch) {
  ByHand net;
  GradCam cam(net.backend, net.spec, net.parameters, {.batch_size = 4});
  std::vector<float> map(4);
  cam.run(std::vector<float>{5, 5, 5, 5}, std::vector{0}, map);
  cam.run(std::vector<float>{1, 2, -3, 0}, std::vector{0}, map);
  EXPECT_THAT(map, ElementsAre(1, 2, 0, 0));
}

TEST(GradCam, LooksAtTheLastLayerThatHasPlaces) {
  EXPECT_EQ(last_layer_with_places(vgg16({})), "block5_conv3_relu");
  EXPECT_EQ(last_layer_with_places(resnet50({})), "layer4.2.relu3");
  EXPECT_EQ(last_layer_with_places(
                classifier_on_features(resnet50({}), {"layer3.5.relu3", "layer4.2.relu3"}, 2)),
            "layer3.5.relu3");
  EXPECT_EQ(last_layer_with_places(
                {.input = {4}, .layers = {{.type = LayerType::dense, .name = "d", .out = 2}}}),
            "");
}

TEST(GradCam, RefusesWhatItCanNotExplain) {
  ByHand net;
  const auto with_layer = [&](const std::string& layer) {
    GradCam(net.backend, net.spec, net.parameters, {.layer = layer});
  };
  EXPECT_THAT([&] { with_layer("pool"); }, ThrowsMessage<ModelError>(HasSubstr("'pool' gives 2")));
  EXPECT_THROW(with_layer("nothing"), ModelError);
  const NetworkSpec table{.input = {4},
                          .layers = {{.type = LayerType::dense, .name = "dense", .out = 2}}};
  EXPECT_THROW(GradCam(net.backend, table, net.parameters, {}), ModelError);
  GradCam cam(net.backend, net.spec, net.parameters, {.batch_size = 1});
  std::vector<float> map(4);
  const std::vector<float> image(4);
  EXPECT_THROW(cam.run(image, std::vector{2}, map), std::out_of_range);
  EXPECT_THROW(cam.run(image, std::vector{-1}, map), std::out_of_range);
  EXPECT_THROW(cam.run(image, std::vector{0}, std::span(map).first(3)), std::invalid_argument);
  EXPECT_THROW(cam.run(std::span(image).first(3), std::vector{0}, map), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::grad_cam_test
