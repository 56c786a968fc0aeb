// Where generated audio goes, and in which form.
#ifndef TFOPT_PROGRAM_AUDIO_OUTPUT_H_
#define TFOPT_PROGRAM_AUDIO_OUTPUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "engine/status.h"
#include "program/output.h"

namespace tfopt {

enum class AudioFormat {
  kWav,    // 16-bit PCM behind a header
  kS16le,  // the same without one
  kF32le,  // amplitudes as the network gives them, without a header
};

constexpr int64_t kUnknownLength = -1;

class AudioOutput {
 public:
  AudioOutput(AudioFormat format, int sample_rate) : format_(format), sample_rate_(sample_rate) {}

  // Opens a file or "-", standard output, for as many samples as will come, or kUnknownLength.
  Status Open(const std::string& path, int64_t samples);

  // Writes amplitudes; they have left when it returns.
  Status Write(const float* amplitudes, int count);

  // Puts the length into the header of a file that was opened without, and gives the file its name.
  Status Finish();

 private:
  const AudioFormat format_;
  const int sample_rate_;
  Output output_;
  std::vector<int16_t> pcm_;
  int64_t promised_ = kUnknownLength, written_ = 0;
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_AUDIO_OUTPUT_H_
