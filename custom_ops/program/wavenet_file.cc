#include "program/wavenet_file.h"

#include <algorithm>
#include <utility>

namespace tfopt {

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
  if (config.local_channels == 0) {
    Array<int32_t> factors;
    TFOPT_RETURN_IF_ERROR(file.Find("upsampling.factors", &factors));
    TFOPT_RETURN_IF_ERROR(CheckSize("upsampling.factors", 0, factors.size));
  }
  const int classes = std::max(config.input_classes, config.decoded_classes);
  TFOPT_RETURN_IF_ERROR(ReadAudioSections(file, classes, &read));
  TFOPT_RETURN_IF_ERROR(file.Find("speakers", &read.speakers));
  const auto channels = static_cast<size_t>(config.global_channels);
  const size_t speakers = channels == 0 ? 0 : std::max<size_t>(1, read.speakers.size / channels);
  TFOPT_RETURN_IF_ERROR(CheckSize("speakers", speakers * channels, read.speakers.size));
  TFOPT_RETURN_IF_ERROR(CheckValues("speakers", read.speakers, 1e30f));
  *wavenet = std::move(read);
  return {};
}

}  // namespace tfopt
