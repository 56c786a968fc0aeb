#include "engine/models/wavenet.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <string>

#include "engine/models/stream_groups.h"
#include "engine/models/wavenet_run.h"
#include "engine/models/wavenet_state.h"
#include "engine/no_timer.h"
#include "engine/share.h"
#include "engine/team.h"
#include "engine/threads.h"

namespace tfopt {
namespace {

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

}  // namespace

int SharingThreads(const Wavenet& model, const WavenetStreams& streams) {
  size_t bytes = 0;
  for (const WavenetWeights::Layer& layer : model.weights.layers) {
    for (const Matrix& w : {layer.convolution.current, layer.residual, layer.skip}) {
      bytes += BytesOf(w);
    }
  }
  if (streams.batch != 1 || bytes < kLeastBytesToShare) return 1;
  // Threads that wait spin, so each needs a CPU; and each needs outputs of its own.
  return std::max(1, std::min({streams.threads, AvailableCpus(), 1 + Tiles(model.config.skip)}));
}

Status GenerateWavenet(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
                       const float* last, const float* forced, int forced_time,
                       const float* uniforms, float temperature, float* samples) {
  const ptrdiff_t time = streams.time;
  const int per_sample = UniformsPerSample(model.config.output);
  TFOPT_RETURN_IF_ERROR(CheckFed(model.config, "last", last, streams.batch, 1));
  TFOPT_RETURN_IF_ERROR(CheckFed(model.config, "forced", forced, streams.batch, forced_time));
  JoinStreams(model, streams.batch, streams.state);
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
  TFOPT_RETURN_IF_ERROR(RunInGroups<WavenetRun>(model, kernels, streams, generate));
  if (finite) return {};
  return Status::Invalid(
      "the network's output is not finite: the state, the conditioning or the weights are too large");
}

Status WavenetLogits(const Wavenet& model, const Kernels& kernels, const WavenetStreams& streams,
                     const float* samples, float* logits) {
  const ptrdiff_t time = streams.time, outputs = model.config.outputs;
  TFOPT_RETURN_IF_ERROR(CheckFed(model.config, "samples", samples, streams.batch, streams.time));
  JoinStreams(model, streams.batch, streams.state);
  const auto feed = [&](WavenetRun* run, int first, int batch) {
    NoTimer timer;
    for (int t = 0; t < time; ++t) {
      run->Step(samples + first * time + t, time, &timer);
      for (int b = 0; b < batch; ++b) {
        std::memcpy(logits + ((first + b) * time + t) * outputs, run->logits(b),
                    static_cast<size_t>(outputs) * sizeof(float));
      }
    }
    run->Finish();
  };
  return RunInGroups<WavenetRun>(model, kernels, streams, feed);
}

}  // namespace tfopt
