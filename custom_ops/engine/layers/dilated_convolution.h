// A gated dilated causal convolution with its queue of past inputs, for a batch of streams in step.
//
//   c = bias + W_global speaker + W_local conditioning[t] + sum over k of W_k x[t - (K-1-k) d]
//   z = tanh(c's first half) * sigmoid(c's second half)
//
// All that does not need the newest input is computed ahead, for up to `block` steps at a time, so that its
// weights are read once for all of them: the conditioning, and the past taps for as many steps as the
// dilation allows. The sums run in the order above whatever the blocks are, so their size changes no bit.
#ifndef TFOPT_ENGINE_LAYERS_DILATED_CONVOLUTION_H_
#define TFOPT_ENGINE_LAYERS_DILATED_CONVOLUTION_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/aligned.h"
#include "engine/kernels/kernels.h"
#include "engine/layers/operands.h"

namespace tfopt {

struct DilatedConvolutionWeights {
  std::vector<Matrix> past;     // K-1 matrices [residual, 2 gate], the oldest tap first
  Matrix current;               // [residual, 2 gate]
  const float* bias = nullptr;  // [2 gate]
  Matrix local;                 // [local channels, 2 gate]; no inputs: no local conditioning
  Matrix global;                // [global channels, 2 gate]; no inputs: no global conditioning
};

// The streams that a convolution works for during one call.
struct ConvolutionInput {
  int64_t position = 0;  // steps that the streams have had
  int steps = 0;         // that this call will make
  float* queue = nullptr;  // [batch][queue_stride]: each stream's queue, [QueueRows][residual, padded]
  ptrdiff_t queue_stride = 0;
  const float* conditioning = nullptr;  // [batch][conditioning_stride]: [steps, local channels]
  ptrdiff_t conditioning_stride = 0;
  const float* speaker = nullptr;  // [batch, global channels]
  Operands* operands = nullptr;    // for the larger of batch and block vectors, of the widest of all
};

class DilatedConvolution {
 public:
  // `weights` has to outlive this.
  DilatedConvolution(const DilatedConvolutionWeights& weights, int dilation, int batch, int block);

  // Past inputs that a queue holds.
  int QueueRows() const { return queue_rows_; }

  void Start(const Kernels& kernels, const ConvolutionInput& input);

  // One step: these in turn.

  // What does not need the newest input, if this step is one at which that is computed.
  void Ahead(const Kernels& kernels);
  // The sums [batch][2 gate, padded], complete with those of the newest inputs x [batch][residual, padded],
  // which join the queue.
  void Multiply(const Kernels& kernels, const float* x, float* sums);
  // z [batch][gate, padded]
  void Gate(const Kernels& kernels, const float* sums, float* z) const;

 private:
  void ConditionAhead(const Kernels& kernels);
  void ConvolveAhead(const Kernels& kernels, int steps);

  const DilatedConvolutionWeights& weights_;
  const int dilation_, batch_, block_, queue_rows_;
  const int channels_;  // residual, padded
  const int outputs_;   // 2 gate, padded
  ConvolutionInput input_;
  AlignedFloats start_;  // [batch][outputs]: bias and global conditioning
  AlignedFloats ahead_;  // [batch][block][outputs]: what is known of the sums of this block's steps
  int step_ = 0;         // of this call
  int known_ = 0;        // steps of this block whose past taps are in ahead_
  int queue_place_ = 0;  // where the newest input goes, which is where the oldest is
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_DILATED_CONVOLUTION_H_
