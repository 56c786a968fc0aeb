#include "engine/models/wavernn.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>

#include "engine/models/stream_groups.h"
#include "engine/models/wavernn_run.h"
#include "engine/no_timer.h"
#include "engine/share.h"
#include "engine/team.h"
#include "engine/threads.h"

namespace tfopt {
namespace {

Status Wrong(const char* name, const std::string& expected, const std::string& given) {
  return Status::Invalid(std::string(name) + ": expected " + expected + ", got " + given);
}

// Whether every step has its frame.
Status CheckFrames(const WavernnStreams& streams) {
  if (streams.hop < 1) return Wrong("hop", "at least 1", std::to_string(streams.hop));
  if (streams.offset < 0 || streams.offset >= streams.hop) {
    return Wrong("offset", "from 0 to " + std::to_string(streams.hop - 1),
                 std::to_string(streams.offset));
  }
  const int64_t end = int64_t{streams.offset} + streams.time;
  const int64_t frames = (end + streams.hop - 1) / streams.hop;
  if (streams.time == 0 || streams.frames >= frames) return {};
  return Wrong("aux",
               std::to_string(frames) + " frames for " + std::to_string(streams.time) + " steps",
               std::to_string(streams.frames));
}

// Whether all numbers [batch, each] can be fed.
Status CheckFed(const char* name, const float* numbers, int batch, ptrdiff_t each) {
  for (int b = 0; b < batch; ++b) {
    for (ptrdiff_t i = 0; i < each; ++i) {
      const float number = numbers[b * each + i];
      if (std::isfinite(number)) continue;
      return Wrong(name, "finite numbers",
                   std::to_string(number) + " in stream " + std::to_string(b));
    }
  }
  return {};
}

Status CheckTargets(const WavernnConfig& config, const WavernnStreams& streams,
                    const int32_t* targets) {
  if (!config.split()) return {};
  const int classes = config.coarse_outputs();
  for (int b = 0; b < streams.batch; ++b) {
    for (int t = 0; t < streams.time; ++t) {
      const int32_t target = targets[ptrdiff_t{b} * streams.time + t];
      if (target >= 0 && target < classes) continue;
      return Wrong("targets", "coarse classes from 0 to " + std::to_string(classes - 1),
                   std::to_string(target) + " in stream " + std::to_string(b));
    }
  }
  return {};
}

// Class k of 2^bits, at equal distances from -1 to 1.
float Spread(int k, int bits) { return static_cast<float>(2.0 * k / ((1 << bits) - 1) - 1.0); }

}  // namespace

void WavernnFeedback(const WavernnConfig& config, float sample, float* fed) {
  if (config.output == WavernnOutput::kLogisticMixture) {
    fed[0] = sample;
    return;
  }
  const int k = static_cast<int>(sample);
  fed[0] = Spread(k >> config.fine_bits(), config.coarse_bits());
  if (config.split()) fed[1] = Spread(k & (config.fine_outputs() - 1), config.fine_bits());
}

int SharingThreads(const Wavernn& model, const WavernnStreams& streams) {
  const WavernnWeights& w = model.weights;
  size_t bytes = 0;
  const auto add = [&](const Matrix& matrix) { bytes += BytesOf(matrix); };
  for (const Gru& gru : w.grus) {
    add(gru.gates);
    add(gru.candidate);
  }
  add(w.second_input);
  for (const Matrix& fc : w.fc) add(fc);
  for (const WavernnWeights::Dense& dense : {w.output, w.fine, w.fine_output}) add(dense.kernel);
  const int units = Padded(model.config.rnn_channels);
  if (streams.batch != 1 || bytes < kLeastBytesToShare || units % kTile != 0) return 1;
  // Threads that wait spin, so each needs a CPU; and each needs units of its own.
  return std::max(1, std::min({streams.threads, AvailableCpus(), units / kTile}));
}

Status GenerateWavernn(const Wavernn& model, const Kernels& kernels, const WavernnStreams& streams,
                       const float* last, const float* uniforms, float temperature,
                       float* samples) {
  const ptrdiff_t time = streams.time, per_sample = model.config.uniforms();
  const ptrdiff_t width = model.config.fed();
  TFOPT_RETURN_IF_ERROR(CheckFrames(streams));
  TFOPT_RETURN_IF_ERROR(CheckFed("last", last, streams.batch, width));
  std::atomic<bool> finite{true};
  const auto generate = [&](WavernnRun* run, int first, int batch) {
    NoTimer timer;
    std::copy_n(last + first * width, batch * width, run->fed(0));
    for (int t = 0; t < time; ++t) {
      run->Step(&timer);
      if (!run->Draw(temperature, uniforms + (first * time + t) * per_sample, time * per_sample,
                     samples + first * time + t, time, &timer)) {
        finite = false;
        return;
      }
    }
    run->Finish();
  };
  TFOPT_RETURN_IF_ERROR(RunInGroups<WavernnRun>(model, kernels, streams, generate));
  if (finite) return {};
  return Status::Invalid(
      "the network's output is not finite: the state, the conditioning or the weights are too large");
}

Status WavernnLogits(const Wavernn& model, const Kernels& kernels, const WavernnStreams& streams,
                     const float* fed, const int32_t* targets, float* logits) {
  const WavernnConfig& c = model.config;
  const ptrdiff_t time = streams.time, width = c.fed(), outputs = c.outputs();
  TFOPT_RETURN_IF_ERROR(CheckFrames(streams));
  TFOPT_RETURN_IF_ERROR(CheckFed("fed", fed, streams.batch, time * width));
  TFOPT_RETURN_IF_ERROR(CheckTargets(c, streams, targets));
  const auto feed = [&](WavernnRun* run, int first, int batch) {
    NoTimer timer;
    for (int t = 0; t < time; ++t) {
      const auto row = [&](int b) { return (first + b) * time + t; };
      for (int b = 0; b < batch; ++b) std::copy_n(fed + row(b) * width, width, run->fed(b));
      run->Step(&timer);
      for (int b = 0; b < batch; ++b) {
        std::copy_n(run->logits(b), c.coarse_outputs(), logits + row(b) * outputs);
      }
      if (!c.split()) continue;
      for (int b = 0; b < batch; ++b) run->fed(b)[0] = Spread(targets[row(b)], c.coarse_bits());
      run->Fine(&timer);
      for (int b = 0; b < batch; ++b) {
        std::copy_n(run->fine_logits(b), c.fine_outputs(),
                    logits + row(b) * outputs + c.coarse_outputs());
      }
    }
    run->Finish();
  };
  return RunInGroups<WavernnRun>(model, kernels, streams, feed);
}

}  // namespace tfopt
