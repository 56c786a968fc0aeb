#include "engine/layers/mel_resnet.h"

#include <algorithm>

#include "engine/packing/matrix.h"

namespace tfopt {
namespace {

size_t Volume(int rows, int columns) {
  return static_cast<size_t>(rows) * static_cast<size_t>(columns);
}

size_t PaddedVolume(size_t inputs, int outputs) {
  return inputs * static_cast<size_t>(Padded(outputs));
}

}  // namespace

size_t MelResnetShape::weights() const {
  const size_t layers = 2 * static_cast<size_t>(blocks);
  return Volume((2 * pad + 1) * mel_channels + 1, channels) +
         layers * Volume(channels + 1, channels) + Volume(channels + 1, outputs);
}

MelResnet::Layer::Layer(int input_count, int output_count, const float** weights)
    : inputs(input_count),
      outputs(output_count),
      kernel(PaddedVolume(static_cast<size_t>(inputs), outputs)),
      bias(PaddedVolume(1, outputs)) {
  PackMatrix(*weights, outputs, inputs, {1, outputs}, kernel.data());
  *weights += Volume(inputs, outputs);
  PackVector(*weights, {1, outputs}, bias.data());
  *weights += outputs;
}

void MelResnet::Layer::Multiply(const Kernels& kernels, const float* x, float* y) const {
  const Matrix matrix = {kernel.data(), inputs, Padded(outputs)};
  kernels.matmul(matrix, {x, 0}, {bias.data(), 0}, {y, 0}, 1);
}

MelResnet::MelResnet(const MelResnetShape& shape, const float* weights)
    : shape_(shape),
      x_(PaddedVolume(1, shape.channels)),
      inner_(PaddedVolume(1, shape.channels)),
      sum_(PaddedVolume(1, shape.channels)),
      y_(PaddedVolume(1, shape.outputs)) {
  layers_.emplace_back((2 * shape.pad + 1) * shape.mel_channels, shape.channels, &weights);
  for (int i = 0; i < 2 * shape.blocks; ++i) {
    layers_.emplace_back(shape.channels, shape.channels, &weights);
  }
  layers_.emplace_back(shape.channels, shape.outputs, &weights);
}

void MelResnet::Compute(const Kernels& kernels, const float* frames, float* y) {
  const int width = Padded(shape_.channels);
  layers_.front().Multiply(kernels, frames, x_.data());
  kernels.relu(x_.data(), width, x_.data());
  for (size_t i = 1; i + 1 < layers_.size(); i += 2) {
    layers_[i].Multiply(kernels, x_.data(), inner_.data());
    kernels.relu(inner_.data(), width, inner_.data());
    layers_[i + 1].Multiply(kernels, inner_.data(), sum_.data());
    kernels.add(x_.data(), sum_.data(), width, x_.data());
  }
  layers_.back().Multiply(kernels, x_.data(), y_.data());
  std::copy_n(y_.data(), shape_.outputs, y);
}

}  // namespace tfopt
