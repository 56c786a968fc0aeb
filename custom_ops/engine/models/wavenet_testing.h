// WaveNets with random weights, and running them, which several tests share.
#ifndef TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_
#define TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/models/network_testing.h"
#include "engine/models/wavenet.h"
#include "engine/models/wavenet_run.h"
#include "engine/no_timer.h"
#include "engine/testing.h"
#include "engine/threads.h"

namespace tfopt::test {

struct RandomWavenet : StreamNetwork<Wavenet> {
  explicit RandomWavenet(const WavenetConfig& c, bool biases = true, uint32_t seed = 1)
      : StreamNetwork(c) {
    const auto add = [&](size_t size, int inputs, bool there = true) {
      const float scale = 1.5f / std::sqrt(static_cast<float>(std::max(1, inputs)));
      values.push_back(there ? Random(size, seed++, scale) : std::vector<float>());
    };
    add(Volume({c.input_kernel_size, std::max(1, c.input_classes), c.residual}), 4);
    add(Volume({1, c.residual}), 4, biases);
    for (size_t l = 0; l < c.dilations.size(); ++l) {
      add(Volume({c.kernel_size, c.residual, 2 * c.gate}), c.kernel_size * c.residual);
      add(Volume({1, 2 * c.gate}), 4, biases);
      add(Volume({c.local_channels, 2 * c.gate}), c.local_channels);
      add(Volume({c.global_channels, 2 * c.gate}), c.global_channels);
      add(Volume({c.gate, c.residual}), c.gate);
      add(Volume({1, c.residual}), 4, biases);
      add(Volume({c.gate, c.skip}), c.gate);
      add(Volume({1, c.skip}), 4, biases);
    }
    add(Volume({c.skip, c.end}), c.skip);
    add(Volume({1, c.end}), 4, biases);
    add(Volume({c.end, c.outputs}), c.end);
    add(Volume({1, c.outputs}), 4, biases);
    Pack();
  }
};

inline WavenetConfig CategoricalWavenet(int residual, int gate, int skip, int end, int classes,
                                       std::vector<int> dilations, int taps = 2) {
  WavenetConfig c;
  c.residual = residual;
  c.gate = gate;
  c.skip = skip;
  c.end = end;
  c.outputs = c.input_classes = classes;
  c.kernel_size = taps;
  c.dilations = std::move(dilations);
  return c;
}

inline std::map<std::string, WavenetConfig> WavenetConfigs() {
  std::map<std::string, WavenetConfig> all;
  all["one of each"] = CategoricalWavenet(1, 1, 1, 1, 2, {1});
  all["panels"] = CategoricalWavenet(16, 16, 32, 48, 16, {1, 2, 4, 8});
  all["odd"] = CategoricalWavenet(5, 7, 9, 11, 13, {1, 3, 2, 40, 1});
  all["wide"] = CategoricalWavenet(70, 66, 130, 90, 256, {1, 2, 16, 17});
  all["three taps"] = CategoricalWavenet(12, 20, 17, 18, 30, {1, 2, 5, 33}, 3);
  WavenetConfig c = CategoricalWavenet(8, 12, 20, 24, 40, {1, 2, 4});
  c.input_kernel_size = 4;
  c.local_channels = 5;
  c.global_channels = 3;
  all["conditioned"] = c;
  c.input_classes = 0;
  c.decoded_classes = 40;
  all["mu-law, amplitudes in"] = c;
  c.decoded_classes = 0;
  c.output = OutputKind::kLogisticMixture;
  c.mixtures = 10;
  c.outputs = 30;
  all["mixture"] = c;
  c.output = OutputKind::kGaussian;
  c.mixtures = 0;
  c.outputs = 2;
  all["gaussian"] = c;
  return all;
}

// So large that two threads share a stream's step.
inline WavenetConfig LargeWavenet() {
  return CategoricalWavenet(64, 64, 300, 257, 256,
                            {1, 2, 4, 8, 16, 32, 64, 3, 5, 7, 9, 11, 13, 15});
}

// What a batch is fed and conditioned on, for `time` steps.
struct WavenetInputs {
  WavenetInputs(const WavenetConfig& c, int batch_size, int steps)
      : batch(batch_size), time(steps) {
    fed = Random(Volume({batch, time}), 11);
    const int classes = std::max(c.input_classes, c.decoded_classes);
    if (classes > 0) {
      for (float& f : fed) f = std::floor((f + 1.0f) / 2.0f * static_cast<float>(classes));
    }
    conditioning = Random(Volume({batch, time, c.local_channels}), 12);
    speaker = Random(Volume({batch, c.global_channels}), 13);
    uniforms = Random(Volume({batch, time, UniformsPerSample(c.output)}), 14);
    for (float& u : uniforms) u = std::fabs(u) < 1.0f ? std::fabs(u) : 0.5f;
  }

