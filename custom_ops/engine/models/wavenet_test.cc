#include "engine/models/wavenet.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "engine/benchmark/wavenet_modules.h"
#include "engine/models/wavenet_run.h"
#include "engine/models/wavenet_testing.h"
#include "engine/no_timer.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

using test::AllKernels;
using test::Allocations;
using test::CategoricalWavenet;
using test::Close;
using test::Generate;
using test::Logits;
using test::RandomWavenet;
using test::SameBits;
using test::Volume;
using test::WavenetConfigs;
using test::WavenetInputs;

// y += kernel [inputs, outputs] applied to x.
void Apply(const std::vector<float>& kernel, size_t first, const std::vector<double>& x,
           std::vector<double>* y) {
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t o = 0; o < y->size(); ++o) {
      (*y)[o] += x[i] * static_cast<double>(kernel[first + i * y->size() + o]);
    }
  }
}

void AddBias(const std::vector<float>& bias, std::vector<double>* y) {
  for (size_t i = 0; i < bias.size(); ++i) (*y)[i] += static_cast<double>(bias[i]);
}

// Logits [time, outputs] of one stream as the definition says, in double, with no queue: every layer's
// inputs are kept.
std::vector<double> Reference(const RandomWavenet& network, const std::vector<float>& samples,
                              const float* conditioning, const float* speaker) {
  const WavenetConfig& c = network.config;
  const std::vector<std::vector<float>>& v = network.values;
  const size_t layers = c.dilations.size();
  std::vector<std::vector<std::vector<double>>> inputs(layers);
  std::vector<double> logits;
  for (size_t t = 0; t < samples.size(); ++t) {
    std::vector<double> x(static_cast<size_t>(c.residual));
    AddBias(v[1], &x);
    for (int k = 0; k < c.input_kernel_size; ++k) {
      const size_t back = static_cast<size_t>(c.input_kernel_size - 1 - k);
      if (back > t) continue;
      const float sample = samples[t - back];
      const size_t rows = static_cast<size_t>(std::max(1, c.input_classes));
      const size_t row = c.input_classes == 0 ? 0 : static_cast<size_t>(sample);
      double amplitude = c.input_classes == 0 ? static_cast<double>(sample) : 1.0;
      if (c.decoded_classes > 0) {
        const double mu = c.decoded_classes - 1, y = 2.0 * static_cast<double>(sample) / mu - 1.0;
        amplitude = std::copysign((std::pow(1.0 + mu, std::fabs(y)) - 1.0) / mu, y);
      }
      Apply(v[0], (static_cast<size_t>(k) * rows + row) * x.size(), {amplitude}, &x);
    }
    std::vector<double> skip(static_cast<size_t>(c.skip));
    for (size_t l = 0; l < layers; ++l) {
      const std::vector<float>* w = &v[2 + 8 * l];
      inputs[l].push_back(x);
      std::vector<double> sums(static_cast<size_t>(2 * c.gate));
      for (int k = 0; k < c.kernel_size; ++k) {
        const size_t back = static_cast<size_t>((c.kernel_size - 1 - k) * c.dilations[l]);
        if (back <= t) Apply(w[0], Volume({k, c.residual, 2 * c.gate}), inputs[l][t - back], &sums);
      }
      AddBias(w[1], &sums);
      const float* frame = conditioning + t * static_cast<size_t>(c.local_channels);
      Apply(w[2], 0, std::vector<double>(frame, frame + c.local_channels), &sums);
      Apply(w[3], 0, std::vector<double>(speaker, speaker + c.global_channels), &sums);
      std::vector<double> z(static_cast<size_t>(c.gate));
      for (size_t g = 0; g < z.size(); ++g) {
        z[g] = std::tanh(sums[g]) / (1.0 + std::exp(-sums[g + z.size()]));
      }
      Apply(w[4], 0, z, &x);
      AddBias(w[5], &x);
      Apply(w[6], 0, z, &skip);
      AddBias(w[7], &skip);
    }
    for (double& s : skip) s = std::max(s, 0.0);
    std::vector<double> end(static_cast<size_t>(c.end)), out(static_cast<size_t>(c.outputs));
    Apply(v[2 + 8 * layers], 0, skip, &end);
    AddBias(v[3 + 8 * layers], &end);
    for (double& e : end) e = std::max(e, 0.0);
    Apply(v[4 + 8 * layers], 0, end, &out);
    AddBias(v[5 + 8 * layers], &out);
    logits.insert(logits.end(), out.begin(), out.end());
  }
  return logits;
}

