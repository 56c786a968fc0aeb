// A WaveRNN's file: the network, and the networks over frames before it.
#ifndef TFOPT_PROGRAM_WAVERNN_FILE_H_
#define TFOPT_PROGRAM_WAVERNN_FILE_H_

#include "engine/layers/mel_resnet.h"
#include "engine/models/wavernn.h"
#include "engine/packing/model_file.h"
#include "engine/status.h"
#include "program/audio_sections.h"

namespace tfopt {

// All of it stays where the file is.
struct WavernnFile : AudioSections {
  Wavernn model;
  MelResnetShape resnet;
  const float* resnet_weights = nullptr;

  // Checks all that is read.
  static Status Read(const ModelFile& file, WavernnFile* wavernn);
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAVERNN_FILE_H_
