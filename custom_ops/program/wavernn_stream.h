// Audio from a WaveRNN as the frames of a mel spectrogram arrive: the samples of the Python class Wavernn on its
// `native` backend.
#ifndef TFOPT_PROGRAM_WAVERNN_STREAM_H_
#define TFOPT_PROGRAM_WAVERNN_STREAM_H_

#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/layers/mel_resnet.h"
#include "engine/layers/upsampling.h"
#include "program/audio_stream.h"
#include "program/wavernn_file.h"

namespace tfopt {

class WavernnStream : public AudioStream {
 public:
  // `file` has to outlive the stream.
  WavernnStream(const WavernnFile& file, const Kernels& kernels, const AudioSettings& settings);

  void Push(const float* frames, int count) override;
  void End() override;
  Status Generate(int64_t most, const float** audio, int* count) override;

 private:
  void PushZeros();  // `pad` frames of them
  // Drops what the stages make of the zeros before the first frame.
  void SkipZeros();

  const WavernnFile& file_;
  const Kernels& kernels_;
  const AudioSettings settings_;
  Upsampling upsampling_;
  MelResnet resnet_;
  MelResnet::Scratch resnet_scratch_;
  AlignedFloats state_;
  std::vector<float> frames_;    // [at most 2 pad + 1, mel_channels]: what the next frame's aux depends on
  std::vector<float> aux_;       // [frames, aux]: from the frame on that the next sample is in
  std::vector<float> rows_;      // [kPart, mel_channels]
  std::vector<float> uniforms_;  // [kPart, numbers a sample]
  std::vector<float> samples_;   // [kPart]
  std::vector<float> last_;      // what is fed next
  int64_t skip_;                 // rows still to drop
  int offset_ = 0;               // of the next sample in its frame
  uint64_t done_ = 0;            // samples
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAVERNN_STREAM_H_