// One channel everywhere, weights 1, no biases, two classes: a step can be followed by hand.
TEST(Wavenet, OneChannelByHand) {
  RandomWavenet network(CategoricalWavenet(1, 1, 1, 1, 2, {1}), false);
  for (std::vector<float>& v : network.values) std::fill(v.begin(), v.end(), 1.0f);
  network.values[0] = {2, 3};  // what classes 0 and 1 put in
  network.values[network.values.size() - 2] = {1, -1};
  network.values[4].clear();  // no conditioning
  network.values[5].clear();
  network.Pack();
  WavenetInputs in(network.config, 1, 3);
  in.fed = {0, 1, 1};
  const auto gate = [](double sum) { return std::tanh(sum) / (1 + std::exp(-sum)); };
  const double skips[] = {gate(2), gate(2 + 3), gate(3 + 3)};
  for (const Kernels* kernels : AllKernels()) {
    const std::vector<float> logits = Logits(*kernels, network, in);
    for (size_t t = 0; t < 3; ++t) {
      EXPECT_NEAR(logits[2 * t], skips[t], 1e-6);
      EXPECT_NEAR(logits[2 * t + 1], -skips[t], 1e-6);
    }
  }
}

TEST(Wavenet, LogitsAreWhatTheDefinitionSays) {
  for (const auto& [name, config] : WavenetConfigs()) {
    for (bool biases : {true, false}) {
      const RandomWavenet network(config, biases);
      const WavenetInputs in(config, 3, 50);
      std::vector<double> expected;
      for (int b = 0; b < in.batch; ++b) {
        const std::vector<float> fed(in.fed.begin() + b * in.time,
                                     in.fed.begin() + (b + 1) * in.time);
        const std::vector<double> row =
            Reference(network, fed, in.conditioning.data() + b * in.time * config.local_channels,
                      in.speaker.data() + b * config.global_channels);
        expected.insert(expected.end(), row.begin(), row.end());
      }
      double scale = 1.0;
      for (double e : expected) scale = std::max(scale, std::fabs(e));
      for (const Kernels* kernels : AllKernels()) {
        SCOPED_TRACE(name + ", " + IsaName(kernels->isa));
        const std::vector<float> logits = Logits(*kernels, network, in);
        EXPECT_TRUE(Close(logits.data(), expected.data(), logits.size(), 1e-5 * scale));
        const std::vector<float> threaded = Logits(*kernels, network, in, 2);
        EXPECT_TRUE(SameBits(threaded.data(), logits.data(), logits.size()));
      }
    }
  }
}

// Feeding what was generated gives logits whose draws are what was generated.
TEST(Wavenet, GeneratedSamplesAreDrawnFromTheLogits) {
  const RandomWavenet network(WavenetConfigs()["odd"]);
  WavenetInputs in(network.config, 2, 60);
  const Kernels& kernels = *AllKernels().back();
  const std::vector<float> samples = Generate(kernels, network, in, in.time);
  const int outputs = network.config.outputs;
  for (int b = 0; b < in.batch; ++b) {
    in.fed[Volume({b, in.time})] = 0.0f;
    for (int t = 1; t < in.time; ++t) {
      const size_t place = Volume({b, in.time}) + static_cast<size_t>(t);
      in.fed[place] = samples[place - 1];
    }
  }
  const std::vector<float> logits = Logits(kernels, network, in);
  AlignedFloats aligned(static_cast<size_t>(Padded(outputs)));
  AlignedFloats scratch(static_cast<size_t>(ScratchFloats(outputs)));
  for (size_t i = 0; i < samples.size(); ++i) {
    std::memcpy(aligned.data(), logits.data() + i * static_cast<size_t>(outputs),
                static_cast<size_t>(outputs) * sizeof(float));
    EXPECT_EQ(samples[i], DrawSample(kernels, {OutputKind::kCategorical, outputs}, aligned.data(), 1.0f,
                                     &in.uniforms[i], scratch.data()));
  }
}

