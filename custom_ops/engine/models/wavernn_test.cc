// What a WaveRNN computes, and what it refuses.
#include "engine/models/wavernn.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/benchmark/wavernn_modules.h"
#include "engine/models/wavernn_run.h"
#include "engine/models/wavernn_testing.h"
#include "engine/no_timer.h"
#include "engine/sampling/sampler.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

using test::AllKernels;
using test::CategoricalWavernn;
using test::Close;
using test::Generate;
using test::Logits;
using test::RandomWavernn;
using test::SameBits;
using test::Volume;
using test::WavernnConfigs;
using test::WavernnInputs;

using Vector = std::vector<double>;

// bias + kernel [inputs, outputs] applied to x.
Vector Dense(RandomWavernn& network, const std::string& kernel_name, const std::string& bias_name,
             const Vector& x) {
  const std::vector<float>& kernel = network[kernel_name];
  const std::vector<float>& bias = network[bias_name];
  Vector y(bias.begin(), bias.end());
  EXPECT_EQ(kernel.size(), x.size() * y.size());
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t o = 0; o < y.size(); ++o) {
      y[o] += x[i] * static_cast<double>(kernel[i * y.size() + o]);
    }
  }
  return y;
}

Vector Layer(RandomWavernn& network, const std::string& name, const Vector& x) {
  return Dense(network, name + ".kernel", name + ".bias", x);
}

void Rectify(Vector* x) {
  for (double& v : *x) v = std::max(v, 0.0);
}

