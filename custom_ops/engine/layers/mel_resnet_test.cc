#include "engine/layers/mel_resnet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/testing.h"

namespace tfopt {
namespace {

using Vector = std::vector<double>;

// bias + kernel [inputs, outputs] applied to x; goes on to the next layer's weights.
Vector Dense(const Vector& x, size_t outputs, const float** weights) {
  const float* bias = *weights + x.size() * outputs;
  Vector y(bias, bias + outputs);
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t o = 0; o < outputs; ++o) {
      y[o] += x[i] * static_cast<double>((*weights)[i * outputs + o]);
    }
  }
  *weights = bias + outputs;
  return y;
}

Vector Rectified(Vector x) {
  for (double& v : x) v = std::max(v, 0.0);
  return x;
}

Vector Reference(const MelResnetShape& shape, const float* weights, const Vector& frames) {
  const auto channels = static_cast<size_t>(shape.channels);
  Vector x = Rectified(Dense(frames, channels, &weights));
  for (int block = 0; block < shape.blocks; ++block) {
    const Vector inner = Rectified(Dense(x, channels, &weights));
    const Vector sum = Dense(inner, channels, &weights);
    for (size_t i = 0; i < channels; ++i) x[i] += sum[i];
  }
  return Dense(x, static_cast<size_t>(shape.outputs), &weights);
}

TEST(MelResnet, IsWhatTheDefinitionSays) {
  for (const MelResnetShape& shape :
       {MelResnetShape{1, 0, 1, 0, 1}, MelResnetShape{3, 0, 17, 1, 5}, MelResnetShape{80, 2, 65, 3, 40},
        MelResnetShape{5, 1, 64, 2, 128}}) {
    const std::vector<float> weights = test::Random(shape.weights(), 1, 0.3f);
    const MelResnet resnet(shape, weights.data());
    MelResnet::Scratch scratch(shape);
    const size_t inputs = static_cast<size_t>((2 * shape.pad + 1) * shape.mel_channels);
    for (uint32_t seed : {2u, 3u}) {
      const std::vector<float> frames = test::Random(inputs, seed);
      const Vector expected =
          Reference(shape, weights.data(), Vector(frames.begin(), frames.end()));
      double scale = 1.0;
      for (double e : expected) scale = std::max(scale, std::abs(e));
      for (const Kernels* kernels : test::AllKernels()) {
        std::vector<float> y(expected.size());
        resnet.Compute(*kernels, frames.data(), 1, &scratch, y.data());
        EXPECT_TRUE(test::Close(y.data(), expected.data(), y.size(), 1e-5 * scale));
      }
    }
  }
}

// Of any number of frames at a time, each has the bits that it has alone; and nothing is allocated for them.
TEST(MelResnet, FramesInPiecesAreAllFrames) {
  const MelResnetShape shape = {3, 2, 33, 2, 21};
  const int count = 21;
  const std::vector<float> weights = test::Random(shape.weights(), 1, 0.3f);
  const std::vector<float> frames =
      test::Random(static_cast<size_t>((count + 2 * shape.pad) * shape.mel_channels), 2);
  const MelResnet resnet(shape, weights.data());
  MelResnet::Scratch scratch(shape);
  const size_t floats = static_cast<size_t>(count * shape.outputs);
  std::vector<float> whole(floats), pieces(floats);
  for (const Kernels* kernels : test::AllKernels()) {
    const size_t before = test::Allocations();
    resnet.Compute(*kernels, frames.data(), count, &scratch, whole.data());
    for (int piece : {1, 2, 7, 8, 9, 20}) {
      for (int first = 0; first < count; first += piece) {
        resnet.Compute(*kernels, frames.data() + first * shape.mel_channels,
                       std::min(piece, count - first), &scratch,
                       pieces.data() + first * shape.outputs);
      }
      EXPECT_TRUE(test::SameBits(pieces.data(), whole.data(), floats)) << piece;
      std::fill(pieces.begin(), pieces.end(), 0.0f);
    }
    resnet.Compute(*kernels, nullptr, 0, &scratch, nullptr);
    EXPECT_EQ(test::Allocations(), before);
  }
}

// A convolution that picks the frame behind, a block that doubles what is positive.
TEST(MelResnet, ByHand) {
  const MelResnetShape shape = {1, 1, 2, 1, 1};
  const std::vector<float> weights = {0, 0, 0, 1, 1, -1,  // the last frame, and what is between the others
                                      0.5f, 0,
                                      1, 0, 0, 1, 0, -2,  // the block: the second channel above 2
                                      1, 0, 0, 3, 0, 0,
                                      1, 10, 7};
  ASSERT_EQ(weights.size(), shape.weights());
  const MelResnet resnet(shape, weights.data());
  MelResnet::Scratch scratch(shape);
  const float frames[] = {9, 5, 2};  // x = (2.5, 3), then (5, 6)
  for (const Kernels* kernels : test::AllKernels()) {
    float y = 0;
    resnet.Compute(*kernels, frames, 1, &scratch, &y);
    EXPECT_EQ(y, 5 + 60 + 7);
  }
}

}  // namespace
}  // namespace tfopt
