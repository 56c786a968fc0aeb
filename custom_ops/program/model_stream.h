// What the streams of all models have in common: their state, the numbers that samples are drawn with, and the
// part that was generated last.
#ifndef TFOPT_PROGRAM_MODEL_STREAM_H_
#define TFOPT_PROGRAM_MODEL_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"
#include "engine/layers/upsampling.h"
#include "engine/sampling/philox.h"
#include "program/audio_stream.h"

namespace tfopt {

template <class File>
class ModelStream : public AudioStream {
 protected:
  // `file` has to outlive the stream.
  //
  //   channels: of a frame of conditioning, or 0
  //   uniforms: numbers that a sample is drawn with
  ModelStream(const File& file, const Kernels& kernels, const AudioSettings& settings, int channels,
              int uniforms)
      : file_(file),
        kernels_(kernels),
        settings_(settings),
        upsampling_(channels, file.stages),
        rows_(Size(kPart, channels)),
        samples_(kPart),
        state_(file.model.state_bytes / sizeof(float)),
        per_sample_(static_cast<uint64_t>(uniforms)),
        uniforms_(Size(kPart, uniforms)) {
    ResetState(file.model, 1, StateBytes());
  }

  static size_t Size(int rows, int columns) {
    return static_cast<size_t>(rows) * static_cast<size_t>(columns);
  }

  // The next `time` steps, but for what they are conditioned on.
  template <class Streams>
  Streams NextSteps(int time) {
    Streams streams;
    streams.batch = 1;
    streams.time = time;
    streams.state = StateBytes();
    streams.threads = settings_.threads;
    return streams;
  }

  // The numbers that the next `time` samples are drawn with, at most kPart; each is given once.
  const float* NextUniforms(int time) {
    const uint64_t count = static_cast<uint64_t>(time) * per_sample_;
    Uniforms(settings_.seed, 0, drawn_, count, uniforms_.data());
    drawn_ += count;
    return uniforms_.data();
  }

  const File& file_;
  const Kernels& kernels_;
  const AudioSettings settings_;
  Upsampling upsampling_;
  std::vector<float> rows_;     // [kPart, channels]
  std::vector<float> samples_;  // [kPart]

 private:
  uint8_t* StateBytes() { return reinterpret_cast<uint8_t*>(state_.data()); }

  AlignedFloats state_;
  const uint64_t per_sample_;
  std::vector<float> uniforms_;  // [kPart, per_sample_]
  uint64_t drawn_ = 0;           // uniforms
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_MODEL_STREAM_H_
