// The residual network over the frames of a mel spectrogram, as fatchord/WaveRNN conditions on it.
//
//   x = relu(a convolution over `pad` frames before, the frame and `pad` behind it)
//   x += W_1 relu(W_0 x + b_0) + b_1, for each block
//   y = W x + b
//
// A frame's output depends on its own 2 pad + 1 frames alone, and every output is one chain of multiply-adds
// (kernels.h): frames in pieces give the bits of all frames together.
#ifndef TFOPT_ENGINE_LAYERS_MEL_RESNET_H_
#define TFOPT_ENGINE_LAYERS_MEL_RESNET_H_

#include <cstddef>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"
#include "engine/packing/layout.h"
#include "engine/tensor.h"

namespace tfopt {

struct MelResnetShape {
  int mel_channels = 0;
  int pad = 0;       // frames on each side
  int channels = 0;  // width
  int blocks = 0;
  int outputs = 0;

  // What a layer multiplies, and how many numbers it gives.
  struct Layer {
    int inputs = 0, outputs = 0;
  };
  // The convolution, two for each block, the last. The caller keeps the settings so small that sizes fit.
  std::vector<Layer> layers() const;
  // Floats of all tensors.
  size_t weights() const;
  // The tensors that stand in `weights` one behind another: the kernel [2 pad + 1, mel_channels, channels] and
  // the bias [channels] of the convolution; kernels [channels, channels] and biases, two of each a block;
  // kernel [channels, outputs] and bias.
  std::vector<Tensor> Split(const float* weights) const;
};

// Safe to use from several threads, each with a scratch of its own.
class MelResnet {
 public:
  // What a thread works in: the same memory for all frames.
  class Scratch {
   public:
    explicit Scratch(const MelResnetShape& shape);  // throws std::bad_alloc

   private:
    friend class MelResnet;
    AlignedFloats x_, inner_, sum_;  // [kFrames, channels], padded
    AlignedFloats y_;                // [kFrames, outputs], padded
  };

  MelResnet() = default;
  // A network with weights of its own, packed from `weights` (see Split). Throws std::bad_alloc.
  MelResnet(const MelResnetShape& shape, const float* weights);
  // The next blocks of a layout, which have to outlive the network.
  static MelResnet Next(const MelResnetShape& shape, Layout* layout);

  // Packs tensors (see Split) into the places that the network reads, which are the caller's to write.
  void Pack(const std::vector<Tensor>& tensors) const;

  const MelResnetShape& shape() const { return shape_; }

  // Writes the outputs of frames.
  //
  //   frames: [count + 2 pad, mel_channels]: `pad` frames more on either side, zeros where there are none
  //   y: [count, outputs]
  void Compute(const Kernels& kernels, const float* frames, int count, Scratch* scratch,
               float* y) const;

 private:
  static constexpr int kFrames = 8;  // at a time, so that weights are read once for all of them

  struct Layer {
    Matrix kernel;
    const float* bias = nullptr;

    // y = W x + bias, of each column
    void Multiply(const Kernels& kernels, ConstColumns x, int columns, float* y) const {
      kernels.float_matmul(kernel, x, {bias, 0}, {y, kernel.outputs}, columns);
    }
  };

  MelResnetShape shape_;
  std::vector<Layer> layers_;
  AlignedFloats own_;  // the packed weights, if they are nobody else's
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_MEL_RESNET_H_