  WavenetStreams Streams(AlignedFloats* state, int threads = 1) const {
    WavenetStreams streams;
    streams.batch = batch;
    streams.time = time;
    streams.conditioning = conditioning.data();
    streams.speaker = speaker.data();
    streams.state = reinterpret_cast<uint8_t*>(state->data());
    streams.threads = threads;
    return streams;
  }

  // `steps` steps of some streams, each from a step of its own: {stream, step}.
  WavenetInputs Part(const std::vector<std::pair<int, int>>& begins, int steps) const {
    WavenetInputs part = *this;
    part.batch = static_cast<int>(begins.size());
    part.time = steps;
    const auto cut = [&](const std::vector<float>& whole, int rows, int length,
                         std::vector<float>* to) {
      const auto width = static_cast<ptrdiff_t>(whole.size()) / std::max(1, batch * rows);
      to->clear();
      for (const auto& [stream, step] : begins) {
        const int row = rows == 1 ? 0 : step;
        const auto first = whole.begin() + (ptrdiff_t{stream} * rows + row) * width;
        to->insert(to->end(), first, first + length * width);
      }
    };
    cut(fed, time, steps, &part.fed);
    cut(conditioning, time, steps, &part.conditioning);
    cut(uniforms, time, steps, &part.uniforms);
    cut(speaker, 1, 1, &part.speaker);
    return part;
  }

  // `steps` steps of all streams.
  WavenetInputs Part(int step, int steps) const {
    std::vector<std::pair<int, int>> begins;
    for (int b = 0; b < batch; ++b) begins.push_back({b, step});
    return Part(begins, steps);
  }

  int batch, time;
  std::vector<float> fed, conditioning, speaker, uniforms;
};

inline std::vector<float> Logits(const Kernels& kernels, const RandomWavenet& network,
                                 const WavenetInputs& in, int threads = 1) {
  AlignedFloats state = network.State(in.batch);
  std::vector<float> logits(Volume({in.batch, in.time, network.config.outputs}));
  const Status status = WavenetLogits(network.model, kernels, in.Streams(&state, threads),
                                      in.fed.data(), logits.data());
  EXPECT_TRUE(status.ok()) << status.message();
  return logits;
}

// The logits of one stream, each of whose steps `members` threads share. Once the steps have begun, nothing is
// allocated.
inline std::vector<float> SharedLogits(const Kernels& kernels, const RandomWavenet& network,
                                       const WavenetInputs& in, int members) {
  AlignedFloats state = network.State(1);
  WavenetRun run(network.model, kernels, in.Streams(&state), 0, 1, members);
  const Threads others(members - 1, [&run](int member) { run.Work(member); });
  EXPECT_EQ(others.size(), members - 1);
  NoTimer timer;
  const int outputs = network.config.outputs;
  std::vector<float> logits(Volume({in.time, outputs}));
  size_t allocations = 0;  // but for the first step's: starting threads takes some
  for (int t = 0; t < in.time && others.size() == members - 1; ++t) {
    const size_t before = Allocations();
    run.Step(in.fed.data() + t, 1, &timer);
    if (t > 0) allocations += Allocations() - before;
    std::copy_n(run.logits(0), outputs, logits.data() + t * outputs);
  }
  run.Stop();
  EXPECT_EQ(allocations, 0u);
  return logits;
}

// Generates in calls of at most `chunk` steps; leaves the state.
inline std::vector<float> Generate(const Kernels& kernels, const RandomWavenet& network,
                                   const WavenetInputs& in, int chunk, int threads = 1,
                                   float temperature = 1.0f) {
  AlignedFloats state = network.State(in.batch);
  std::vector<float> result(Volume({in.batch, in.time}));
  std::vector<float> last(static_cast<size_t>(in.batch), 0.0f);
  for (int start = 0; start < in.time; start += chunk) {
    const int steps = std::min(chunk, in.time - start);
    const WavenetInputs part = in.Part(start, steps);
    std::vector<float> samples(Volume({in.batch, steps}));
    const Status status =
        GenerateWavenet(network.model, kernels, part.Streams(&state, threads), last.data(), nullptr,
                        0, part.uniforms.data(), temperature, samples.data());
    EXPECT_TRUE(status.ok()) << status.message();
    for (int b = 0; b < in.batch; ++b) {
      for (int t = 0; t < steps; ++t) {
        result[Volume({b, in.time}) + static_cast<size_t>(start + t)] =
            samples[Volume({b, steps}) + static_cast<size_t>(t)];
      }
      last[static_cast<size_t>(b)] = samples[Volume({b + 1, steps}) - 1];
    }
  }
  return result;
}

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_MODELS_WAVENET_TESTING_H_
