// A WaveNet's file: the network, and what turns its samples into audio.
#ifndef TFOPT_PROGRAM_WAVENET_FILE_H_
#define TFOPT_PROGRAM_WAVENET_FILE_H_

#include <vector>

#include "engine/layers/upsampling.h"
#include "engine/models/wavenet.h"
#include "engine/packing/model_file.h"
#include "engine/status.h"

namespace tfopt {

// All of it stays where the file is.
struct WavenetFile {
  Wavenet model;
  int sample_rate = 0;       // Hz
  Array<float> amplitudes;   // [classes], or empty: samples are amplitudes
  std::vector<UpsamplingStage> stages;
  int hop_length = 1;        // samples for each frame of conditioning
  Array<float> speakers;     // [speakers, global channels]

  // 0 without global conditioning.
  int speaker_count() const;

  // Checks all that is read.
  static Status Read(const ModelFile& file, WavenetFile* wavenet);
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAVENET_FILE_H_