template <class Values>
Vector Joined(const Vector& a, const Values& b) {
  Vector both = a;
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// Logits [time, outputs] of one stream as the definition says, in double, with nothing computed ahead.
Vector Reference(RandomWavernn& network, const WavernnInputs& in, int stream) {
  const WavernnConfig& c = network.config;
  const auto row = [](const std::vector<float>& all, size_t index, int width) {
    const auto from = all.begin() + static_cast<ptrdiff_t>(index) * width;
    return Vector(from, from + width);
  };
  const size_t units = static_cast<size_t>(c.rnn_channels);
  std::vector<Vector> states(static_cast<size_t>(c.rnn_layers), Vector(units));
  Vector logits;
  for (int t = 0; t < in.time; ++t) {
    const size_t step = Volume({stream, in.time}) + static_cast<size_t>(t);
    const size_t frame =
        Volume({stream, in.frames}) + static_cast<size_t>((in.offset + t) / in.hop);
    const auto aux = [&](int part) {
      return row(in.aux, frame * static_cast<size_t>(c.aux_parts()) + static_cast<size_t>(part),
                 c.aux_channels);
    };
    const Vector fed = row(in.fed, step, c.fed()), mel = row(in.mels, step, c.mel_channels);
    Vector x = Layer(network, "input", Joined(Joined(fed, mel), aux(0)));
    for (int i = 0; i < c.rnn_layers; ++i) {
      const std::string name = "rnn." + std::to_string(i);
      Vector& h = states[static_cast<size_t>(i)];
      const Vector a = Layer(network, name, i == 0 ? x : Joined(x, aux(i)));
      const Vector b = Dense(network, name + ".recurrent", name + ".recurrent_bias", h);
      for (size_t o = 0; o < units; ++o) {
        const double reset = Sigmoid(a[o] + b[o]), update = Sigmoid(a[units + o] + b[units + o]);
        const double candidate = std::tanh(a[2 * units + o] + reset * b[2 * units + o]);
        h[o] = (1.0 - update) * candidate + update * h[o];
        x[o] += h[o];
      }
    }
    for (int i = 0; i < c.fc_layers; ++i) {
      x = Layer(network, "fc." + std::to_string(i), Joined(x, aux(c.rnn_layers + i)));
      Rectify(&x);
    }
    logits = Joined(logits, Layer(network, "output", x));
    if (!c.split()) continue;
    const double coarse = 2.0 * in.targets[step] / (c.coarse_outputs() - 1) - 1.0;
    Vector fine = Layer(network, "fine", Joined(x, Vector{coarse}));
    Rectify(&fine);
    logits = Joined(logits, Layer(network, "fine.output", fine));
  }
  return logits;
}

// One channel everywhere, one GRU whose reset gate is open and whose update gate is shut: its state is the
// candidate, tanh(x + the last state).
TEST(Wavernn, OneChannelByHand) {
  RandomWavernn network(WavernnConfigs()["one of each"]);
  network["input.kernel"] = {1, 2, 3};  // fed, mel, aux
  network["input.bias"] = {0.5f};
  network["rnn.0.kernel"] = {0, 0, 1};
  network["rnn.0.bias"] = {500, -500, 0};
  network["rnn.0.recurrent"] = {0, 0, 1};
  network["rnn.0.recurrent_bias"] = {500, -500, 0};
  network["fc.0.kernel"] = {1, 2};  // x, aux
  network["fc.0.bias"] = {3};
  network["output.kernel"] = {1, -1};
  network["output.bias"] = {0, 10};
  network.Pack();
  WavernnInputs in(network.config, 1, 3, 2);  // two steps a frame
  in.fed = {0, 1, -1};
  in.mels = {0, 0.25f, 1};
  in.aux = {0, 4, 1, -2};  // of each frame a part for the input, a part for the layer
  const double h0 = std::tanh(0.5), h1 = std::tanh(2.0 + h0), h2 = std::tanh(4.5 + h1);
  const double y[] = {0.5 + h0 + 8 + 3, 2.0 + h1 + 8 + 3, 4.5 + h2 - 4 + 3};
  for (const Kernels* kernels : AllKernels()) {
    const std::vector<float> logits = Logits(*kernels, network, in);
    for (size_t t = 0; t < 3; ++t) {
      EXPECT_NEAR(logits[2 * t], y[t], 2e-6) << t;
      EXPECT_NEAR(logits[2 * t + 1], 10 - y[t], 2e-6) << t;
    }
  }
}

// Layers that pass on what they read: the fine logits are of the layer behind and of the coarse class.
TEST(Wavernn, FineLogitsByHand) {
  WavernnConfig c = CategoricalWavernn(1, 1, 1, 1, 8);
  c.output = WavernnOutput::kSplit;
  c.rnn_layers = c.fc_layers = 1;
  RandomWavernn network(c);
  for (std::vector<float>& v : network.values) std::fill(v.begin(), v.end(), 0.0f);
  network["input.kernel"] = {1, 10, 0, 0};  // coarse, fine, mel, aux
  network["fc.0.kernel"] = {1, 0};
  network["output.kernel"][3] = 1;
  network["fine.kernel"] = {2, 5};  // of the layer, of the coarse class
  network["fine.bias"] = {1};
  network["fine.output.kernel"][15] = 1;
  network.Pack();
  WavernnInputs in(c, 1, 3);
  in.fed = {0.5f, 0.25f, 0.5f, 0.25f, -1, -1};
  in.targets = {15, 0, 15};  // to the network 1, -1, 1
  for (const Kernels* kernels : AllKernels()) {
    const std::vector<float> logits = Logits(*kernels, network, in);
    std::vector<float> expected(3 * 32);
    expected[3] = expected[32 + 3] = 3;  // 0.5 + 10 * 0.25
    expected[31] = 2 * 3 + 5 + 1;
    expected[32 + 31] = 2 * 3 - 5 + 1;
    expected[64 + 31] = 5 + 1;
    EXPECT_TRUE(SameBits(logits.data(), expected.data(), expected.size()));
  }
}

TEST(Wavernn, LogitsAreWhatTheDefinitionSays) {
  for (const auto& [name, config] : WavernnConfigs()) {
    RandomWavernn network(config);
    for (int hop : {1, 3, 50}) {
      const WavernnInputs in(config, 3, 40, hop, hop / 2);
      Vector expected;
      for (int b = 0; b < in.batch; ++b) expected = Joined(expected, Reference(network, in, b));
      double scale = 1.0;
      for (double e : expected) scale = std::max(scale, std::fabs(e));
      for (const Kernels* kernels : AllKernels()) {
        SCOPED_TRACE(name + ", hop " + std::to_string(hop) + ", " + IsaName(kernels->isa));
        const std::vector<float> logits = Logits(*kernels, network, in);
        EXPECT_TRUE(Close(logits.data(), expected.data(), logits.size(), 2e-5 * scale));
        const std::vector<float> threaded = Logits(*kernels, network, in, 2);
        EXPECT_TRUE(SameBits(threaded.data(), logits.data(), logits.size()));
      }
    }
  }
}

// Feeding what was generated gives logits whose draws are what was generated.
TEST(Wavernn, GeneratedSamplesAreDrawnFromTheLogits) {
  for (const auto& [name, config] : WavernnConfigs()) {
    const RandomWavernn network(config);
    WavernnInputs in(config, 2, 60);
    const Kernels& kernels = *AllKernels().back();
    const std::vector<float> samples = Generate(kernels, network, in, in.time);
    const ptrdiff_t width = config.fed();
    for (ptrdiff_t i = 0; i < static_cast<ptrdiff_t>(samples.size()); ++i) {
      float* fed = in.fed.data() + i * width;
      const float sample = samples[static_cast<size_t>(i)];
      if (i % in.time == 0) std::fill_n(fed, width, 0.0f);
      if ((i + 1) % in.time != 0) WavernnFeedback(config, sample, fed + width);
      if (config.split()) {
        in.targets[static_cast<size_t>(i)] = static_cast<int>(sample) / config.fine_outputs();
      }
    }
    const std::vector<float> logits = Logits(kernels, network, in);
    const bool mixture = config.output == WavernnOutput::kLogisticMixture;
    const OutputDistribution first = {
        mixture ? OutputKind::kLogisticMixture : OutputKind::kCategorical, config.coarse_outputs(),
        config.mixtures, static_cast<float>(std::log(1e-14))};
    const OutputDistribution second = {OutputKind::kCategorical, config.fine_outputs()};
    for (size_t i = 0; i < samples.size(); ++i) {
      const float* row = logits.data() + i * static_cast<size_t>(config.outputs());
      const float* uniforms = in.uniforms.data() + i * static_cast<size_t>(config.uniforms());
      const auto draw = [&](const OutputDistribution& output, const float* from, float u, float v) {
        AlignedFloats aligned(static_cast<size_t>(Padded(output.outputs)));
        std::copy_n(from, output.outputs, aligned.data());
        AlignedFloats scratch(static_cast<size_t>(ScratchFloats(output.outputs)));
        const float numbers[] = {u, v};
        return DrawSample(kernels, output, aligned.data(), 1.0f, numbers, scratch.data());
      };
      float expected = draw(first, row, uniforms[0], uniforms[config.uniforms() - 1]);
      if (config.split()) {
        expected *= static_cast<float>(config.fine_outputs());
        expected += draw(second, row + config.coarse_outputs(), uniforms[1], 0.0f);
      }
      EXPECT_EQ(samples[i], expected) << name << ", sample " << i;
    }
  }
}

TEST(WavernnFeedback, SpreadsClassesAndKeepsAmplitudes) {
  const auto feedback = [](WavernnOutput output, int bits, float sample) {
    WavernnConfig c;
    c.output = output;
    c.bits = bits;
    std::vector<float> fed(static_cast<size_t>(c.fed()));
    WavernnFeedback(c, sample, fed.data());
    return fed;
  };
  EXPECT_EQ(feedback(WavernnOutput::kCategorical, 1, 0), (std::vector<float>{-1}));
  EXPECT_EQ(feedback(WavernnOutput::kCategorical, 1, 1), (std::vector<float>{1}));
  EXPECT_EQ(feedback(WavernnOutput::kCategorical, 2, 1), (std::vector<float>{-1.0f / 3}));
  EXPECT_EQ(feedback(WavernnOutput::kCategorical, 16, 65535), (std::vector<float>{1}));
  // Nine bits: five coarse ones, four fine ones.
  EXPECT_EQ(feedback(WavernnOutput::kSplit, 9, 31 * 16), (std::vector<float>{1, -1}));
  EXPECT_EQ(feedback(WavernnOutput::kSplit, 9, 15), (std::vector<float>{-1, 1}));
  EXPECT_EQ(feedback(WavernnOutput::kSplit, 16, 65535), (std::vector<float>{1, 1}));
  EXPECT_EQ(feedback(WavernnOutput::kLogisticMixture, 0, -0.3f), (std::vector<float>{-0.3f}));
}

TEST(Wavernn, ZeroStepsAndZeroStreams) {
  for (const auto& [name, config] : WavernnConfigs()) {
    const RandomWavernn network(config);
    const Kernels& kernels = *AllKernels().back();
    WavernnInputs none(config, 2, 0);
    none.frames = 0;
    AlignedFloats state = network.State(2), before = network.State(2);
    for (size_t i = 16; i < 32; ++i) state[i] = before[i] = 0.5f;
    const std::vector<float> last(4);
    EXPECT_TRUE(GenerateWavernn(network.model, kernels, none.Streams(&state, 2), last.data(),
                                nullptr, 1.0f, nullptr)
                    .ok());
    EXPECT_TRUE(SameBits(state.data(), before.data(), state.size())) << name;
    EXPECT_TRUE(Logits(kernels, network, none).empty());
    EXPECT_TRUE(Generate(kernels, network, WavernnInputs(config, 0, 5), 5).empty());
    EXPECT_TRUE(Logits(kernels, network, WavernnInputs(config, 0, 5), 2).empty());
  }
}

TEST(Wavernn, BadArgumentsAreRefused) {
  const RandomWavernn network(WavernnConfigs()["split"]);
  const Kernels& kernels = *AllKernels().back();
  const auto message = [&](auto change) {
    WavernnInputs in(network.config, 2, 4, 3, 1);
    change(&in);
    AlignedFloats state = network.State(2);
    std::vector<float> logits(Volume({2, 4, network.config.outputs()}));
    const WavernnStreams streams = in.Streams(&state);
    const std::string error = WavernnLogits(network.model, kernels, streams, in.fed.data(),
                                            in.targets.data(), logits.data())
                                  .message();
    const std::string other = GenerateWavernn(network.model, kernels, streams, in.fed.data(),
                                              in.uniforms.data(), 1.0f, logits.data())
                                  .message();
    return error + "; " + other;
  };
  EXPECT_EQ(message([](WavernnInputs*) {}), "; ");
  const std::string hop = "hop: expected at least 1, got 0";
  EXPECT_EQ(message([](WavernnInputs* in) { in->hop = 0; }), hop + "; " + hop);
  const std::string offset = "offset: expected from 0 to 2, got ";
  EXPECT_EQ(message([](WavernnInputs* in) { in->offset = 3; }), offset + "3; " + offset + "3");
  EXPECT_EQ(message([](WavernnInputs* in) { in->offset = -1; }), offset + "-1; " + offset + "-1");
  const std::string frames = "aux: expected 2 frames for 4 steps, got 1";
  EXPECT_EQ(message([](WavernnInputs* in) { in->frames = 1; }), frames + "; " + frames);
  EXPECT_EQ(message([](WavernnInputs* in) { in->targets[5] = 32; }),
            "targets: expected coarse classes from 0 to 31, got 32 in stream 1; ");
  EXPECT_EQ(message([](WavernnInputs* in) { in->targets[0] = -1; }),
            "targets: expected coarse classes from 0 to 31, got -1 in stream 0; ");
  EXPECT_EQ(message([](WavernnInputs* in) { in->fed[15] = std::numeric_limits<float>::infinity(); }),
            "fed: expected finite numbers, got inf in stream 1; ");
  EXPECT_EQ(message([](WavernnInputs* in) { in->fed[2] = std::numeric_limits<float>::quiet_NaN(); }),
            "fed: expected finite numbers, got nan in stream 0; "
            "last: expected finite numbers, got nan in stream 1");
}

TEST(Wavernn, ANetworkThatOverflowsIsAnError) {
  for (const char* layer : {"output", "fine", "fine.output"}) {
    RandomWavernn network(WavernnConfigs()["split"]);
    const std::string name = layer;
    for (float& v : network["fc.1.bias"]) v = 1e38f;
    if (name == "fine.output") {
      for (float& v : network["fine.bias"]) v = 1e38f;
    }
    for (float& v : network[name + ".kernel"]) v = 1e38f;
    network.Pack();
    const WavernnInputs in(network.config, 2, 4);
    AlignedFloats state = network.State(2);
    const std::vector<float> last(4);
    std::vector<float> samples(8);
    const Status status =
        GenerateWavernn(network.model, *AllKernels().back(), in.Streams(&state), last.data(),
                        in.uniforms.data(), 1.0f, samples.data());
    EXPECT_NE(status.message().find("not finite"), std::string::npos) << layer;
  }
}

TEST(TimeWavernnModules, TimesEveryModuleThatTheModelHas) {
  const auto time = [](const char* name, WavernnModule module) {
    const RandomWavernn network(WavernnConfigs()[name]);
    const auto seconds = TimeWavernnModules(network.model, *AllKernels().back(), 50, 7);
    for (double s : seconds) EXPECT_TRUE(std::isfinite(s) && s >= 0.0);
    return seconds[static_cast<size_t>(module)];
  };
  EXPECT_GT(time("one fc", WavernnModule::kAhead), 0.0);
  EXPECT_GT(time("one fc", WavernnModule::kGru0), 0.0);
  EXPECT_GT(time("one fc", WavernnModule::kGru1), 0.0);
  EXPECT_GT(time("one fc", WavernnModule::kFc0), 0.0);
  EXPECT_GT(time("one fc", WavernnModule::kOutput), 0.0);
  EXPECT_EQ(time("one fc", WavernnModule::kFc1), 0.0);
  EXPECT_EQ(time("one GRU", WavernnModule::kGru1), 0.0);
  EXPECT_EQ(time("one GRU", WavernnModule::kFine), 0.0);
  EXPECT_GT(time("split, 16 bits", WavernnModule::kFine), 0.0);
}

}  // namespace
}  // namespace tfopt
