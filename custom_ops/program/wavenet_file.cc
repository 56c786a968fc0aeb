#include "program/wavenet_file.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace tfopt {
namespace {

constexpr int kLargestRate = 1000000, kLargestHop = 10000;

Status CheckSize(const char* name, size_t expected, size_t given) {
  if (given == expected) return {};
  return WrongSection(name, std::to_string(expected) + " values", std::to_string(given));
}

Status CheckValues(const char* name, const Array<float>& values, float largest) {
  for (float value : values) {
    if (!(std::fabs(value) <= largest)) {
      return WrongSection(name, "numbers up to " + std::to_string(largest), std::to_string(value));
    }
  }
  return {};
}

Status ReadRate(const ModelFile& file, int* rate) {
  Array<int32_t> values;
  TFOPT_RETURN_IF_ERROR(file.Find("sample_rate", &values));
  TFOPT_RETURN_IF_ERROR(CheckSize("sample_rate", 1, values.size));
  *rate = values.data[0];
  if (*rate >= 1 && *rate <= kLargestRate) return {};
  return WrongSection("sample_rate", "1 to " + std::to_string(kLargestRate),
                      std::to_string(*rate));
}

Status ReadStages(const ModelFile& file, WavenetFile* wavenet) {
  Array<int32_t> factors;
  Array<float> phases;
  TFOPT_RETURN_IF_ERROR(file.Find("upsampling.factors", &factors));
  TFOPT_RETURN_IF_ERROR(file.Find("upsampling.phases", &phases));
  const bool local = wavenet->model.config.local_channels > 0;
  if (!local) TFOPT_RETURN_IF_ERROR(CheckSize("upsampling.factors", 0, factors.size));
  size_t used = 0;
  for (int32_t factor : factors) {
    if (factor < 1 || factor > kLargestHop / wavenet->hop_length) {
      return WrongSection("upsampling.factors",
                          "a product from 1 to " + std::to_string(kLargestHop),
                          "a factor of " + std::to_string(factor));
    }
    wavenet->hop_length *= factor;
    // Where the phases are too few, the check below says so before anybody reads them.
    wavenet->stages.push_back({factor, phases.data + used});
    used += 3 * static_cast<size_t>(factor);
    if (used > phases.size) break;
  }
  TFOPT_RETURN_IF_ERROR(CheckSize("upsampling.phases", used, phases.size));
  return CheckValues("upsampling.phases", phases, 1e9f);
}

}  // namespace

int WavenetFile::speaker_count() const {
  const int channels = model.config.global_channels;
  return channels == 0 ? 0 : static_cast<int>(speakers.size / static_cast<size_t>(channels));
}

Status WavenetFile::Read(const ModelFile& file, WavenetFile* wavenet) {
  Array<uint8_t> packed;
  WavenetFile read;
  TFOPT_RETURN_IF_ERROR(file.Find("model", &packed));
  TFOPT_RETURN_IF_ERROR(Wavenet::Read(packed.data, packed.size, &read.model));
  const WavenetConfig& config = read.model.config;
  TFOPT_RETURN_IF_ERROR(ReadRate(file, &read.sample_rate));

  TFOPT_RETURN_IF_ERROR(file.Find("amplitudes", &read.amplitudes));
  const int classes = std::max(config.input_classes, config.decoded_classes);
  TFOPT_RETURN_IF_ERROR(
      CheckSize("amplitudes", static_cast<size_t>(classes), read.amplitudes.size));
  TFOPT_RETURN_IF_ERROR(CheckValues("amplitudes", read.amplitudes, 1.0f));

  TFOPT_RETURN_IF_ERROR(ReadStages(file, &read));

  TFOPT_RETURN_IF_ERROR(file.Find("speakers", &read.speakers));
  const auto channels = static_cast<size_t>(config.global_channels);
  const size_t speakers = channels == 0 ? 0 : std::max<size_t>(1, read.speakers.size / channels);
  TFOPT_RETURN_IF_ERROR(CheckSize("speakers", speakers * channels, read.speakers.size));
  TFOPT_RETURN_IF_ERROR(CheckValues("speakers", read.speakers, 1e30f));
  *wavenet = std::move(read);
  return {};
}

}  // namespace tfopt
