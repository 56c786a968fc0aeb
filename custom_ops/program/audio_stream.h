// Audio from a WaveNet as its conditioning arrives: one stream, the samples of the Python class Wavenet on its
// `native` backend.
#ifndef TFOPT_PROGRAM_AUDIO_STREAM_H_
#define TFOPT_PROGRAM_AUDIO_STREAM_H_

#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/layers/upsampling.h"
#include "engine/status.h"
#include "program/wavenet_file.h"

namespace tfopt {

struct AudioSettings {
  uint64_t seed = 0;
  float temperature = 1.0f;  // at least 0
  int speaker = 0;           // below speaker_count(), where there are any
  int threads = 1;
};

class AudioStream {
 public:
  // `file` has to outlive the stream.
  AudioStream(const WavenetFile& file, const Kernels& kernels, const AudioSettings& settings);

  // More conditioning, [count, local_channels], finite; and that there is no more.
  void Push(const float* frames, int count) { upsampling_.Push(frames, count); }
  void End() { upsampling_.End(); }

  // Generates the next part: at most `most` samples, as many as conditioning is there for, and so few that a
  // listener need not wait long.
  //
  //   audio: amplitudes in [-1, 1], there until the next call
  //   count: 0 if conditioning is needed first, or has ended
  Status Generate(int64_t most, const float** audio, int* count);

 private:
  const WavenetFile& file_;
  const Kernels& kernels_;
  const AudioSettings settings_;
  Upsampling upsampling_;
  AlignedFloats state_;
  std::vector<float> rows_;      // [kPart, local_channels]
  std::vector<float> uniforms_;  // [kPart, numbers a sample]
  std::vector<float> samples_;   // [kPart]
  std::vector<float> audio_;     // [kPart]
  float last_;                   // what is fed next
  uint64_t done_ = 0;            // samples
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_AUDIO_STREAM_H_
