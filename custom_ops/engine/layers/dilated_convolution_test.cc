#include "engine/layers/dilated_convolution.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/packing/matrix.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

using test::AllKernels;
using test::Close;
using test::Random;
using test::SameBits;

struct Shape {
  int residual, gate, taps, dilation, local, global;
};

// Weights as users have them, and packed.
struct Layer {
  explicit Layer(const Shape& shape, uint32_t seed = 1) : s(shape) {
    const auto random = [&](int rows) {
      return Random(static_cast<size_t>(rows) * static_cast<size_t>(2 * s.gate), seed++, 0.4f);
    };
    for (int k = 0; k < s.taps; ++k) taps.push_back(random(s.residual));
    bias = random(1);
    local = random(s.local);
    global = random(s.global);
  }

  Matrix Pack(const std::vector<float>& kernel, int inputs) {
    const OutputGroups outputs = {2, s.gate};
    packed.emplace_back(static_cast<size_t>(inputs) * static_cast<size_t>(outputs.padded()));
    PackMatrix(kernel.data(), 2 * s.gate, inputs, outputs, packed.back().data());
    return {packed.back().data(), inputs, outputs.padded()};
  }

  const DilatedConvolutionWeights& Packed() {
    packed.reserve(static_cast<size_t>(s.taps) + 3);
    weights = {};
    for (int k = 0; k + 1 < s.taps; ++k) {
      weights.past.push_back(Pack(taps[static_cast<size_t>(k)], s.residual));
    }
    weights.current = Pack(taps.back(), s.residual);
    weights.bias = static_cast<const float*>(Pack(bias, 1).weights);
    weights.local = Pack(local, s.local);
    weights.global = Pack(global, s.global);
    return weights;
  }

  Shape s;
  std::vector<std::vector<float>> taps;  // each [residual, 2 gate]
  std::vector<float> bias, local, global;
  std::vector<AlignedFloats> packed;
  DilatedConvolutionWeights weights;
};

// The outputs [batch, steps, gate] as the definition says, in double. Inputs are [batch, steps, channels].
std::vector<double> Reference(const Layer& layer, int batch, int steps, const std::vector<float>& x,
                              const std::vector<float>& conditioning,
                              const std::vector<float>& speaker) {
  const Shape& s = layer.s;
  std::vector<double> z;
  const auto add = [&](const float* input, int inputs, const std::vector<float>& kernel,
                       std::vector<double>* sums) {
    for (int i = 0; i < inputs; ++i) {
      for (int o = 0; o < 2 * s.gate; ++o) {
        (*sums)[static_cast<size_t>(o)] +=
            static_cast<double>(input[i]) *
            static_cast<double>(kernel[static_cast<size_t>(i * 2 * s.gate + o)]);
      }
    }
  };
  for (int b = 0; b < batch; ++b) {
    for (int t = 0; t < steps; ++t) {
      std::vector<double> sums(layer.bias.begin(), layer.bias.end());
      add(speaker.data() + b * s.global, s.global, layer.global, &sums);
      add(conditioning.data() + (b * steps + t) * s.local, s.local, layer.local, &sums);
      for (int k = 0; k < s.taps; ++k) {
        const int past = t - (s.taps - 1 - k) * s.dilation;
        if (past < 0) continue;
        add(x.data() + (b * steps + past) * s.residual, s.residual,
            layer.taps[static_cast<size_t>(k)], &sums);
      }
      for (int g = 0; g < s.gate; ++g) {
        z.push_back(std::tanh(sums[static_cast<size_t>(g)]) /
                    (1.0 + std::exp(-sums[static_cast<size_t>(g + s.gate)])));
      }
    }
  }
  return z;
}

