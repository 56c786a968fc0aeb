#include "engine/models/wavenet.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "engine/benchmark/wavenet_modules.h"
#include "engine/models/wavenet_run.h"
#include "engine/models/wavenet_testing.h"
#include "engine/no_timer.h"
#include "engine/testing.h"
#include "engine/threads.h"
#include "engine/threads_testing.h"

namespace tfopt {
namespace {

using test::AllKernels;
using test::Allocations;
using test::CategoricalWavenet;
using test::Close;
using test::LargeWavenet;
using test::Random;
using test::RandomWavenet;
using test::SameBits;
using test::Volume;
using test::WavenetConfigs;

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

// What a batch is fed and conditioned on, for `time` steps.
struct Inputs {
  Inputs(const WavenetConfig& c, int batch_size, int steps) : batch(batch_size), time(steps) {
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

  int batch, time;
  std::vector<float> fed, conditioning, speaker, uniforms;
};

std::vector<float> Logits(const Kernels& kernels, const RandomWavenet& network, const Inputs& in,
                          int threads = 1) {
  AlignedFloats state = network.State(in.batch);
  std::vector<float> logits(Volume({in.batch, in.time, network.config.outputs}));
  const Status status = WavenetLogits(network.model, kernels, in.Streams(&state, threads),
                                      in.fed.data(), logits.data());
  EXPECT_TRUE(status.ok()) << status.message();
  return logits;
}

// Generates in calls of at most `chunk` steps; leaves the state.
std::vector<float> Generate(const Kernels& kernels, const RandomWavenet& network, const Inputs& in,
                            int chunk, int threads = 1, float temperature = 1.0f) {
  AlignedFloats state = network.State(in.batch);
  std::vector<float> result(Volume({in.batch, in.time}));
  std::vector<float> last(static_cast<size_t>(in.batch), 0.0f);
  const int per_sample = UniformsPerSample(network.config.output);
  for (int start = 0; start < in.time; start += chunk) {
    const int steps = std::min(chunk, in.time - start);
    Inputs part(network.config, in.batch, steps);
    part.speaker = in.speaker;
    const auto cut = [&](const std::vector<float>& whole, int width, std::vector<float>* to) {
      to->clear();
      for (int b = 0; b < in.batch; ++b) {
        const auto first = whole.begin() + (b * in.time + start) * width;
        to->insert(to->end(), first, first + steps * width);
      }
    };
    cut(in.conditioning, network.config.local_channels, &part.conditioning);
    cut(in.uniforms, per_sample, &part.uniforms);
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

// One channel everywhere, weights 1, no biases, two classes: a step can be followed by hand.
TEST(Wavenet, OneChannelByHand) {
  RandomWavenet network(CategoricalWavenet(1, 1, 1, 1, 2, {1}), false);
  for (std::vector<float>& v : network.values) std::fill(v.begin(), v.end(), 1.0f);
  network.values[0] = {2, 3};  // what classes 0 and 1 put in
  network.values[network.values.size() - 2] = {1, -1};
  network.values[4].clear();  // no conditioning
  network.values[5].clear();
  network.Pack();
  Inputs in(network.config, 1, 3);
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
      const Inputs in(config, 3, 50);
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

TEST(Wavenet, ChunksThreadsAndBatchesChangeNoBit) {
  for (const auto& [name, config] : WavenetConfigs()) {
    const RandomWavenet network(config);
    const Inputs in(config, 5, 41);
    for (const Kernels* kernels : AllKernels()) {
      SCOPED_TRACE(name + ", " + IsaName(kernels->isa));
      const std::vector<float> whole = Generate(*kernels, network, in, in.time);
      for (int chunk : {1, 3, 16, 40}) {
        const std::vector<float> parts = Generate(*kernels, network, in, chunk, 1 + chunk % 4);
        EXPECT_TRUE(SameBits(parts.data(), whole.data(), whole.size())) << "chunk " << chunk;
      }
      Inputs alone(config, 1, in.time);
      const int per_sample = UniformsPerSample(config.output);
      for (int b = 0; b < in.batch; ++b) {
        const auto row = [&](const std::vector<float>& all, int width) {
          return std::vector<float>(all.begin() + b * width, all.begin() + (b + 1) * width);
        };
        alone.conditioning = row(in.conditioning, in.time * config.local_channels);
        alone.speaker = row(in.speaker, config.global_channels);
        alone.uniforms = row(in.uniforms, in.time * per_sample);
        const std::vector<float> single = Generate(*kernels, network, alone, in.time);
        EXPECT_TRUE(SameBits(single.data(), whole.data() + b * in.time, single.size()));
      }
    }
  }
}

TEST(Wavenet, AStepSharedByThreadsChangesNoBit) {
  std::map<std::string, WavenetConfig> configs = WavenetConfigs();
  configs["large enough to be shared"] = LargeWavenet();
  for (const auto& [name, config] : configs) {
    const RandomWavenet network(config);
    const Inputs in(config, 1, 30);
    const Kernels& kernels = *AllKernels().back();
    const std::vector<float> expected = Logits(kernels, network, in);
    const std::vector<float> given = Logits(kernels, network, in, 2);
    EXPECT_TRUE(SameBits(given.data(), expected.data(), given.size())) << name;
    for (int members : {2, 3, 5}) {
      AlignedFloats state = network.State(1);
      WavenetRun run(network.model, kernels, in.Streams(&state), 0, 1, members);
      const Threads others(members - 1, [&run](int member) { run.Work(member); });
      ASSERT_EQ(others.size(), members - 1);
      NoTimer timer;
      size_t allocations = 0;  // of a step: starting threads takes some
      for (int t = 0; t < in.time; ++t) {
        const size_t before = Allocations();
        run.Step(in.fed.data() + t, 1, &timer);
        if (t > 0) allocations += Allocations() - before;
        EXPECT_TRUE(SameBits(run.logits(0), expected.data() + t * config.outputs,
                             static_cast<size_t>(config.outputs)))
            << name << ", " << members << " threads, step " << t;
      }
      run.Stop();
      EXPECT_EQ(allocations, 0u);
    }
  }
}

TEST(Wavenet, AStreamSharedByThreadsGeneratesTheSame) {
  RandomWavenet network(LargeWavenet());
  const Inputs in(network.config, 1, 60);
  for (const Kernels* kernels : AllKernels()) {
    AlignedFloats state = network.State(1);
    ASSERT_EQ(SharingThreads(network.model, in.Streams(&state, 2)), std::min(2, AvailableCpus()));
    const std::vector<float> alone = Generate(*kernels, network, in, in.time);
    for (int chunk : {7, in.time}) {
      const std::vector<float> shared = Generate(*kernels, network, in, chunk, 2);
      EXPECT_TRUE(SameBits(shared.data(), alone.data(), alone.size())) << chunk;
    }
    const test::NoMoreThreads none;
    const std::vector<float> unshared = Generate(*kernels, network, in, in.time, 2);
    EXPECT_TRUE(SameBits(unshared.data(), alone.data(), alone.size())) << "no thread to share with";
  }
  // One that fails in the middle lets its threads go.
  for (float& v : network.values[network.values.size() - 4]) v = 1e38f;
  for (float& v : network.values[network.values.size() - 2]) v = 1e38f;
  network.Pack();
  AlignedFloats state = network.State(1);
  const float last = 0.0f;
  std::vector<float> samples(60);
  const Status status =
      GenerateWavenet(network.model, *AllKernels().back(), in.Streams(&state, 2), &last, nullptr, 0,
                      in.uniforms.data(), 1.0f, samples.data());
  EXPECT_NE(status.message().find("not finite"), std::string::npos) << status.message();
}

// Feeding what was generated gives logits whose draws are what was generated.
TEST(Wavenet, GeneratedSamplesAreDrawnFromTheLogits) {
  const RandomWavenet network(WavenetConfigs()["odd"]);
  Inputs in(network.config, 2, 60);
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
  const Inputs in(network.config, 2, 20);
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
    const Inputs in(config, 3, 40);
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
  EXPECT_TRUE(Generate(kernels, network, Inputs(network.config, 2, 0), 1).empty());
  EXPECT_TRUE(Generate(kernels, network, Inputs(network.config, 0, 5), 5).empty());
}

TEST(Wavenet, BadSamplesAreRefused) {
  const RandomWavenet network(WavenetConfigs()["odd"]);
  const Kernels& kernels = *AllKernels().back();
  const Inputs in(network.config, 1, 2);
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
  const Inputs in(network.config, 1, 4);
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
