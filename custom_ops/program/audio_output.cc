#include "program/audio_output.h"

#include "program/wav.h"

namespace tfopt {

Status AudioOutput::Open(const std::string& path, int64_t samples) {
  TFOPT_RETURN_IF_ERROR(output_.Open(path));
  if (output_.is_terminal()) return Status::Invalid("expected a file or a pipe, got a terminal");
  promised_ = samples;
  if (format_ != AudioFormat::kWav) return {};
  const auto header = WavHeader(sample_rate_, samples);
  return output_.Write(header.data(), header.size());
}

Status AudioOutput::Write(const float* amplitudes, int count) {
  const auto size = static_cast<size_t>(count);
  written_ += count;
  if (format_ == AudioFormat::kF32le) return output_.Write(amplitudes, size * sizeof(float));
  pcm_.resize(size);
  ToPcm(amplitudes, size, pcm_.data());
  return output_.Write(pcm_.data(), size * sizeof(int16_t));
}

Status AudioOutput::Finish() {
  if (format_ == AudioFormat::kWav && written_ != promised_ && output_.is_file()) {
    const auto header = WavHeader(sample_rate_, written_);
    TFOPT_RETURN_IF_ERROR(output_.WriteAt(0, header.data(), header.size()));
  }
  return output_.Finish();
}

}  // namespace tfopt
