#include "program/wavenet_stream.h"

#include <algorithm>

#include "engine/sampling/philox.h"
#include "program/audio_sections.h"

namespace tfopt {
namespace {

uint8_t* Bytes(AlignedFloats* floats) { return reinterpret_cast<uint8_t*>(floats->data()); }

size_t Size(int rows, int columns) {
  return static_cast<size_t>(rows) * static_cast<size_t>(columns);
}

}  // namespace

WavenetStream::WavenetStream(const WavenetFile& file, const Kernels& kernels,
                             const AudioSettings& settings)
    : file_(file),
      kernels_(kernels),
      settings_(settings),
      upsampling_(file.model.config.local_channels, file.stages),
      state_(file.model.state_bytes / sizeof(float)),
      rows_(Size(kPart, file.model.config.local_channels)),
      uniforms_(Size(kPart, UniformsPerSample(file.model.config.output))),
      samples_(kPart),
      last_(static_cast<float>(file.amplitudes.size / 2)) {  // silence; 0 where samples are amplitudes
  ResetState(file.model, 1, Bytes(&state_));
}

Status WavenetStream::Generate(int64_t most, const float** audio, int* count) {
  const WavenetConfig& config = file_.model.config;
  int time = static_cast<int>(std::min<int64_t>(most, kPart));
  if (config.local_channels > 0) time = upsampling_.Take(time, rows_.data());
  *count = time;
  if (time == 0) return {};

  const auto per_sample = static_cast<uint64_t>(UniformsPerSample(config.output));
  Uniforms(settings_.seed, 0, done_ * per_sample, static_cast<uint64_t>(time) * per_sample,
           uniforms_.data());
  WavenetStreams streams;
  streams.batch = 1;
  streams.time = time;
  streams.conditioning = rows_.data();
  streams.speaker = file_.speakers.data + Size(settings_.speaker, config.global_channels);
  streams.state = Bytes(&state_);
  streams.threads = settings_.threads;
  TFOPT_RETURN_IF_ERROR(GenerateWavenet(file_.model, kernels_, streams, &last_, nullptr, 0,
                                        uniforms_.data(), settings_.temperature, samples_.data()));
  done_ += static_cast<uint64_t>(time);
  last_ = samples_[static_cast<size_t>(time) - 1];
  ToAmplitudes(file_.amplitudes, time, samples_.data());
  *audio = samples_.data();
  return {};
}

}  // namespace tfopt