TEST(Wavenet, ForcedSamplesReplaceDrawnOnes) {
  const RandomWavenet network(WavenetConfigs()["panels"]);
  const WavenetInputs in(network.config, 2, 20);
  const Kernels& kernels = *AllKernels().back();
  const std::vector<float> free = Generate(kernels, network, in, in.time);
  const std::vector<float> last(2, 0.0f);
  for (int forced_time : {0, 1, 7, 20}) {
    std::vector<float> forced;
    for (int b = 0; b < in.batch; ++b) {
      const auto row = free.begin() + b * in.time;
      forced.insert(forced.end(), row, row + forced_time);
    }
    AlignedFloats state = network.State(in.batch);
    std::vector<float> samples(free.size());
    ASSERT_TRUE(GenerateWavenet(network.model, kernels, in.Streams(&state), last.data(),
                                forced.data(), forced_time, in.uniforms.data(), 1.0f,
                                samples.data())
                    .ok());
    EXPECT_TRUE(SameBits(samples.data(), free.data(), free.size())) << forced_time;
  }
}

TEST(Wavenet, NothingIsAllocatedOnceTheStepsHaveBegun) {
  for (const auto& [name, config] : WavenetConfigs()) {
    const RandomWavenet network(config);
    const WavenetInputs in(config, 3, 40);
    AlignedFloats state = network.State(in.batch);
    for (const Kernels* kernels : AllKernels()) {
      WavenetRun run(network.model, *kernels, in.Streams(&state), 0, in.batch);
      NoTimer timer;
      const size_t before = Allocations();
      for (int t = 0; t < in.time; ++t) {
        run.Step(in.fed.data() + t, in.time, &timer);
        for (int b = 0; b < in.batch; ++b) run.Draw(b, 1.0f, in.uniforms.data());
      }
      EXPECT_EQ(Allocations(), before) << name;
    }
  }
}

TEST(Wavenet, ZeroStepsAndZeroStreams) {
  const RandomWavenet network(WavenetConfigs()["odd"]);
  const Kernels& kernels = *AllKernels().back();
  EXPECT_TRUE(Generate(kernels, network, WavenetInputs(network.config, 2, 0), 1).empty());
  EXPECT_TRUE(Generate(kernels, network, WavenetInputs(network.config, 0, 5), 5).empty());
}

TEST(Wavenet, BadSamplesAreRefused) {
  const RandomWavenet network(WavenetConfigs()["odd"]);
  const Kernels& kernels = *AllKernels().back();
  const WavenetInputs in(network.config, 1, 2);
  for (float bad : {-1.0f, 13.0f, 0.5f, std::numeric_limits<float>::quiet_NaN()}) {
    AlignedFloats state = network.State(1);
    const float samples[] = {0.0f, bad};
    std::vector<float> logits(Volume({2, 13}));
    const Status status =
        WavenetLogits(network.model, kernels, in.Streams(&state), samples, logits.data());
    EXPECT_NE(status.message().find("samples: expected classes from 0 to 12, got"),
              std::string::npos)
        << status.message();
    const Status generated = GenerateWavenet(network.model, kernels, in.Streams(&state), &bad,
                                             nullptr, 0, in.uniforms.data(), 1.0f, logits.data());
    EXPECT_NE(generated.message().find("last: expected classes"), std::string::npos);
  }
}

TEST(Wavenet, ANetworkThatOverflowsIsAnError) {
  RandomWavenet network(WavenetConfigs()["odd"]);
  for (float& v : network.values[2]) v = 1e38f;
  for (float& v : network.values[network.values.size() - 4]) v = 1e38f;
  for (float& v : network.values[network.values.size() - 2]) v = 1e38f;
  network.Pack();
  const WavenetInputs in(network.config, 1, 4);
  AlignedFloats state = network.State(1);
  const float last = 0.0f;
  std::vector<float> samples(4);
  const Status status =
      GenerateWavenet(network.model, *AllKernels().back(), in.Streams(&state), &last, nullptr, 0,
                      in.uniforms.data(), 1.0f, samples.data());
  EXPECT_NE(status.message().find("not finite"), std::string::npos) << status.message();
}

TEST(TimeWavenetModules, TimesEveryModule) {
  const RandomWavenet network(WavenetConfigs()["wide"]);
  for (const Kernels* kernels : AllKernels()) {
    const auto seconds = TimeWavenetModules(network.model, *kernels, 50);
    double sum = 0.0;
    for (double s : seconds) sum += s;
    EXPECT_GT(seconds[static_cast<size_t>(WavenetModule::kConvolution)], 0.0);
    EXPECT_GT(seconds[static_cast<size_t>(WavenetModule::kSkip)], 0.0);
    EXPECT_GT(seconds[static_cast<size_t>(WavenetModule::kEnd)], 0.0);
    EXPECT_TRUE(std::isfinite(sum));
  }
}

}  // namespace
}  // namespace tfopt
