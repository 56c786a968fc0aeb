#include "engine/models/wavenet.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <new>
#include <string>

#include "engine/models/wavenet_run.h"
#include "engine/threads.h"

namespace tfopt {
namespace {

// Streams that go in step: enough to read the weights rarely, few enough for their vectors to stay in L2.
constexpr int kStreamsInStep = 24;
// A step shorter than this is not worth sharing among threads, which have to meet three times in it.
constexpr size_t kLeastBytesToShare = size_t{1} << 20;

// A number of the model's input: what may be fed.
Status CheckFed(const WavenetConfig& config, const char* name, const float* samples, int batch,
                int time) {
  const int classes = std::max(config.input_classes, config.decoded_classes);
  for (int b = 0; b < batch; ++b) {
    for (int t = 0; t < time; ++t) {
      const float sample = samples[static_cast<ptrdiff_t>(b) * time + t];
      const bool good = classes == 0 ? std::isfinite(sample)
                                     : sample >= 0.0f && sample < static_cast<float>(classes) &&
                                           sample == std::floor(sample);
      if (good) continue;
      const std::string expected =
          classes == 0 ? "finite amplitudes" : "classes from 0 to " + std::to_string(classes - 1);
      return Status::Invalid(std::string(name) + ": expected " + expected + ", got " +
                             std::to_string(sample) + " in stream " + std::to_string(b));
    }
  }
  return {};
}

// One stream, whose steps are shared among threads. False if the system does not give them.
template <class Steps>
bool RunShared(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
               int members, Steps steps) {
  WavenetRun run(model, kernels, streams, 0, 1, members);
  const Threads others(members - 1, [&run](int member) { run.head().Work(member); });
  const bool complete = others.size() == members - 1;
  if (complete) steps(&run, 0, 1);
  run.head().Stop();
  return complete;
}

// Calls steps(run, first, batch) for groups of streams that cover the batch, on up to streams.threads
// threads.
template <class Steps>
Status ForGroups(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
                 Steps steps) {
  const int members = SharingThreads(model, streams);
  if (members > 1 && RunShared(model, kernels, streams, members, steps)) return {};
  const int workers = std::min(streams.threads, streams.batch);
  if (workers < 1) return {};
  const int group = std::min(kStreamsInStep, (streams.batch + workers - 1) / workers);
  std::atomic<int> next{0};
  std::atomic<bool> out_of_memory{false};
  const auto work = [&](int) {
    try {  // an exception that left a thread would end the process
      for (int first = next.fetch_add(group); first < streams.batch;
           first = next.fetch_add(group)) {
        const int batch = std::min(group, streams.batch - first);
        WavenetRun run(model, kernels, streams, first, batch);
        steps(&run, first, batch);
      }
    } catch (const std::bad_alloc&) {
      out_of_memory = true;
    }
  };
  {
    const Threads others(workers - 1, work);
    work(0);
  }
  return out_of_memory ? Status::Invalid("not enough memory for a batch of " +
                                         std::to_string(streams.batch) + " streams")
                       : Status();
}

}  // namespace

int SharingThreads(const Wavenet& model, const WavenetStreams& streams) {
  size_t bytes = 0;
  for (const WavenetWeights::Layer& layer : model.weights.layers) {
    for (const Matrix& w : {layer.convolution.current, layer.residual, layer.skip}) {
      bytes += static_cast<size_t>(w.inputs) * static_cast<size_t>(w.outputs) * sizeof(float);
    }
  }
  if (streams.batch != 1 || bytes < kLeastBytesToShare) return 1;
  // Threads that wait spin, so each needs a CPU; and each needs outputs of its own.
  const int tiles = (Padded(model.config.skip) + kTile - 1) / kTile;
  return std::max(1, std::min({streams.threads, AvailableCpus(), 1 + tiles}));
}

Status GenerateWavenet(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
                       const float* last, const float* forced, int forced_time,
                       const float* uniforms, float temperature, float* samples) {
  const ptrdiff_t time = streams.time;
  const int per_sample = UniformsPerSample(model.config.output);
  TFOPT_RETURN_IF_ERROR(CheckFed(model.config, "last", last, streams.batch, 1));
  TFOPT_RETURN_IF_ERROR(CheckFed(model.config, "forced", forced, streams.batch, forced_time));
  std::atomic<bool> finite{true};
  const auto generate = [&](WavenetRun* run, int first, int batch) {
    NoTimer timer;
    for (int t = 0; t < time; ++t) {
      if (t == 0) {
        run->Step(last + first, 1, &timer);
      } else {
        run->Step(samples + first * time + t - 1, time, &timer);
      }
      for (int b = 0; b < batch; ++b) {
        const ptrdiff_t stream = first + b;
        float* sample = samples + stream * time + t;
        if (t < forced_time) {
          *sample = forced[stream * forced_time + t];
          continue;
        }
        *sample = run->Draw(b, temperature, uniforms + (stream * time + t) * per_sample);
        if (std::isnan(*sample)) {
          finite = false;
          return;
        }
      }
    }
    run->Finish();
  };
  TFOPT_RETURN_IF_ERROR(ForGroups(model, kernels, streams, generate));
  if (finite) return {};
  return Status::Invalid(
      "the network's output is not finite: the state, the conditioning or the weights are too large");
}

Status WavenetLogits(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
                     const float* samples, float* logits) {
  const ptrdiff_t time = streams.time, outputs = model.config.outputs;
  TFOPT_RETURN_IF_ERROR(CheckFed(model.config, "samples", samples, streams.batch, streams.time));
  return ForGroups(model, kernels, streams, [&](WavenetRun* run, int first, int batch) {
    NoTimer timer;
    for (int t = 0; t < time; ++t) {
      run->Step(samples + first * time + t, time, &timer);
      for (int b = 0; b < batch; ++b) {
        std::memcpy(logits + ((first + b) * time + t) * outputs, run->logits(b),
                    static_cast<size_t>(outputs) * sizeof(float));
      }
    }
    run->Finish();
  });
}

}  // namespace tfopt
