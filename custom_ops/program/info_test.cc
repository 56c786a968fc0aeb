#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "program/commands.h"
#include "program/testing.h"

namespace tfopt {
namespace {

using ::testing::HasSubstr;

// What is printed about a file.
std::string InfoOf(PackedKind kind, const test::Sections& sections) {
  const test::Folder folder;
  test::WriteFile(folder / "model", test::File(kind, sections));
  testing::internal::CaptureStdout();
  EXPECT_EQ(Info({folder / "model"}).message(), "");
  return testing::internal::GetCapturedStdout();
}

TEST(Info, SaysTheTypeOfTheWeights) {
  const WavernnConfig config = test::CategoricalWavernn(6, 4, 17, 19, 9);
  const std::map<PackedKind, test::Sections> files = {
      {PackedKind::kWavenet, test::WavenetSections()},
      {PackedKind::kWavernn, test::WavernnSections(config)},
      {PackedKind::kG2p, test::G2pSections()}};
  for (const auto& [kind, sections] : files) {
    const char* const names[] = {"float32", "bfloat16", "int16", "int8"};
    for (int type = 0; type < kWeightTypes; ++type) {
      const std::string text =
          InfoOf(kind, test::Converted(sections, {WeightType{type}, 0.0f, {}}));
      EXPECT_THAT(text, HasSubstr("\nweights             " + std::string(names[type]) + "\n"));
      EXPECT_THAT(text, HasSubstr("\ndensity of weights  1\n"));
    }
  }
}

// A quarter of the blocks of every matrix but those without any inputs.
TEST(Info, SaysHowManyWeightsThereAre) {
  test::RandomWavenet network(test::CategoricalWavenet(16, 16, 16, 16, 16, {1, 2}));
  for (std::vector<float>& v : network.values) {
    if (v.size() % 256 != 0) continue;  // a bias
    const size_t width = v.size() / 256 == 1 ? 16 : 32;
    for (size_t i = 0; i < v.size(); ++i) v[i] = i / width % 16 < 4 ? 1.0f : 0.0f;
  }
  network.Pack();
  network.Convert({WeightType::kInt8, 0.5f, {}});
  const test::Bytes packed(reinterpret_cast<const char*>(network.Bytes()), network.Size());
  const test::Sections sections =
      test::With(test::WavenetSections(network.config), "model", packed);
  EXPECT_THAT(InfoOf(PackedKind::kWavenet, sections),
              HasSubstr("\nweights             int8\ndensity of weights  0.25\n"));
}

}  // namespace
}  // namespace tfopt
