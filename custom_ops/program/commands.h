// What the program does, one function a command.
#ifndef TFOPT_PROGRAM_COMMANDS_H_
#define TFOPT_PROGRAM_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/status.h"
#include "program/audio_output.h"

namespace tfopt {

struct GenerateArguments {
  std::string model;
  std::string conditioning;  // a file, "-", or empty
  std::string out = "-";
  AudioFormat format = AudioFormat::kWav;
  std::optional<double> seconds;
  std::optional<int64_t> samples;
  uint64_t seed = 0;
  double temperature = 1.0;
  std::optional<int> speaker;
  int threads = 1;
};
Status Generate(const GenerateArguments& arguments, const Kernels& kernels);

struct PredictArguments {
  std::string model;
  std::vector<std::string> words;  // none, or "-" alone: from standard input
  int threads = 1;
};
Status Predict(const PredictArguments& arguments, const Kernels& kernels);

struct InfoArguments {
  std::string model;
};
Status Info(const InfoArguments& arguments);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_COMMANDS_H_
