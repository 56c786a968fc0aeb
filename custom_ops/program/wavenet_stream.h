// Audio from a WaveNet as its conditioning arrives: the samples of the Python class Wavenet on its `native`
// backend.
#ifndef TFOPT_PROGRAM_WAVENET_STREAM_H_
#define TFOPT_PROGRAM_WAVENET_STREAM_H_

#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/layers/upsampling.h"
#include "program/audio_stream.h"
#include "program/wavenet_file.h"

namespace tfopt {

class WavenetStream : public AudioStream {
 public:
  // `file` has to outlive the stream.
  WavenetStream(const WavenetFile& file, const Kernels& kernels, const AudioSettings& settings);

  void Push(const float* frames, int count) override { upsampling_.Push(frames, count); }
  void End() override { upsampling_.End(); }
  Status Generate(int64_t most, const float** audio, int* count) override;

 private:
  const WavenetFile& file_;
  const Kernels& kernels_;
  const AudioSettings settings_;
  Upsampling upsampling_;
  AlignedFloats state_;
  std::vector<float> rows_;      // [kPart, local_channels]
  std::vector<float> uniforms_;  // [kPart, numbers a sample]
  std::vector<float> samples_;   // [kPart]
  float last_;                   // what is fed next
  uint64_t done_ = 0;            // samples
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAVENET_STREAM_H_
