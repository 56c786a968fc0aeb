// Audio from a WaveNet as its conditioning arrives: the samples of the Python class Wavenet on its `native`
// backend.
#ifndef TFOPT_PROGRAM_WAVENET_STREAM_H_
#define TFOPT_PROGRAM_WAVENET_STREAM_H_

#include <cstdint>

#include "program/model_stream.h"
#include "program/wavenet_file.h"

namespace tfopt {

class WavenetStream : public ModelStream<WavenetFile> {
 public:
  // `file` has to outlive the stream.
  WavenetStream(const WavenetFile& file, const Kernels& kernels, const AudioSettings& settings);

  void Push(const float* frames, int count) override { upsampling_.Push(frames, count); }
  void End() override { upsampling_.End(); }
  Status Generate(int64_t most, const float** audio, int* count) override;

 private:
  float last_;  // what is fed next
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAVENET_STREAM_H_
