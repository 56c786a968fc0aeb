#include <string>

#include "engine/models/g2p.h"
#include "engine/models/settings.h"

namespace tfopt {
namespace {

// Far above every real model, far below what fills a memory.
constexpr int kLargest = 10000;

}  // namespace

Status G2pConfig::Check() const {
  TFOPT_RETURN_IF_ERROR(CheckSetting("architecture", static_cast<int>(architecture), 0, 1));
  const bool gru = architecture == G2pArchitecture::kGru;
  TFOPT_RETURN_IF_ERROR(CheckSetting("graphemes", graphemes, 1, kLargest));
  TFOPT_RETURN_IF_ERROR(CheckSetting("phonemes", phonemes, 1, kLargest));
  TFOPT_RETURN_IF_ERROR(CheckSetting("embedding", embedding, gru ? 1 : 0, gru ? kLargest : 0));
  TFOPT_RETURN_IF_ERROR(CheckSetting("hidden", hidden, 1, kLargest));
  TFOPT_RETURN_IF_ERROR(CheckSetting("max_phonemes", max_phonemes, 1, kLargest));
  TFOPT_RETURN_IF_ERROR(CheckSetting("start_phoneme", start_phoneme, 0, phonemes - 1));
  return CheckSetting("end_phoneme", end_phoneme, 0, phonemes - 1);
}

std::vector<int32_t> G2pConfig::ToIntegers() const {
  return {static_cast<int32_t>(architecture), graphemes,    phonemes,      embedding, hidden,
          max_phonemes,                       start_phoneme, end_phoneme};
}

Status G2pConfig::FromIntegers(const std::vector<int32_t>& integers, G2pConfig* config) {
  TFOPT_RETURN_IF_ERROR(CheckSettingCount(kIntegers, integers.size()));
  config->architecture = static_cast<G2pArchitecture>(integers[0]);
  config->graphemes = integers[1];
  config->phonemes = integers[2];
  config->embedding = integers[3];
  config->hidden = integers[4];
  config->max_phonemes = integers[5];
  config->start_phoneme = integers[6];
  config->end_phoneme = integers[7];
  return config->Check();
}

}  // namespace tfopt
