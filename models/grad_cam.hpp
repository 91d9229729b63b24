#pragma once
// Where a network looked when it gave a class: Grad-CAM (Selvaraju et al., "Grad-CAM: Visual
// explanations from deep networks via gradient-based localization", ICCV 2017).
//
//   GradCam cam(backend, model.spec, model.parameters, {.batch_size = 8});
//   cam.run(images, classes, maps);
#include <cstdint>
#include <span>
#include <string>

#include "models/network.hpp"

namespace steelsight {

// The last layer that still has places and is no pooling: the last convolution, with the batch
// norm, the residual and the activation behind it. Of a network whose head also reads earlier
// layers, the last one before the first of these. Empty if there is none.
std::string last_layer_with_places(const NetworkSpec& spec);

// The network is cut at a layer: up to it, it runs as in inference, and behind it the gradient of a
// class's output flows back to the cut. Each channel is weighted with the mean of its gradient over
// all places; of the weighted sum, what speaks for the class is kept (ReLU).
class GradCam {
 public:
  struct Options {
    std::int64_t batch_size = 8;
    std::string layer = {};  // as find_layer() takes it; empty: last_layer_with_places()
  };

  // Throws ModelError for a layer that is not there, a network or layer without places, or where
  // the network can't be cut in two (inside of a residual block); BackendError.
  GradCam(Backend& backend, const NetworkSpec& spec, const TensorMap& parameters,
          const Options& options);

  const std::string& layer() const { return layer_; }
  std::int64_t height() const { return shape_[1]; }  // of a map
  std::int64_t width() const { return shape_[2]; }

  // images: N,C,H,W, up to batch_size of them; classes: one each; maps: N x height x width, 0 or
  // more, in units of the output times activation. Throws std::invalid_argument for wrong sizes,
  // std::out_of_range for a class that the network does not have.
  void run(std::span<const float> images, std::span<const int> classes, std::span<float> maps);

 private:
  std::string layer_;
  Shape shape_;  // C,H,W at the cut
  InferenceNetwork trunk_;
  TrainingNetwork rest_;
};

}  // namespace steelsight
