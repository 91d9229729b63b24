#include "pipeline/explore/explore.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "core/atomic_file.hpp"
#include "datasets/error.hpp"
#include "datasets/synth.hpp"
#include "pipeline/extract/npy.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::explore_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Explore : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void make_images() const {
    synthesize({.folder = folder_ / "images", .per_class = 4, .size = 64});
  }

  Exploration run(const std::string& dataset, const std::string& features) {
    ExploreConfig config{.dataset = path(dataset), .output = path("out"), .features = features};
    config.options.iterations = 50;
    return explore(backend_, config, console_);
  }

  Json json() const { return parse_json(read_file(folder_ / "out/explore.json"), "explore.json"); }

  std::string message_of(const std::string& dataset, const std::string& features) {
    try {
      run(dataset, features);
    } catch (const DatasetError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  const TemporaryFolder folder_;
  Backend backend_{1};
  Console console_{/*quiet=*/true};
};

TEST_F(Explore, LooksAtPixelsOfLabelledImages) {
  make_images();
  const Exploration found = run("images", "pixels");
  EXPECT_EQ(found.options.clusters, 6u);  // as many as classes
  EXPECT_EQ(found.options.components, 23u);
  ASSERT_TRUE(found.scores);
  ASSERT_TRUE(found.map);
  for (const char* file : {"explore.html", "points.csv", "config.json", "scree.svg", "map.png",
                           "class_samples.pdf", "preprocessing.png"})
    EXPECT_TRUE(fs::exists(folder_ / "out" / file)) << file;
  EXPECT_EQ(json().at("n"), 24);
  EXPECT_EQ(json().at("columns"), 1024);
}

TEST_F(Explore, ChoosesTheNumberOfClustersWithoutLabels) {
  make_images();
  const fs::path images = folder_ / "images";
  const std::vector<fs::path> files(fs::directory_iterator(images), fs::directory_iterator{});
  for (const fs::path& file : files)  // a name without a number has no class as prefix
    fs::rename(file, images / (file.stem().string() + "x.bmp"));
  const Exploration found = run("images", "pixels");
  EXPECT_EQ(found.tried.size(), 9u);
  EXPECT_FALSE(found.scores);
  EXPECT_TRUE(found.suspects.empty());
  for (const TriedClusters& tried : found.tried) EXPECT_LE(tried.silhouette, found.silhouette);
}

TEST_F(Explore, LeavesOutWhatCantBeRead) {
  make_images();
  write_file(folder_ / "images/Cr_9.bmp", "BM");
  run("images", "pixels");
  EXPECT_EQ(json().at("n"), 24);
  EXPECT_EQ(json().at("left_out")[0].at("name"), "Cr_9.bmp");
}

TEST_F(Explore, TakesFeaturesThatExtractWrote) {
  make_images();
  NpyWriter npy(folder_ / "f.npy", {24, 2});
  for (float i = 0; i < 24; ++i) npy.write(std::vector<float>{i, i * i});
  npy.commit();
  run("images", path("f.npy"));
  EXPECT_EQ(json().at("source"), "2 values of f.npy");
  EXPECT_THAT(json().at("pca").at("raw").at("variance"), testing::SizeIs(2));

  NpyWriter fewer(folder_ / "fewer.npy", {3, 2});
  for (float i = 0; i < 3; ++i) fewer.write(std::vector<float>{i, i});
  fewer.commit();
  EXPECT_THAT(message_of("images", path("fewer.npy")), HasSubstr("expected 24 rows"));
}

TEST_F(Explore, TakesFeaturesAsCsvInTheDataSetsOrder) {
  make_images();
  std::string text = "path,label,error,f0,f1\n";
  write_file(folder_ / "f.csv", text + path("images/In_1.bmp") + ",In,,1,2\n");
  EXPECT_THAT(message_of("images", path("f.csv")),
              HasSubstr("expected '" + path("images/Cr_1.bmp")));
  write_file(folder_ / "f.csv", text + path("images/Cr_1.bmp") + ",Cr,,1,x\n");
  EXPECT_THAT(message_of("images", path("f.csv")), HasSubstr("f.csv:2: 'x' is not a number"));
  write_file(folder_ / "f.csv", text + path("images/Cr_1.bmp") + ",Cr,,1,2\n");
  EXPECT_THAT(message_of("images", path("f.csv")), HasSubstr("has 1 rows, expected 24"));
  write_file(folder_ / "f.csv", "a,b\n1,2\n");
  EXPECT_THAT(message_of("images", path("f.csv")), HasSubstr("expected the columns path,label"));
}

TEST_F(Explore, StandardizesATableWithOrWithoutLabels) {
  std::string labelled = "a,b,label\n", plain = "a,b\n";
  for (int i = 0; i < 20; ++i) {
    const std::string row = std::to_string(i % 2) + "," + std::to_string(1000 * (i % 5));
    labelled += row + (i % 2 == 0 ? ",even\n" : ",odd\n");
    plain += row + "\n";
  }
  write_file(folder_ / "labelled.csv", labelled + "x,3,even\n");
  write_file(folder_ / "plain.csv", plain);
  EXPECT_EQ(run("labelled.csv", "model").options.scaling, "standard");
  EXPECT_THAT(json().at("left_out")[0].at("reason"), "a is 'x', expected a number");
  EXPECT_FALSE(run("plain.csv", "model").scores);
  EXPECT_FALSE(fs::exists(folder_ / "out/class_samples.png"));
}

TEST_F(Explore, NamesAreTextInThePageAndNoFormulasInTheTable) {
  make_images();
  fs::rename(folder_ / "images/Cr_1.bmp", folder_ / "images/=<script>alert(1)<'script>_1.bmp");
  run("images", "pixels");
  const std::string page = read_file(folder_ / "out/explore.html");
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(read_file(folder_ / "out/points.csv"), HasSubstr(",'=<script>"));
}

TEST_F(Explore, NeedsFourRows) {
  write_file(folder_ / "t.csv", "a,label\n1,x\n2,y\n3,x\n");
  EXPECT_THAT(message_of("t.csv", "model"), HasSubstr("3 of 3 can be read, expected 4 or more"));
}

TEST_F(Explore, RefusesMoreClustersThanRows) {
  write_file(folder_ / "t.csv", "a,label\n1,x\n2,y\n3,x\n5,y\n");
  ExploreConfig config{.dataset = path("t.csv"), .output = path("out")};
  config.options.clusters = 5;
  EXPECT_THROW(explore(backend_, config, console_), ConfigError);
}

TEST(ExploreConfig, ComesBackFromJson) {
  Json json = explore_fields().write({});
  json["dataset"] = "images";
  json["output"] = "out";
  json["features"] = "pixels";
  json["perplexity"] = 5.5;
  EXPECT_EQ(explore_fields().write(explore_fields().read(json, "/explore")), json);
}

TEST(ExploreConfig, IsStrict) {
  const Json fine{{"dataset", "images"}, {"output", "out"}, {"features", "pixels"}};
  EXPECT_NO_THROW(explore_fields().read(fine, "/explore"));
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, Json>>{{"scaling", "minmax"},
                                                 {"tsne", "fast"},
                                                 {"tsne_start", "zero"},
                                                 {"perplexity", 0.5},
                                                 {"theta", 1.5},
                                                 {"iterations", 0},
                                                 {"attempts", 0},
                                                 {"neighbours", 0},
                                                 {"early_exaggeration", 0},
                                                 {"threads", 1000},
                                                 {"dataset", ""},
                                                 {"output", ""},
                                                 {"arch", "vgg16"},
                                                 {"layers", Json::array()},
                                                 {"unknown", 1}}) {
    Json json = fine;
    json[key] = value;
    EXPECT_THROW(explore_fields().read(json, "/explore"), ConfigError) << key;
  }
}

}  // namespace
}  // namespace steelsight::explore_test
