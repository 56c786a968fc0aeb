// Audio from a WaveRNN as the frames of a mel spectrogram arrive: the samples of the Python class Wavernn on its
// `native` backend.
#ifndef TFOPT_PROGRAM_WAVERNN_STREAM_H_
#define TFOPT_PROGRAM_WAVERNN_STREAM_H_

#include <cstdint>
#include <vector>

#include "engine/layers/mel_resnet.h"
#include "program/model_stream.h"
#include "program/wavernn_file.h"

namespace tfopt {

class WavernnStream : public ModelStream<WavernnFile> {
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

  MelResnet resnet_;
  MelResnet::Scratch resnet_scratch_;
  std::vector<float> frames_;  // [at most 2 pad + 1, mel_channels]: what the next frame's aux depends on
  std::vector<float> aux_;     // [frames, aux]: from the frame on that the next sample is in
  std::vector<float> last_;    // what is fed next
  int64_t skip_;               // rows still to drop
  int offset_ = 0;             // of the next sample in its frame
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAVERNN_STREAM_H_
