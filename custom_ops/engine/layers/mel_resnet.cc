#include "engine/layers/mel_resnet.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "engine/packing/matrix.h"

namespace tfopt {
namespace {

size_t Volume(int rows, int columns) {
  return static_cast<size_t>(rows) * static_cast<size_t>(columns);
}

}  // namespace

std::vector<MelResnetShape::Layer> MelResnetShape::layers() const {
  std::vector<Layer> all(2 * static_cast<size_t>(blocks) + 2, {channels, channels});
  all.front().inputs = (2 * pad + 1) * mel_channels;
  all.back().outputs = outputs;
  return all;
}

size_t MelResnetShape::weights() const {
  size_t floats = 0;
  for (const Layer& layer : layers()) floats += Volume(layer.inputs + 1, layer.outputs);
  return floats;
}

std::vector<Tensor> MelResnetShape::Split(const float* weights) const {
  std::vector<Tensor> tensors;
  for (const Layer& layer : layers()) {
    for (int rows : {layer.inputs, 1}) {
      tensors.push_back({weights, Volume(rows, layer.outputs)});
      weights += tensors.back().size;
    }
  }
  return tensors;
}

MelResnet::Scratch::Scratch(const MelResnetShape& shape)
    : x_(Volume(kFrames, Padded(shape.channels))),
      inner_(x_.size()),
      sum_(x_.size()),
      y_(Volume(kFrames, Padded(shape.outputs))) {}

MelResnet MelResnet::Next(const MelResnetShape& shape, Layout* layout) {
  MelResnet resnet;
  resnet.shape_ = shape;
  for (const MelResnetShape::Layer& layer : shape.layers()) {
    const Matrix kernel = layout->NextMatrix(layer.inputs, Padded(layer.outputs));
    resnet.layers_.push_back({kernel, layout->Floats(1, kernel.outputs)});
  }
  return resnet;
}

MelResnet::MelResnet(const MelResnetShape& shape, const float* weights) {
  Layout measured(nullptr, 0);
  Next(shape, &measured);
  AlignedFloats packed(measured.bytes() / sizeof(float));
  Layout layout(reinterpret_cast<const uint8_t*>(packed.data()), 0);
  *this = Next(shape, &layout);
  Pack(shape.Split(weights));
  own_ = std::move(packed);
}

void MelResnet::Pack(const std::vector<Tensor>& tensors) const {
  const Tensor* next = tensors.data();
  const std::vector<MelResnetShape::Layer> sizes = shape_.layers();
  for (size_t i = 0; i < layers_.size(); ++i) {
    const OutputGroups outputs = {1, sizes[i].outputs};
    const Matrix& kernel = layers_[i].kernel;
    PackMatrix((next++)->data, outputs.width, kernel.inputs, outputs, WritableFloats(kernel));
    PackVector((next++)->data, outputs, Writable(layers_[i].bias));
  }
}

void MelResnet::Compute(const Kernels& kernels, const float* frames, int count, Scratch* scratch,
                        float* y) const {
  const ptrdiff_t step = shape_.mel_channels, width = Padded(shape_.channels);
  const ptrdiff_t padded_outputs = Padded(shape_.outputs);
  float* const x = scratch->x_.data();
  float* const inner = scratch->inner_.data();
  float* const sum = scratch->sum_.data();
  for (int first = 0; first < count; first += kFrames) {
    const int columns = std::min(kFrames, count - first);
    const int floats = columns * static_cast<int>(width);
    // What a frame is computed from begins a frame behind that of the frame before.
    layers_.front().Multiply(kernels, {frames + first * step, step}, columns, x);
    kernels.relu(x, floats, x);
    for (size_t i = 1; i + 1 < layers_.size(); i += 2) {
      layers_[i].Multiply(kernels, {x, width}, columns, inner);
      kernels.relu(inner, floats, inner);
      layers_[i + 1].Multiply(kernels, {inner, width}, columns, sum);
      kernels.add(x, sum, floats, x);
    }
    layers_.back().Multiply(kernels, {x, width}, columns, scratch->y_.data());
    for (int c = 0; c < columns; ++c) {
      y = std::copy_n(scratch->y_.data() + c * padded_outputs, shape_.outputs, y);
    }
  }
}

}  // namespace tfopt
