// What models compute with weights of every type: nearly what they do with float32.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/models/weight_types_testing.h"

namespace tfopt {
namespace {

using test::AllKernels;
using test::G2pBatch;
using test::G2pModel;
using test::Logits;
using test::RandomWavenet;
using test::RandomWavernn;
using test::TypeCase;
using test::TypeCases;
using test::WavenetInputs;
using test::WavernnInputs;

// The root of the mean square of what two differ by, as a part of that of the second.
double Error(const std::vector<float>& given, const std::vector<float>& expected) {
  double difference = 0.0, scale = 0.0;
  for (size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(double{given[i]} - double{expected[i]}, 2.0);
    scale += std::pow(double{expected[i]}, 2.0);
  }
  return std::sqrt(difference / scale);
}

// The most that logits of random weights may be wrong by, up to twice what they are: in all, and by what is lost of
// the vectors alone, beside float32 with the very weights that are multiplied.
struct Bounds {
  double all, inputs;
};

Bounds BoundsOf(WeightType type) {
  switch (type) {
    case WeightType::kFloat32: return {1e-6, 1e-6};
    case WeightType::kBfloat16: return {0.01, 0.006};
    case WeightType::kInt16: return {0.001, 0.001};
    case WeightType::kInt8: return {0.025, 0.02};
  }
  return {0.0, 0.0};
}

// One whose largest input becomes the largest integer.
std::vector<float> LargestAsScales(const InputHistograms& observed, WeightType type) {
  std::vector<float> scales;
  for (const InputHistogram& histogram : observed) {
    scales.push_back(histogram.largest() / static_cast<float>(LargestInput(type)));
  }
  return scales;
}

// `make()` makes a network, always the same; `logits(kernels, network, observed)` are its logits, `observed`, if
// given, what its matrices have multiplied for them.
template <class Make, class Run>
void ExpectNearFloat32(const Make& make, const Run& logits) {
  auto floats = make();
  Prune(&floats);
  InputHistograms observed;
  logits(*AllKernels().back(), floats, &observed);
  std::vector<TypeCase> cases = TypeCases();
  for (WeightType type : {WeightType::kInt16, WeightType::kInt8}) {
    cases.push_back({"scales given", {type, 0.5f, LargestAsScales(observed, type)}});
  }
  for (const TypeCase& c : cases) {
    auto network = make(), reference = make();
    Prune(&network);
    network.Convert(c.choice);
    TakeWeightsOf(network, &reference);
    const Bounds bounds = BoundsOf(c.choice.type);
    for (const Kernels* kernels : AllKernels()) {
      SCOPED_TRACE(c.name + ", " + IsaName(kernels->isa));
      const std::vector<float> given = logits(*kernels, network, nullptr);
      EXPECT_LE(Error(given, logits(*kernels, floats, nullptr)), bounds.all);
      EXPECT_LE(Error(given, logits(*kernels, reference, nullptr)), bounds.inputs);
    }
  }
}

// Of a network of streams.
template <class Network, class Inputs>
std::vector<float> ObservedLogits(const Kernels& kernels, Network& network, const Inputs& in,
                                  InputHistograms* observed) {
  if (observed != nullptr) {
    using Model = decltype(network.model);
    const Status status = Model::Read(network.Bytes(), network.Size(), &network.model, observed);
    EXPECT_EQ(status.message(), "");
  }
  const std::vector<float> logits = Logits(kernels, network, in);
  network.Read();
  return logits;
}

TEST(WeightTypes, WavenetIsNearFloat32) {
  const WavenetInputs in(test::ConditionedWavenet(), 2, 40);
  ExpectNearFloat32([] { return RandomWavenet(test::ConditionedWavenet()); },
                    [&](const Kernels& kernels, RandomWavenet& network, InputHistograms* observed) {
                      return ObservedLogits(kernels, network, in, observed);
                    });
}

TEST(WeightTypes, WavernnIsNearFloat32) {
  for (const WavernnConfig& config : test::WavernnsOfEachKind()) {
    const WavernnInputs in(config, 2, 40);
    ExpectNearFloat32([&] { return RandomWavernn(config); },
                      [&](const Kernels& kernels, RandomWavernn& network,
                          InputHistograms* observed) {
                        return ObservedLogits(kernels, network, in, observed);
                      });
  }
}

TEST(WeightTypes, G2pIsNearFloat32) {
  for (const G2pConfig& config : test::G2psOfBothKinds()) {
    const G2pBatch words = test::RandomWords(config, 5, 9, 1);
    ExpectNearFloat32([&] { return test::RandomG2p(config, 1); },
                      [&](const Kernels& kernels, G2pModel& model, InputHistograms* observed) {
                        return test::G2pLogits(kernels, model, words, observed);
                      });
  }
}

}  // namespace
}  // namespace tfopt
