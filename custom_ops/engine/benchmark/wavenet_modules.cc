#include "engine/benchmark/wavenet_modules.h"

#include <random>
#include <vector>

#include "engine/aligned.h"
#include "engine/benchmark/stopwatch.h"

namespace tfopt {

std::array<double, kWavenetModules> TimeWavenetModules(const Wavenet& model, const Kernels& kernels,
                                                       int steps) {
  const WavenetConfig& config = model.config;
  AlignedFloats state(model.state_bytes / sizeof(float));
  const std::vector<float> conditioning(static_cast<size_t>(steps) *
                                        static_cast<size_t>(config.local_channels));
  const std::vector<float> speaker(static_cast<size_t>(config.global_channels));
  WavenetStreams streams;
  streams.batch = 1;
  streams.time = steps;
  streams.conditioning = conditioning.data();
  streams.speaker = speaker.data();
  streams.state = reinterpret_cast<uint8_t*>(state.data());
  ResetState(model, 1, streams.state);
  WavenetRun run(model, kernels, streams, 0, 1);
  std::minstd_rand random(1);
  float sample = 0.0f;

  return TimeModules<WavenetModule, kWavenetModules>(steps, [&](auto* stopwatch) {
    run.Step(&sample, 1, stopwatch);
    const float uniforms[] = {static_cast<float>(random() >> 8) * 0x1p-23f,
                              static_cast<float>(random() >> 8) * 0x1p-23f};
    const float drawn = run.Draw(0, 1.0f, uniforms);
    sample = drawn == drawn ? drawn : 0.0f;  // weights that overflow are timed all the same
    stopwatch->Done(WavenetModule::kSampling);
  });
}

}  // namespace tfopt
