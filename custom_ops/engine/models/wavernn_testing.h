// WaveRNNs with random weights, and running them, which several tests share.
#ifndef TFOPT_ENGINE_MODELS_WAVERNN_TESTING_H_
#define TFOPT_ENGINE_MODELS_WAVERNN_TESTING_H_

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "engine/models/network_testing.h"
#include "engine/models/wavernn.h"
#include "engine/models/wavernn_run.h"
#include "engine/no_timer.h"
#include "engine/testing.h"
#include "engine/threads.h"

namespace tfopt::test {

struct RandomWavernn : StreamNetwork<Wavernn> {
  explicit RandomWavernn(const WavernnConfig& c, uint32_t seed = 1) : StreamNetwork(c) {
    for (const ExpectedTensor& tensor : TensorsOf(c)) {
      // Kernels keep the size of what they are applied to; biases are as large.
      const int inputs = tensor.shape.size() == 2 ? tensor.shape[0] : 4;
      const float scale = 1.5f / std::sqrt(static_cast<float>(inputs));
      values.push_back(Random(tensor.size(), seed++, scale));
    }
    Pack();
  }

  // The tensor of this name.
  std::vector<float>& operator[](const std::string& name) {
    const std::vector<ExpectedTensor> tensors = TensorsOf(config);
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (tensors[i].name == name) return values[i];
    }
    ADD_FAILURE() << "no tensor is called " << name;
    return values[0];
  }
};

// A categorical one with two GRUs and two fully connected layers.
inline WavernnConfig CategoricalWavernn(int mel, int aux, int rnn, int fc, int bits) {
  WavernnConfig c;
  c.mel_channels = mel;
  c.aux_channels = aux;
  c.rnn_channels = rnn;
  c.fc_channels = fc;
  c.bits = bits;
  return c;
}

// So large that several threads share a stream's step.
inline WavernnConfig LargeWavernn() { return CategoricalWavernn(7, 3, 192, 100, 8); }

inline std::map<std::string, WavernnConfig> WavernnConfigs() {
  std::map<std::string, WavernnConfig> all;
  WavernnConfig c = CategoricalWavernn(1, 1, 1, 1, 1);
  c.rnn_layers = c.fc_layers = 1;
  all["one of each"] = c;
  all["two of each"] = CategoricalWavernn(1, 1, 1, 1, 1);
  all["panels"] = CategoricalWavernn(16, 16, 64, 32, 4);
  all["odd"] = CategoricalWavernn(5, 3, 17, 33, 5);
  c = CategoricalWavernn(3, 2, 65, 70, 9);
  c.rnn_layers = 1;
  all["one GRU"] = c;
  c = CategoricalWavernn(20, 7, 33, 65, 7);
  c.fc_layers = 1;
  all["one fc"] = c;
  c = CategoricalWavernn(6, 4, 17, 19, 9);
  c.output = WavernnOutput::kSplit;
  all["split"] = c;
  c = CategoricalWavernn(4, 3, 128, 65, 16);
  c.output = WavernnOutput::kSplit;
  c.rnn_layers = c.fc_layers = 1;
  all["split, 16 bits"] = c;
  c = CategoricalWavernn(9, 5, 31, 18, 0);
  c.output = WavernnOutput::kLogisticMixture;
  c.mixtures = 10;
  all["mixture"] = c;
  return all;
}

// What a batch is fed and conditioned on, for `time` steps.
struct WavernnInputs {
  WavernnInputs(const WavernnConfig& config, int batch_size, int steps, int hop_length = 3,
                int first_place = 0)
      : c(config), batch(batch_size), time(steps), hop(hop_length), offset(first_place) {
    frames = (offset + time + hop - 1) / hop;
    fed = Random(Volume({batch, time, c.fed()}), 11);
    mels = Random(Volume({batch, time, c.mel_channels}), 12);
    aux = Random(Volume({batch, frames, c.aux_parts() * c.aux_channels}), 13);
    uniforms = Random(Volume({batch, time, c.uniforms()}), 14);
    for (float& u : uniforms) u = std::min(std::fabs(u), 0.999f);
    if (!c.split()) return;
    for (float u : Random(Volume({batch, time}), 15)) {
      targets.push_back(
          static_cast<int32_t>((u + 1.0f) / 2.0f * static_cast<float>(c.coarse_outputs())));
    }
  }

  WavernnStreams Streams(AlignedFloats* state, int threads = 1) const {
    WavernnStreams streams;
    streams.batch = batch;
    streams.time = time;
    streams.mels = mels.data();
    streams.aux = aux.data();
    streams.frames = frames;
    streams.hop = hop;
    streams.offset = offset;
    streams.state = reinterpret_cast<uint8_t*>(state->data());
    streams.threads = threads;
    return streams;
  }

