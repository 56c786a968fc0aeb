// A WaveRNN's file: the network, and the networks over frames before it.
#ifndef TFOPT_PROGRAM_WAVERNN_FILE_H_
#define TFOPT_PROGRAM_WAVERNN_FILE_H_

#include <vector>

#include "engine/layers/mel_resnet.h"
#include "engine/layers/upsampling.h"
#include "engine/models/wavernn.h"
#include "engine/packing/model_file.h"
#include "engine/status.h"

namespace tfopt {

// All of it stays where the file is.
struct WavernnFile {
  Wavernn model;
  int sample_rate = 0;      // Hz
  Array<float> amplitudes;  // [classes], or empty: samples are amplitudes
  std::vector<UpsamplingStage> stages;
  int hop_length = 1;  // samples for each frame
  MelResnetShape resnet;
  const float* resnet_weights = nullptr;

  // Checks all that is read.
  static Status Read(const ModelFile& file, WavernnFile* wavernn);
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAVERNN_FILE_H_
