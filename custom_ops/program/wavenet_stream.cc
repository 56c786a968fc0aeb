#include "program/wavenet_stream.h"

#include <algorithm>

namespace tfopt {

WavenetStream::WavenetStream(const WavenetFile& file, const Kernels& kernels,
                             const AudioSettings& settings)
    : ModelStream(file, kernels, settings, file.model.config.local_channels,
                  UniformsPerSample(file.model.config.output)),
      last_(static_cast<float>(file.amplitudes.size / 2)) {}  // silence; 0 where samples are amplitudes

Status WavenetStream::Generate(int64_t most, const float** audio, int* count) {
  const WavenetConfig& config = file_.model.config;
  int time = static_cast<int>(std::min<int64_t>(most, kPart));
  if (config.local_channels > 0) time = upsampling_.Take(time, rows_.data());
  *count = time;
  if (time == 0) return {};

  auto streams = NextSteps<WavenetStreams>(time);
  streams.conditioning = rows_.data();
  streams.speaker = file_.speakers.data + Size(settings_.speaker, config.global_channels);
  TFOPT_RETURN_IF_ERROR(GenerateWavenet(file_.model, kernels_, streams, &last_, nullptr, 0,
                                        NextUniforms(time), settings_.temperature,
                                        samples_.data()));
  last_ = samples_[static_cast<size_t>(time) - 1];
  file_.ToAmplitudes(time, samples_.data());
  *audio = samples_.data();
  return {};
}

}  // namespace tfopt
