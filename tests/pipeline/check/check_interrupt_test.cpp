// In a program of its own: a caught signal is remembered as long as the program runs.
#include <gtest/gtest.h>

#include <csignal>

#include "core/interrupt.hpp"
#include "pipeline/check/check.hpp"
#include "tests/preprocessing/image_files.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::check_interrupt_test {
namespace {

TEST(CheckInterrupt, StopsWithoutAResult) {
  const TemporaryFolder folder;
  folder.add("data/Cr_1.bmp", encode(".bmp", test_image(20, 20, CV_8UC1)));
  catch_interrupts();
  std::raise(SIGINT);
  const CheckConfig config{.dataset = (folder.path() / "data").string(),
                           .output = (folder.path() / "out").string()};
  Console quiet(true);
  EXPECT_THROW(check(config, quiet), Interrupted);
  EXPECT_FALSE(fs::exists(folder.path() / "out" / "check.json"));
}

}  // namespace
}  // namespace steelsight::check_interrupt_test
