#include "pipeline/features/learnable.hpp"

#include <gmock/gmock.h>

#include "datasets/open_dataset.hpp"
#include "tests/datasets/folder_fixture.hpp"
#include "tests/preprocessing/image_files.hpp"

namespace steelsight::learnable_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Learnable : public FolderFixture {
 protected:
  void image(const std::string& name) const {
    write_file(folder_ / name, encode(".png", cv::Mat(8, 8, CV_8UC1, cv::Scalar(90))));
  }
  // Everything is for training but what the data set declares otherwise.
  static void require(const fs::path& path) {
    const Dataset dataset = open_dataset(path);
    std::vector<std::optional<Part>> parts;
    for (const Sample& sample : dataset.samples) parts.push_back(sample.part.value_or(Part::train));
    require_learnable(dataset, gather_split(parts));
  }
  std::string error(const std::string& name = "") const {
    return message_of<DatasetError>([&] { require(folder_ / name); });
  }
};

TEST_F(Learnable, OneReadableImageOfEachClassIsEnough) {
  touch_all({"Cr/1.png", "In/1.png"});  // no images
  image("Cr/2.png");
  image("In/2.png");
  EXPECT_NO_THROW(require(folder_));
}

TEST_F(Learnable, AClassWithoutOneIsRefusedByName) {
  image("train/Cr/1.png");
  image("train/In/1.png");
  image("val/Sc/1.png");
  EXPECT_THAT(error(), HasSubstr("class 'Sc' has no image to train on"));
}

TEST_F(Learnable, AClassOfWhichNothingCanBeReadIsRefusedWithTheReason) {
  image("Cr/1.png");
  touch_all({"In/1.png", "In/2.png"});
  fs::create_symlink("nowhere", folder_ / "In/0.png");
  EXPECT_THAT(error(), AllOf(HasSubstr("class 'In' has 3 images to train on, of which none can be "
                                       "read; the first: "),
                             HasSubstr("In/0.png")));
}

TEST_F(Learnable, OneClassIsTooFew) {
  image("Cr/1.png");
  fs::create_directories(folder_ / "In");
  EXPECT_THAT(error(), HasSubstr("has 1 class, expected 2 or more"));
}

TEST_F(Learnable, OfATableItIsTheRows) {
  write_file(folder_ / "t.csv", "x,label\n1,a\n?,a\n?,b\n");
  EXPECT_THAT(error("t.csv"), HasSubstr("class 'b' has 1 row to train on, of which none"));
  write_file(folder_ / "t.csv", "x,label\n1,a\n?,b\n2,b\n");
  EXPECT_NO_THROW(require(folder_ / "t.csv"));
}

}  // namespace
}  // namespace steelsight::learnable_test