  // Steps [start, start + steps) of streams [first, first + count), with the frames that they need.
  WavernnInputs Part(int first, int count, int start, int steps) const {
    WavernnInputs part(c, count, steps, hop, (offset + start) % hop);
    const int first_frame = (offset + start) / hop;
    const auto cut = [&](const auto& whole, int rows, int row, int length, int width, auto* to) {
      to->clear();
      for (int b = first; b < first + count; ++b) {
        const auto from = whole.begin() + (ptrdiff_t{b} * rows + row) * width;
        to->insert(to->end(), from, from + ptrdiff_t{length} * width);
      }
    };
    cut(fed, time, start, steps, c.fed(), &part.fed);
    cut(mels, time, start, steps, c.mel_channels, &part.mels);
    cut(uniforms, time, start, steps, c.uniforms(), &part.uniforms);
    cut(aux, frames, first_frame, part.frames, c.aux_parts() * c.aux_channels, &part.aux);
    if (c.split()) cut(targets, time, start, steps, 1, &part.targets);
    return part;
  }

  WavernnConfig c;
  int batch, time, hop, offset, frames;
  std::vector<float> fed, mels, aux, uniforms;
  std::vector<int32_t> targets;
};

// The logits of a batch that begins anew.
inline std::vector<float> Logits(const Kernels& kernels, const RandomWavernn& network,
                                 const WavernnInputs& in, int threads = 1) {
  AlignedFloats state = network.State(in.batch);
  std::vector<float> logits(Volume({in.batch, in.time, network.config.outputs()}));
  const Status status = WavernnLogits(network.model, kernels, in.Streams(&state, threads),
                                      in.fed.data(), in.targets.data(), logits.data());
  EXPECT_TRUE(status.ok()) << status.message();
  return logits;
}

// Generates in calls of at most `chunk` steps; zeros are fed first.
inline std::vector<float> Generate(const Kernels& kernels, const RandomWavernn& network,
                                   const WavernnInputs& in, int chunk, int threads = 1) {
  AlignedFloats state = network.State(in.batch);
  std::vector<float> result(Volume({in.batch, in.time}));
  const ptrdiff_t width = network.config.fed();
  std::vector<float> last(static_cast<size_t>(in.batch * width), 0.0f);
  for (int start = 0; start < in.time; start += chunk) {
    const int steps = std::min(chunk, in.time - start);
    const WavernnInputs part = in.Part(0, in.batch, start, steps);
    std::vector<float> samples(Volume({in.batch, steps}));
    const Status status =
        GenerateWavernn(network.model, kernels, part.Streams(&state, threads), last.data(),
                        part.uniforms.data(), 1.0f, samples.data());
    EXPECT_TRUE(status.ok()) << status.message();
    for (ptrdiff_t b = 0; b < in.batch; ++b) {
      const auto from = samples.begin() + b * steps;
      std::copy(from, from + steps, result.begin() + b * in.time + start);
      WavernnFeedback(network.config, *(from + steps - 1), last.data() + b * width);
    }
  }
  return result;
}

// The samples of one stream, each of whose steps `members` threads share. Once the steps have begun, nothing is
// allocated.
inline std::vector<float> SharedSamples(const Kernels& kernels, const RandomWavernn& network,
                                        const WavernnInputs& in, int members) {
  AlignedFloats state = network.State(1);
  WavernnRun run(network.model, kernels, in.Streams(&state), 0, 1, members);
  const Threads others(members - 1, [&run](int member) { run.Work(member); });
  EXPECT_EQ(others.size(), members - 1);
  NoTimer timer;
  std::vector<float> samples(Volume({in.time}));
  size_t allocations = 0;  // but for the first step's: starting threads takes some
  bool finite = others.size() == members - 1;
  for (int t = 0; t < in.time && finite; ++t) {
    const size_t before = Allocations();
    run.Step(&timer);
    finite = run.Draw(1.0f, in.uniforms.data() + t * network.config.uniforms(), 0,
                      samples.data() + t, 0, &timer);
    if (t > 0) allocations += Allocations() - before;
  }
  run.Stop();
  EXPECT_TRUE(finite);
  EXPECT_EQ(allocations, 0u);
  return samples;
}

// That nothing is allocated once the steps of a batch have begun, on any level.
inline void ExpectNoAllocations(const RandomWavernn& network) {
  const WavernnInputs in(network.config, 3, 40, 5);
  AlignedFloats state = network.State(in.batch);
  std::vector<float> samples(3);
  for (const Kernels* kernels : AllKernels()) {
    WavernnRun run(network.model, *kernels, in.Streams(&state), 0, in.batch);
    NoTimer timer;
    const size_t before = Allocations();
    for (int t = 0; t < in.time; ++t) {
      run.Step(&timer);
      EXPECT_TRUE(run.Draw(1.0f, in.uniforms.data(), 0, samples.data(), 1, &timer));
    }
    run.Finish();
    EXPECT_EQ(Allocations(), before) << IsaName(kernels->isa);
  }
}

}  // namespace tfopt::test

#endif  // TFOPT_ENGINE_MODELS_WAVERNN_TESTING_H_
