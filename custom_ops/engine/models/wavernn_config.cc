#include "engine/models/wavernn_config.h"

#include "engine/models/settings.h"

namespace tfopt {
namespace {

constexpr int kMostBits = 16;

int FewestBits(WavernnOutput output) {
  switch (output) {
    case WavernnOutput::kCategorical: return 1;
    case WavernnOutput::kSplit: return 8;
    case WavernnOutput::kLogisticMixture: return 0;
  }
  return 0;
}

}  // namespace

Status WavernnConfig::Check() const {
  TFOPT_RETURN_IF_ERROR(CheckSetting("mel_channels", mel_channels, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("aux_channels", aux_channels, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("rnn_channels", rnn_channels, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("rnn_layers", rnn_layers, 1, 2));
  TFOPT_RETURN_IF_ERROR(CheckSetting("fc_channels", fc_channels, 1, kMostChannels));
  TFOPT_RETURN_IF_ERROR(CheckSetting("fc_layers", fc_layers, 1, 2));
  TFOPT_RETURN_IF_ERROR(CheckSetting("output", static_cast<int>(output), 0, 2));
  const bool mixture = output == WavernnOutput::kLogisticMixture;
  TFOPT_RETURN_IF_ERROR(CheckSetting("bits", bits, FewestBits(output), mixture ? 0 : kMostBits));
  return CheckSetting("mixtures", mixtures, mixture ? 1 : 0, mixture ? kMostChannels : 0);
}

std::vector<int32_t> WavernnConfig::ToIntegers() const {
  return {mel_channels, aux_channels, rnn_channels,
          rnn_layers,   fc_channels,  fc_layers,
          static_cast<int32_t>(output), bits, mixtures};
}

Status WavernnConfig::FromIntegers(const std::vector<int32_t>& integers, WavernnConfig* config) {
  TFOPT_RETURN_IF_ERROR(CheckSettingCount(kIntegers, integers.size()));
  WavernnConfig read;
  read.mel_channels = integers[0];
  read.aux_channels = integers[1];
  read.rnn_channels = integers[2];
  read.rnn_layers = integers[3];
  read.fc_channels = integers[4];
  read.fc_layers = integers[5];
  TFOPT_RETURN_IF_ERROR(CheckSetting("output", integers[6], 0, 2));
  read.output = static_cast<WavernnOutput>(integers[6]);
  read.bits = integers[7];
  read.mixtures = integers[8];
  TFOPT_RETURN_IF_ERROR(read.Check());
  *config = read;
  return {};
}

}  // namespace tfopt
