// A WaveNet's file: the network, and what turns its samples into audio.
#ifndef TFOPT_PROGRAM_WAVENET_FILE_H_
#define TFOPT_PROGRAM_WAVENET_FILE_H_

#include "engine/models/wavenet.h"
#include "engine/packing/model_file.h"
#include "engine/status.h"
#include "program/audio_sections.h"

namespace tfopt {

// All of it stays where the file is.
struct WavenetFile : AudioSections {
  Wavenet model;
  Array<float> speakers;  // [speakers, global channels]

  // 0 without global conditioning.
  int speaker_count() const;

  // Checks all that is read.
  static Status Read(const ModelFile& file, WavenetFile* wavenet);
};

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_WAVENET_FILE_H_
