#include "program/audio_sections.h"

#include <cmath>
#include <string>

namespace tfopt {
namespace {

constexpr int kLargestRate = 1000000, kLargestHop = 10000;

Status ReadSampleRate(const ModelFile& file, int* rate) {
  Array<int32_t> values;
  TFOPT_RETURN_IF_ERROR(file.Find("sample_rate", &values));
  TFOPT_RETURN_IF_ERROR(CheckSize("sample_rate", 1, values.size));
  *rate = values.data[0];
  if (*rate >= 1 && *rate <= kLargestRate) return {};
  return WrongSection("sample_rate", "1 to " + std::to_string(kLargestRate),
                      std::to_string(*rate));
}

Status ReadAmplitudes(const ModelFile& file, int classes, Array<float>* amplitudes) {
  TFOPT_RETURN_IF_ERROR(file.Find("amplitudes", amplitudes));
  TFOPT_RETURN_IF_ERROR(CheckSize("amplitudes", static_cast<size_t>(classes), amplitudes->size));
  return CheckValues("amplitudes", *amplitudes, 1.0f);
}

// The stages, and how many samples a frame becomes.
Status ReadStages(const ModelFile& file, std::vector<UpsamplingStage>* stages, int* hop_length) {
  Array<int32_t> factors;
  Array<float> phases;
  TFOPT_RETURN_IF_ERROR(file.Find("upsampling.factors", &factors));
  TFOPT_RETURN_IF_ERROR(file.Find("upsampling.phases", &phases));
  *hop_length = 1;
  size_t used = 0;
  for (int32_t factor : factors) {
    if (factor < 1 || factor > kLargestHop / *hop_length) {
      return WrongSection("upsampling.factors",
                          "a product from 1 to " + std::to_string(kLargestHop),
                          "a factor of " + std::to_string(factor));
    }
    *hop_length *= factor;
    // Where the phases are too few, the check below says so before anybody reads them.
    stages->push_back({factor, phases.data + used});
    used += 3 * static_cast<size_t>(factor);
    if (used > phases.size) break;
  }
  TFOPT_RETURN_IF_ERROR(CheckSize("upsampling.phases", used, phases.size));
  return CheckValues("upsampling.phases", phases, 1e9f);
}

}  // namespace

Status CheckSize(const char* section, size_t expected, size_t given) {
  if (given == expected) return {};
  return WrongSection(section, std::to_string(expected) + " values", std::to_string(given));
}

Status CheckValues(const char* section, const Array<float>& values, float largest) {
  for (float value : values) {
    if (!(std::fabs(value) <= largest)) {
      return WrongSection(section, "numbers up to " + std::to_string(largest),
                          std::to_string(value));
    }
  }
  return {};
}

void AudioSections::ToAmplitudes(int count, float* samples) const {
  if (amplitudes.size == 0) return;
  for (int i = 0; i < count; ++i) samples[i] = amplitudes.data[static_cast<size_t>(samples[i])];
}

Status ReadAudioSections(const ModelFile& file, int classes, AudioSections* sections) {
  TFOPT_RETURN_IF_ERROR(ReadSampleRate(file, &sections->sample_rate));
  TFOPT_RETURN_IF_ERROR(ReadAmplitudes(file, classes, &sections->amplitudes));
  return ReadStages(file, &sections->stages, &sections->hop_length);
}

}  // namespace tfopt
