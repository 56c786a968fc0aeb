// What the files of all models that make audio have beside the network: the sample rate, what classes sound
// like, the stages that bring a spectrogram to the sample rate. All of it stays where the file is.
#ifndef TFOPT_PROGRAM_AUDIO_SECTIONS_H_
#define TFOPT_PROGRAM_AUDIO_SECTIONS_H_

#include <cstdint>
#include <vector>

#include "engine/layers/upsampling.h"
#include "engine/packing/model_file.h"
#include "engine/status.h"

namespace tfopt {

// Fails unless the section has as many values as expected.
Status CheckSize(const char* section, size_t expected, size_t given);
// Fails unless all values are numbers from -largest to largest.
Status CheckValues(const char* section, const Array<float>& values, float largest);

struct AudioSections {
  int sample_rate = 0;       // Hz
  Array<float> amplitudes;   // [classes], in [-1, 1], or empty: samples are amplitudes
  std::vector<UpsamplingStage> stages;
  int hop_length = 1;        // samples for each frame of conditioning

  // Turns classes into what they sound like. Without classes samples stay what they are.
  void ToAmplitudes(int count, float* samples) const;
};

// Reads them of a model with so many classes, or 0, and checks them.
Status ReadAudioSections(const ModelFile& file, int classes, AudioSections* sections);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_AUDIO_SECTIONS_H_
