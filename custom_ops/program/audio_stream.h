// Audio from a model as its conditioning arrives: one stream.
#ifndef TFOPT_PROGRAM_AUDIO_STREAM_H_
#define TFOPT_PROGRAM_AUDIO_STREAM_H_

#include <cstdint>

#include "engine/status.h"

namespace tfopt {

struct AudioSettings {
  uint64_t seed = 0;
  float temperature = 1.0f;  // at least 0
  int speaker = 0;           // of a model that has some
  int threads = 1;
};

class AudioStream {
 public:
  // The most samples of a part: 11 ms at 24 kHz. What a call costs beside its samples is not felt from here on.
  static constexpr int kPart = 256;

  virtual ~AudioStream() = default;

  // More conditioning, [count, channels], finite; and that there is no more.
  virtual void Push(const float* frames, int count) = 0;
  virtual void End() = 0;

  // Generates the next part: at most `most` samples, as many as conditioning is there for, and so few that a
  // listener need not wait long.
  //
  //   audio: amplitudes in [-1, 1], there until the next call
  //   count: 0 if conditioning is needed first, or has ended
  virtual Status Generate(int64_t most, const float** audio, int* count) = 0;
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_AUDIO_STREAM_H_
