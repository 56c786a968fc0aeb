// Checks of the settings of a model's config.
#ifndef TFOPT_ENGINE_MODELS_SETTINGS_H_
#define TFOPT_ENGINE_MODELS_SETTINGS_H_

#include <cstddef>
#include <string>

#include "engine/status.h"

namespace tfopt {

// Whether the setting `name` is in [least, most].
inline Status CheckSetting(const char* name, int value, int least, int most) {
  if (value >= least && value <= most) return {};
  return Status::Invalid("config: " + std::string(name) + ": expected an integer from " +
                         std::to_string(least) + " to " + std::to_string(most) + ", got " +
                         std::to_string(value));
}

// Whether a config that is a list of integers has as many as it should.
inline Status CheckSettingCount(size_t expected, size_t given) {
  if (given == expected) return {};
  return Status::Invalid("config: expected " + std::to_string(expected) + " integers, got " +
                         std::to_string(given));
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_MODELS_SETTINGS_H_
