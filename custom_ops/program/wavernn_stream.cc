#include "program/wavernn_stream.h"

#include <algorithm>

namespace tfopt {

WavernnStream::WavernnStream(const WavernnFile& file, const Kernels& kernels,
                             const AudioSettings& settings)
    : ModelStream(file, kernels, settings, file.model.config.mel_channels,
                  file.model.config.uniforms()),
      resnet_(file.resnet, file.resnet_weights),
      resnet_scratch_(file.resnet),
      last_(static_cast<size_t>(file.model.config.fed())),
      skip_(int64_t{file.resnet.pad} * file.hop_length) {
  PushZeros();
}

void WavernnStream::PushZeros() {
  const std::vector<float> zeros(Size(file_.resnet.pad, file_.resnet.mel_channels));
  Push(zeros.data(), file_.resnet.pad);
}

void WavernnStream::End() {
  PushZeros();
  upsampling_.End();
}

void WavernnStream::Push(const float* frames, int count) {
  const MelResnetShape& shape = file_.resnet;
  const ptrdiff_t channels = shape.mel_channels;
  const size_t window = Size(2 * shape.pad + 1, shape.mel_channels);
  upsampling_.Push(frames, count);
  for (int i = 0; i < count; ++i) {
    frames_.insert(frames_.end(), frames + i * channels, frames + (i + 1) * channels);
    if (frames_.size() < window) continue;
    aux_.resize(aux_.size() + static_cast<size_t>(shape.outputs));
    resnet_.Compute(kernels_, frames_.data(), 1, &resnet_scratch_,
                    aux_.data() + aux_.size() - shape.outputs);
    frames_.erase(frames_.begin(), frames_.begin() + channels);
  }
}

void WavernnStream::SkipZeros() {
  while (skip_ > 0) {
    const int taken =
        upsampling_.Take(static_cast<int>(std::min<int64_t>(skip_, kPart)), rows_.data());
    if (taken == 0) return;
    skip_ -= taken;
  }
}

Status WavernnStream::Generate(int64_t most, const float** audio, int* count) {
  const WavernnConfig& config = file_.model.config;
  const int width = file_.resnet.outputs;
  const auto frames = static_cast<int64_t>(aux_.size()) / width;
  const int64_t ready = frames * file_.hop_length - offset_;
  *count = 0;
  SkipZeros();
  if (skip_ > 0) return {};
  const int time =
      upsampling_.Take(static_cast<int>(std::min<int64_t>({most, kPart, ready})), rows_.data());
  if (time == 0) return {};

  auto streams = NextSteps<WavernnStreams>(time);
  streams.mels = rows_.data();
  streams.aux = aux_.data();
  streams.frames = static_cast<int>(frames);
  streams.hop = file_.hop_length;
  streams.offset = offset_;
  TFOPT_RETURN_IF_ERROR(GenerateWavernn(file_.model, kernels_, streams, last_.data(),
                                        NextUniforms(time), settings_.temperature,
                                        samples_.data()));
  WavernnFeedback(config, samples_[static_cast<size_t>(time) - 1], last_.data());
  const int passed = (offset_ + time) / file_.hop_length;  // frames
  offset_ = (offset_ + time) % file_.hop_length;
  aux_.erase(aux_.begin(), aux_.begin() + ptrdiff_t{passed} * width);
  file_.ToAmplitudes(time, samples_.data());
  *audio = samples_.data();
  *count = time;
  return {};
}

}  // namespace tfopt
