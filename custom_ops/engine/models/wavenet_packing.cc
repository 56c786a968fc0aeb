// Where a WaveNet's weights are in a packed model, and how they get there.

#include <utility>
#include <vector>

#include "engine/checked.h"
#include "engine/models/wavenet.h"
#include "engine/packing/matrix.h"
#include "engine/packing/packed_config.h"

namespace tfopt {
namespace {

OutputGroups Gates(const WavenetConfig& c) { return {2, c.gate}; }
OutputGroups Plain(int width) { return {1, width}; }
int InputRows(const WavenetConfig& c) { return c.input_classes == 0 ? 1 : c.input_classes; }

// Bytes of one stream's state: a header, past inputs of the first convolution, and all queues.
bool StateBytes(const WavenetConfig& c, size_t* bytes) {
  size_t rows = 0, floats = 0;
  for (int dilation : c.dilations) {
    size_t slots = 0;
    if (!CheckedProduct({static_cast<size_t>(dilation), static_cast<size_t>(c.kernel_size - 1)},
                        &slots) ||
        !CheckedSum({rows, slots}, &rows)) {
      return false;
    }
  }
  const size_t history = static_cast<size_t>(Padded(c.input_kernel_size - 1));
  return CheckedProduct({rows, static_cast<size_t>(Padded(c.residual))}, &floats) &&
         CheckedSum({floats, history}, &floats) && CheckedProduct({floats, sizeof(float)}, bytes) &&
         CheckedSum({*bytes, kAlignment}, bytes);
}

size_t Product(int a, int b) { return static_cast<size_t>(a) * static_cast<size_t>(b); }

// Writes checked tensors, which it takes in their order, to where they belong; those that the model lacks become
// zeros.
class Packer {
 public:
  explicit Packer(const std::vector<Tensor>& tensors) : next_(tensors.data()) {}

  // The next tensor; null where the model lacks it.
  const float* Next() {
    const Tensor& tensor = *next_++;
    return tensor.size == 0 ? nullptr : tensor.data;
  }

  void Kernel(const Matrix& to, OutputGroups outputs) {
    if (const float* kernel = Next()) {
      PackMatrix(kernel, outputs.groups * outputs.width, to.inputs, outputs, WritableFloats(to));
    }
  }

  void Bias(const float* to, OutputGroups outputs) {
    if (const float* bias = Next()) PackVector(bias, outputs, Writable(to));
  }

