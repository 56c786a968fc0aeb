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

// In Hz.
Status ReadSampleRate(const ModelFile& file, int* rate);

// The amplitude of each class, [classes], in [-1, 1].
Status ReadAmplitudes(const ModelFile& file, int classes, Array<float>* amplitudes);
// Turns classes into what they sound like. Without classes samples are amplitudes, and stay what they are.
void ToAmplitudes(const Array<float>& amplitudes, int count, float* samples);

// The stages, and how many samples a frame becomes.
Status ReadStages(const ModelFile& file, std::vector<UpsamplingStage>* stages, int* hop_length);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_AUDIO_SECTIONS_H_