// The same by the layer, in calls of `chunk` steps, computing `block` steps ahead.
std::vector<float> Convolve(const Kernels& kernels, Layer* layer, int batch, int steps, int block,
                       int chunk, const std::vector<float>& x,
                       const std::vector<float>& conditioning, const std::vector<float>& speaker) {
  const Shape& s = layer->s;
  DilatedConvolution convolution(layer->Packed(), s.dilation, batch, block);
  const int channels = Padded(s.residual), width = Padded(s.gate);
  const ptrdiff_t stride = static_cast<ptrdiff_t>(convolution.QueueRows()) * channels;
  AlignedFloats queue(static_cast<size_t>(stride * batch));
  AlignedFloats now(static_cast<size_t>(batch * channels)), sums(static_cast<size_t>(2 * batch * width)),
      z(static_cast<size_t>(batch * width));
  std::vector<float> result(static_cast<size_t>(batch * steps * s.gate));
  Operands operands;
  for (int start = 0; start < steps; start += chunk) {
    ConvolutionInput input;
    input.position = start;
    input.steps = std::min(chunk, steps - start);
    input.queue = queue.data();
    input.queue_stride = stride;
    input.conditioning = conditioning.data() + start * s.local;
    input.conditioning_stride = static_cast<ptrdiff_t>(steps) * s.local;
    input.speaker = speaker.data();
    input.operands = &operands;
    convolution.Start(kernels, input);
    for (int t = start; t < start + input.steps; ++t) {
      for (int b = 0; b < batch; ++b) {
        for (int i = 0; i < s.residual; ++i) {
          now[static_cast<size_t>(b * channels + i)] =
              x[static_cast<size_t>((b * steps + t) * s.residual + i)];
        }
      }
      convolution.Ahead(kernels);
      convolution.Multiply(kernels, now.data(), sums.data());
      convolution.Gate(kernels, sums.data(), z.data());
      for (int b = 0; b < batch; ++b) {
        for (int g = 0; g < s.gate; ++g) {
          result[static_cast<size_t>((b * steps + t) * s.gate + g)] =
              z[static_cast<size_t>(b * width + g)];
        }
      }
    }
  }
  return result;
}

// One channel, all weights 1: the sums are the newest input and the one two steps before.
TEST(DilatedConvolution, AddsTheInputOfTwoStepsBefore) {
  Layer layer({1, 1, 2, 2, 0, 0});
  layer.taps = {{1, 1}, {1, 1}};
  layer.bias = {0, 0};
  for (const Kernels* kernels : AllKernels()) {
    const std::vector<float> z = Convolve(*kernels, &layer, 1, 5, 4, 5, {1, 2, 3, 4, 5}, {}, {});
    const double sums[] = {1, 2, 1 + 3, 2 + 4, 3 + 5};
    for (size_t t = 0; t < 5; ++t) {
      EXPECT_NEAR(z[t], std::tanh(sums[t]) / (1 + std::exp(-sums[t])), 3e-7) << t;
    }
  }
}

TEST(DilatedConvolution, IsWhatItsDefinitionSays) {
  const Shape shapes[] = {{1, 1, 2, 1, 0, 0},  {3, 5, 2, 3, 0, 0},   {16, 16, 2, 4, 0, 0},
                          {17, 33, 3, 2, 0, 0}, {20, 12, 4, 5, 7, 0}, {64, 64, 2, 16, 80, 3},
                          {9, 40, 2, 100, 1, 1}, {8, 8, 2, 1, 5, 0},   {31, 70, 3, 1, 0, 4},
                          {5, 4, 2, 70, 0, 2}};
  for (const Shape& s : shapes) {
    for (int batch : {1, 3}) {
      // Two of them run for more than two rounds of their queue, one for less than one.
      const int steps = s.dilation == 70 ? 200 : 37;
      const auto size = [&](int channels) { return static_cast<size_t>(batch * steps * channels); };
      const std::vector<float> x = Random(size(s.residual), 7);
      const std::vector<float> conditioning = Random(size(s.local), 8);
      const std::vector<float> speaker = Random(static_cast<size_t>(batch * s.global), 9);
      Layer layer(s);
      const std::vector<double> expected = Reference(layer, batch, steps, x, conditioning, speaker);
      // Sums of n products of numbers up to 0.4, and the error of the gate.
      const int products = s.taps * s.residual + s.local + s.global + 1;
      const double tolerance = 4e-7 + 0.4 * products * 6e-8;
      for (const Kernels* kernels : AllKernels()) {
        SCOPED_TRACE(testing::Message() << IsaName(kernels->isa) << " residual " << s.residual
                                        << " gate " << s.gate << " dilation " << s.dilation
                                        << " batch " << batch);
        const std::vector<float> whole =
            Convolve(*kernels, &layer, batch, steps, 16, steps, x, conditioning, speaker);
        EXPECT_TRUE(Close(whole.data(), expected.data(), whole.size(), tolerance));
        for (int block : {1, 5, 16}) {
          for (int chunk : {1, 2, 7, 36}) {
            const std::vector<float> parts =
                Convolve(*kernels, &layer, batch, steps, block, chunk, x, conditioning, speaker);
            EXPECT_TRUE(SameBits(parts.data(), whole.data(), whole.size()))
                << "block " << block << " chunk " << chunk;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace tfopt
