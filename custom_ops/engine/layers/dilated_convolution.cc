#include "engine/layers/dilated_convolution.h"

#include <algorithm>
#include <cstring>

namespace tfopt {

DilatedConvolution::DilatedConvolution(const DilatedConvolutionWeights& weights, int dilation,
                                       int batch, int block)
    : weights_(weights),
      dilation_(dilation),
      batch_(batch),
      block_(block),
      queue_rows_(static_cast<int>(weights.past.size()) * dilation),
      channels_(Padded(weights.current.inputs)),
      outputs_(weights.current.outputs),
      start_(static_cast<size_t>(batch) * static_cast<size_t>(outputs_)),
      ahead_(static_cast<size_t>(batch) * static_cast<size_t>(block) *
             static_cast<size_t>(outputs_)) {}

void DilatedConvolution::Start(const Kernels& kernels, const ConvolutionInput& input) {
  input_ = input;
  step_ = 0;
  known_ = 0;
  queue_place_ = static_cast<int>(input.position % queue_rows_);
  for (int b = 0; b < batch_; ++b) {
    std::memcpy(start_.data() + b * outputs_, weights_.bias,
                static_cast<size_t>(outputs_) * sizeof(float));
  }
  if (weights_.global.inputs > 0) {
    kernels.float_matmul(weights_.global, {input.speaker, weights_.global.inputs},
                         {start_.data(), outputs_}, {start_.data(), outputs_}, batch_);
  }
}

// Begins a block: the local conditioning of all of its steps.
void DilatedConvolution::ConditionAhead(const Kernels& kernels) {
  const int steps = std::min(block_, input_.steps - step_);
  const int features = weights_.local.inputs;
  for (int b = 0; b < batch_; ++b) {
    const float* conditioning = input_.conditioning + b * input_.conditioning_stride +
                                static_cast<ptrdiff_t>(step_) * features;
    const Operand x =
        input_.operands->Prepare(kernels, weights_.local, {conditioning, features}, steps);
    kernels.matmul(weights_.local, x, {start_.data() + b * outputs_, 0},
                   {ahead_.data() + static_cast<ptrdiff_t>(b) * block_ * outputs_, outputs_}, steps);
  }
}

// Adds the past taps for the next `steps` steps, at most as many as the dilation: all they read is there.
void DilatedConvolution::ConvolveAhead(const Kernels& kernels, int steps) {
  const int taps = static_cast<int>(weights_.past.size());
  const ptrdiff_t ahead_stride = static_cast<ptrdiff_t>(block_) * outputs_;
  const int place_in_block = step_ % block_;
  for (int k = 0; k < taps; ++k) {
    // The newest input goes to queue_place_; the oldest tap reads what is there still.
    int place = queue_place_ + k * dilation_;
    if (place >= queue_rows_) place -= queue_rows_;
    for (int done = 0; done < steps;) {
      const int run = std::min(steps - done, queue_rows_ - place);  // up to where the ring closes
      const float* x = input_.queue + static_cast<ptrdiff_t>(place) * channels_;
      float* ahead = ahead_.data() + static_cast<ptrdiff_t>(place_in_block + done) * outputs_;
      // Without local conditioning the first tap is what these sums begin with.
      const bool begun = k > 0 || weights_.local.inputs > 0;
      const Matrix& w = weights_.past[static_cast<size_t>(k)];
      if (run == 1) {
        const ConstColumns start = begun ? ConstColumns{ahead, ahead_stride}
                                         : ConstColumns{start_.data(), outputs_};
        const Operand inputs =
            input_.operands->Prepare(kernels, w, {x, input_.queue_stride}, batch_);
        kernels.matmul(w, inputs, start, {ahead, ahead_stride}, batch_);
      } else {
        for (int b = 0; b < batch_; ++b) {
          float* sums = ahead + b * ahead_stride;
          const ConstColumns start =
              begun ? ConstColumns{sums, outputs_} : ConstColumns{start_.data() + b * outputs_, 0};
          const Operand inputs = input_.operands->Prepare(
              kernels, w, {x + b * input_.queue_stride, channels_}, run);
          kernels.matmul(w, inputs, start, {sums, outputs_}, run);
        }
      }
      done += run;
      place = place + run == queue_rows_ ? 0 : place + run;
    }
  }
  known_ = place_in_block + steps;
}

void DilatedConvolution::Ahead(const Kernels& kernels) {
  const int place_in_block = step_ % block_;
  if (place_in_block == 0) {
    if (weights_.local.inputs > 0) ConditionAhead(kernels);
    known_ = 0;
  }
  if (place_in_block == known_) {
    ConvolveAhead(kernels, std::min({dilation_, block_ - place_in_block, input_.steps - step_}));
  }
}

void DilatedConvolution::Multiply(const Kernels& kernels, const float* x, float* sums) {
  const float* ahead = ahead_.data() + static_cast<ptrdiff_t>(step_ % block_) * outputs_;
  const Operand inputs =
      input_.operands->Prepare(kernels, weights_.current, {x, channels_}, batch_);
  kernels.matmul(weights_.current, inputs,
                 {ahead, static_cast<ptrdiff_t>(block_) * outputs_}, {sums, outputs_}, batch_);
  for (int b = 0; b < batch_; ++b) {
    std::memcpy(input_.queue + b * input_.queue_stride +
                    static_cast<ptrdiff_t>(queue_place_) * channels_,
                x + b * channels_, static_cast<size_t>(channels_) * sizeof(float));
  }
  queue_place_ = queue_place_ + 1 == queue_rows_ ? 0 : queue_place_ + 1;
  ++step_;
}

void DilatedConvolution::Gate(const Kernels& kernels, const float* sums, float* z) const {
  const int half = outputs_ / 2;
  for (int b = 0; b < batch_; ++b) {
    kernels.gate(sums + b * outputs_, sums + b * outputs_ + half, half, z + b * half);
  }
}

}  // namespace tfopt
