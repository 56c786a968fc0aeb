// `tfopt-native info`.
#include <algorithm>
#include <cstdio>
#include <string>

#include "engine/models/weight_summary.h"
#include "program/commands.h"
#include "program/g2p_file.h"
#include "program/load.h"
#include "program/output.h"
#include "program/printable.h"
#include "program/wavenet_file.h"
#include "program/wavernn_file.h"

namespace tfopt {
namespace {

std::string Line(const std::string& name, const std::string& value) {
  return name + std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') + value + '\n';
}

Status DescribeWavenet(const ModelFile& model, std::string* text) {
  static const char* const kOutputs[] = {"mu-law classes", "mixture of logistics", "gaussian"};
  WavenetFile file;
  TFOPT_RETURN_IF_ERROR(WavenetFile::Read(model, &file));
  const WavenetConfig& config = file.model.config;
  *text += Line("kind", "WaveNet");
  *text += Line("sample rate", std::to_string(file.sample_rate) + " Hz");
  *text += Line("layers", std::to_string(config.dilations.size()));
  *text += Line("residual channels", std::to_string(config.residual));
  *text += Line("output", kOutputs[static_cast<size_t>(config.output)]);
  if (config.local_channels > 0) {
    *text += Line("conditioning", "[frames, " + std::to_string(config.local_channels) + "], " +
                                      std::to_string(file.hop_length) + " samples a frame");
    *text += Line("frames looked ahead", std::to_string(FramesAhead(file.stages)));
  }
  if (file.speaker_count() > 0) *text += Line("speakers", std::to_string(file.speaker_count()));
  return {};
}

Status DescribeWavernn(const ModelFile& model, std::string* text) {
  static const char* const kOutputs[] = {"classes", "classes in two steps", "mixture of logistics"};
  WavernnFile file;
  TFOPT_RETURN_IF_ERROR(WavernnFile::Read(model, &file));
  const WavernnConfig& config = file.model.config;
  *text += Line("kind", "WaveRNN");
  *text += Line("sample rate", std::to_string(file.sample_rate) + " Hz");
  *text += Line("GRUs", std::to_string(config.rnn_layers));
  *text += Line("hidden", std::to_string(config.rnn_channels));
  *text += Line("output", kOutputs[static_cast<size_t>(config.output)]);
  *text += Line("conditioning", "[frames, " + std::to_string(config.mel_channels) + "], " +
                                    std::to_string(file.hop_length) + " samples a frame");
  *text += Line("frames looked ahead",
                std::to_string(std::max(file.resnet.pad, FramesAhead(file.stages))));
  return {};
}

Status DescribeG2p(const ModelFile& model, std::string* text) {
  G2pFile file;
  TFOPT_RETURN_IF_ERROR(G2pFile::Read(model, &file));
  const bool attention = file.config.architecture == G2pArchitecture::kAttentionGru;
  *text += Line("kind", "grapheme-to-phoneme");
  *text += Line("network", attention ? "GRU with attention" : "GRU");
  *text += Line("hidden", std::to_string(file.config.hidden));
  *text += Line("graphemes", std::to_string(file.config.graphemes));
  *text += Line("phonemes", std::to_string(file.config.phonemes));
  return {};
}

Status DescribeWeights(const ModelFile& file, std::string* text) {
  Array<uint8_t> packed;
  WeightSummary summary;
  TFOPT_RETURN_IF_ERROR(file.Find("model", &packed));
  TFOPT_RETURN_IF_ERROR(SummarizeWeights(packed.data, packed.size, &summary));
  char density[32];
  std::snprintf(density, sizeof(density), "%.3g", summary.density);
  *text += Line("weights", summary.compute_type);
  *text += Line("density of weights", density);
  return {};
}

Status Describe(const ModelFile& file, std::string* text) {
  Array<uint8_t> name;
  TFOPT_RETURN_IF_ERROR(file.Find("name", &name));
  *text += Line("name", Printable({name.begin(), name.end()}));
  switch (file.kind()) {
    case PackedKind::kWavenet: TFOPT_RETURN_IF_ERROR(DescribeWavenet(file, text)); break;
    case PackedKind::kWavernn: TFOPT_RETURN_IF_ERROR(DescribeWavernn(file, text)); break;
    default: TFOPT_RETURN_IF_ERROR(DescribeG2p(file, text));
  }
  TFOPT_RETURN_IF_ERROR(DescribeWeights(file, text));
  for (const ModelFile::Section& section : file.sections()) {
    *text += Line("section " + section.name, std::to_string(section.bytes.size) + " bytes");
  }
  return {};
}

}  // namespace

Status Info(const InfoArguments& arguments) {
  LoadedModel model;
  TFOPT_RETURN_IF_ERROR(LoadModel(arguments.model, &model));
  std::string text;
  TFOPT_RETURN_IF_ERROR(AboutModel(arguments.model, Describe(model.file, &text)));
  Output output;
  TFOPT_RETURN_IF_ERROR(output.Open("-"));
  return output.Write(text.data(), text.size());
}

}  // namespace tfopt
