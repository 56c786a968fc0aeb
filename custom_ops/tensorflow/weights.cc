#include "weights.h"

#include <algorithm>

namespace tfopt {
namespace {

void AddLayer(const WavenetConfig& c, const std::string& layer, bool last,
              std::vector<ExpectedWeight>* weights) {
  const int64_t residual = c.residual, gates = 2 * int64_t{c.gate};
  const auto add = [&](const char* name, Shape shape, bool optional) {
    weights->push_back({layer + name, std::move(shape), optional});
  };
  add("conv.kernel", {c.kernel_size, residual, gates}, false);
  add("conv.bias", {gates}, true);
  add("local.kernel", {c.local_channels, gates}, c.local_channels == 0);
  add("global.kernel", {c.global_channels, gates}, c.global_channels == 0);
  add("residual.kernel", {c.gate, residual}, last);  // nothing reads what the last layer passes on
  add("residual.bias", {residual}, true);
  add("skip.kernel", {c.gate, c.skip}, false);
  add("skip.bias", {c.skip}, true);
}

std::vector<ExpectedWeight> Expected(const std::vector<WavernnTensor>& tensors) {
  std::vector<ExpectedWeight> weights;
  for (const WavernnTensor& tensor : tensors) {
    weights.push_back({tensor.name, Shape(tensor.shape.begin(), tensor.shape.end())});
  }
  return weights;
}

}  // namespace

std::vector<ExpectedWeight> WavenetWeightShapes(const WavenetConfig& c) {
  std::vector<ExpectedWeight> weights = {
      {"input.kernel", {c.input_kernel_size, std::max(1, c.input_classes), c.residual}},
      {"input.bias", {c.residual}, true}};
  const size_t layers = c.dilations.size();
  for (size_t i = 0; i < layers; ++i) {
    AddLayer(c, "layers." + std::to_string(i) + ".", i + 1 == layers, &weights);
  }
  weights.push_back({"end.0.kernel", {c.skip, c.end}});
  weights.push_back({"end.0.bias", {c.end}, true});
  weights.push_back({"end.1.kernel", {c.end, c.outputs}});
  weights.push_back({"end.1.bias", {c.outputs}, true});
  return weights;
}

std::vector<ExpectedWeight> WavernnWeightShapes(const WavernnConfig& c) {
  return Expected(WavernnTensors(c));
}

std::vector<ExpectedWeight> MelResnetWeightShapes(const MelResnetShape& shape) {
  return Expected(MelResnetTensors(shape));
}

std::vector<ExpectedWeight> G2pWeightShapes(const G2pConfig& c) {
  const int64_t hidden = c.hidden, gates = 3 * hidden;
  std::vector<ExpectedWeight> weights;
  if (c.architecture == G2pArchitecture::kGru) {
    for (const bool encoder : {true, false}) {
      const std::string side = encoder ? "encoder." : "decoder.";
      weights.push_back({side + "embedding", {encoder ? c.graphemes : c.phonemes, c.embedding}});
      weights.push_back({side + "input_kernel", {c.embedding, gates}});
      weights.push_back({side + "input_bias", {gates}});
      weights.push_back({side + "recurrent_kernel", {hidden, gates}});
      weights.push_back({side + "recurrent_bias", {gates}});
    }
  } else {
    for (const char* side : {"encoder.forward.", "encoder.backward.", "decoder."}) {
      const bool decoder = side[0] == 'd';
      const int64_t inputs = decoder ? c.phonemes + hidden : c.graphemes;
      weights.push_back({std::string(side) + "input_kernel", {inputs, gates}});
      weights.push_back({std::string(side) + "recurrent_kernel", {hidden, gates}});
      weights.push_back({std::string(side) + "bias", {gates}});
    }
    weights.push_back({"attention.memory_kernel", {2 * hidden, hidden}});
    weights.push_back({"attention.query_kernel", {hidden, hidden}});
    weights.push_back({"attention.score", {hidden}});
    weights.push_back({"attention.output_kernel", {3 * hidden, hidden}});
  }
  weights.push_back({"output.kernel", {hidden, c.phonemes}});
  weights.push_back({"output.bias", {c.phonemes}});
  return weights;
}

Status WeightInputs::Read(KernelContext& context, const std::vector<ExpectedWeight>& expected) {
  const size_t count = static_cast<size_t>(context.inputs());
  if (count != expected.size()) {
    return Mismatch("weights", std::to_string(expected.size()) + " tensors", std::to_string(count));
  }
  inputs_.resize(count);
  tensors_.clear();
  for (size_t i = 0; i < count; ++i) {
    const ExpectedWeight& weight = expected[i];
    const std::string name = "weights[" + std::to_string(i) + "] (" + weight.name + ")";
    TFOPT_RETURN_IF_ERROR(context.Read(static_cast<int>(i), name.c_str(), &inputs_[i]));
    const Shape& given = inputs_[i].shape;
    if (given != weight.shape && !(weight.optional && given == Shape{0})) {
      const std::string absent = weight.optional ? " or [0]" : "";
      return Mismatch(name, "float32 " + ToString(weight.shape) + absent,
                      "float32 " + ToString(given));
    }
    tensors_.push_back({inputs_[i].data, inputs_[i].size()});
  }
  return {};
}

}  // namespace tfopt
