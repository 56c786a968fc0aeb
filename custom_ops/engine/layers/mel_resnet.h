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

namespace tfopt {

struct MelResnetShape {
  int mel_channels = 0;
  int pad = 0;       // frames on each side
  int channels = 0;  // width
  int blocks = 0;
  int outputs = 0;

  // Floats of all tensors. The caller keeps the sizes so small that it fits.
  size_t weights() const;
};

class MelResnet {
 public:
  // `weights`, copied: the kernel [2 pad + 1, mel_channels, channels] and the bias [channels] of the
  // convolution; kernels [channels, channels] and biases, two of each a block; kernel [channels, outputs] and
  // bias. Throws std::bad_alloc.
  MelResnet(const MelResnetShape& shape, const float* weights);

  const MelResnetShape& shape() const { return shape_; }

  // Writes the outputs of one frame.
  //
  //   frames: [2 pad + 1, mel_channels]: the frame in the middle, zeros where there is none
  //   y: [outputs]
  void Compute(const Kernels& kernels, const float* frames, float* y);

 private:
  struct Layer {
    Layer(int inputs, int outputs, const float** weights);
    // y = W x + bias
    void Multiply(const Kernels& kernels, const float* x, float* y) const;

    int inputs, outputs;
    AlignedFloats kernel, bias;
  };

  MelResnetShape shape_;
  std::vector<Layer> layers_;  // the convolution, two for each block, the last
  AlignedFloats x_, inner_, sum_, y_;
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_MEL_RESNET_H_
