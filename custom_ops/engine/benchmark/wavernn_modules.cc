#include "engine/benchmark/wavernn_modules.h"

#include <random>
#include <vector>

#include "engine/aligned.h"
#include "engine/benchmark/stopwatch.h"

namespace tfopt {

std::array<double, kWavernnModules> TimeWavernnModules(const Wavernn& model, const Kernels& kernels,
                                                       int steps, int hop) {
  const WavernnConfig& config = model.config;
  AlignedFloats state(model.state_bytes / sizeof(float));
  WavernnStreams streams;
  streams.batch = 1;
  streams.time = steps;
  streams.hop = hop;
  streams.frames = (steps - 1) / hop + 1;
  const std::vector<float> mels(static_cast<size_t>(steps) *
                                static_cast<size_t>(config.mel_channels));
  const std::vector<float> aux(static_cast<size_t>(streams.frames) *
                               static_cast<size_t>(config.aux_parts() * config.aux_channels));
  streams.mels = mels.data();
  streams.aux = aux.data();
  streams.state = reinterpret_cast<uint8_t*>(state.data());
  ResetState(model, 1, streams.state);
  WavernnRun run(model, kernels, streams, 0, 1);
  std::minstd_rand random(1);
  return TimeModules<WavernnModule, kWavernnModules>(steps, [&](auto* stopwatch) {
    run.Step(stopwatch);
    const float uniforms[] = {static_cast<float>(random() >> 8) * 0x1p-23f,
                              static_cast<float>(random() >> 8) * 0x1p-23f};
    float sample = 0.0f;
    if (!run.Draw(1.0f, uniforms, 0, &sample, 0, stopwatch)) {
      WavernnFeedback(config, 0.0f, run.fed(0));  // weights that overflow are timed all the same
    }
  });
}

}  // namespace tfopt