 private:
  const Tensor* next_;
};

void Pack(const WavenetConfig& c, const WavenetWeights& w, Packer packer) {
  const float* input = packer.Next();
  for (int row = 0; row < c.input_kernel_size * InputRows(c); ++row) {
    PackVector(input + Product(row, c.residual), Plain(c.residual),
               Writable(w.input) + Product(row, Padded(c.residual)));
  }
  packer.Bias(w.input_bias, Plain(c.residual));
  for (const WavenetWeights::Layer& layer : w.layers) {
    const float* taps = packer.Next();
    for (const Matrix& past : layer.convolution.past) {
      PackMatrix(taps, 2 * c.gate, c.residual, Gates(c), WritableFloats(past));
      taps += Product(c.residual, 2 * c.gate);
    }
    PackMatrix(taps, 2 * c.gate, c.residual, Gates(c), WritableFloats(layer.convolution.current));
    packer.Bias(layer.convolution.bias, Gates(c));
    packer.Kernel(layer.convolution.local, Gates(c));
    packer.Kernel(layer.convolution.global, Gates(c));
    if (layer.residual.weights != nullptr) {
      packer.Kernel(layer.residual, Plain(c.residual));
      packer.Bias(layer.residual_bias, Plain(c.residual));
    } else {
      packer.Next();
      packer.Next();
    }
    packer.Kernel(layer.skip, Plain(c.skip));
    if (const float* bias = packer.Next()) {
      for (int i = 0; i < c.skip; ++i) Writable(w.skip_bias)[i] += bias[i];
    }
  }
  packer.Kernel(w.end0, Plain(c.end));
  packer.Bias(w.end0_bias, Plain(c.end));
  packer.Kernel(w.end1, Plain(c.outputs));
  packer.Bias(w.end1_bias, Plain(c.outputs));
}

}  // namespace

// What a step reads one after the other lies so.
WavenetWeights WavenetWeights::Next(const WavenetConfig& c, Layout* layout) {
  WavenetWeights w;
  w.input = layout->Floats(c.input_kernel_size * InputRows(c), Padded(c.residual));
  w.input_bias = layout->Floats(1, Padded(c.residual));
  w.layers.resize(c.dilations.size());
  for (WavenetWeights::Layer& layer : w.layers) {
    const bool last = &layer == &w.layers.back();
    layer.convolution.current = layout->NextMatrix(c.residual, Gates(c).padded());
    if (!last) layer.residual = layout->NextMatrix(c.gate, Padded(c.residual));
  }
  for (WavenetWeights::Layer& layer : w.layers) {
    layer.skip = layout->NextMatrix(c.gate, Padded(c.skip));
  }
  w.end0 = layout->NextMatrix(c.skip, Padded(c.end));
  w.end1 = layout->NextMatrix(c.end, Padded(c.outputs));
  for (WavenetWeights::Layer& layer : w.layers) {
    layer.convolution.bias = layout->Floats(1, Gates(c).padded());
    layer.residual_bias = layout->Floats(1, Padded(c.residual));
  }
  w.skip_bias = layout->Floats(1, Padded(c.skip));
  w.end0_bias = layout->Floats(1, Padded(c.end));
  w.end1_bias = layout->Floats(1, Padded(c.outputs));
  // What is read for many steps at a time comes last.
  for (WavenetWeights::Layer& layer : w.layers) {
    for (int k = 0; k + 1 < c.kernel_size; ++k) {
      layer.convolution.past.push_back(layout->NextMatrix(c.residual, Gates(c).padded()));
    }
    layer.convolution.local = layout->NextMatrix(c.local_channels, Gates(c).padded());
    layer.convolution.global = layout->NextFloatMatrix(c.global_channels, Gates(c).padded());
  }
  return w;
}

Status PackedBytes(const WavenetConfig& config, size_t* bytes, const WeightFormat& format) {
  TFOPT_RETURN_IF_ERROR(config.Check());
  Layout layout = LayoutOf(config, nullptr, format);
  WavenetWeights::Next(config, &layout);
  TFOPT_RETURN_IF_ERROR(layout.status());
  size_t state_bytes = 0;
  if (!StateBytes(config, &state_bytes)) {
    return Status::Invalid("config: expected a model that fits into memory");
  }
  *bytes = layout.bytes();
  return {};
}

Status PackModel(const WavenetConfig& config, const std::vector<Tensor>& tensors, uint8_t* buffer) {
  size_t bytes = 0;
  TFOPT_RETURN_IF_ERROR(PackedBytes(config, &bytes));
  TFOPT_RETURN_IF_ERROR(CheckTensors(TensorsOf(config), tensors));
  WritePackedConfig(PackedKind::kWavenet, config, bytes, buffer);
  const WeightFormat format;
  Layout layout = LayoutOf(config, buffer, format);
  Pack(config, WavenetWeights::Next(config, &layout), Packer(tensors));
  return {};
}

Status Wavenet::Read(const uint8_t* buffer, size_t size, Wavenet* model, InputHistograms* observed) {
  WavenetConfig config;
  WeightFormat format;
  TFOPT_RETURN_IF_ERROR(ReadPackedConfig(PackedKind::kWavenet, buffer, size, &config, &format));
  Layout layout = LayoutOf(config, buffer, format);
  layout.ObserveIn(observed);
  model->weights = WavenetWeights::Next(config, &layout);
  TFOPT_RETURN_IF_ERROR(layout.status());
  StateBytes(config, &model->state_bytes);
  model->config = std::move(config);
  return {};
}

}  // namespace tfopt
