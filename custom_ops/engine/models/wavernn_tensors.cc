// The tensors of a WaveRNN.
#include <string>
#include <vector>

#include "engine/models/wavernn_config.h"

namespace tfopt {

std::vector<ExpectedTensor> TensorsOf(const WavernnConfig& c) {
  std::vector<ExpectedTensor> tensors;
  const auto layer = [&](const std::string& name, int inputs, int outputs) {
    tensors.push_back({name + ".kernel", {inputs, outputs}});
    tensors.push_back({name + ".bias", {outputs}});
  };
  const int hidden = c.rnn_channels, width = c.fc_channels, aux = c.aux_channels;
  layer("input", c.fed() + c.mel_channels + aux, hidden);
  for (int i = 0; i < c.rnn_layers; ++i) {
    const std::string name = "rnn." + std::to_string(i);
    layer(name, hidden + (i == 0 ? 0 : aux), 3 * hidden);
    tensors.push_back({name + ".recurrent", {hidden, 3 * hidden}});
    tensors.push_back({name + ".recurrent_bias", {3 * hidden}});
  }
  for (int i = 0; i < c.fc_layers; ++i) {
    layer("fc." + std::to_string(i), (i == 0 ? hidden : width) + aux, width);
  }
  layer("output", width, c.coarse_outputs());
  if (c.split()) {
    layer("fine", width + 1, width);
    layer("fine.output", width, c.fine_outputs());
  }
  return tensors;
}

}  // namespace tfopt
