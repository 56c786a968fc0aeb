#include "engine/layers/gru.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/packing/matrix.h"
#include "engine/testing.h"

namespace tfopt {
namespace {

using test::Random;

double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// A GRU and the memory that its packed weights are in.
struct Packed {
  Packed(int hidden_, bool reset_after, const std::vector<float>& kernel,
         const std::vector<float>& bias)
      : hidden(hidden_) {
    Layout size(nullptr, 0);
    Gru::Next(hidden, reset_after, &size);
    memory = AlignedFloats(size.bytes() / sizeof(float));
    Layout places(reinterpret_cast<const uint8_t*>(memory.data()), 0);
    gru = Gru::Next(hidden, reset_after, &places);
    PackGru(kernel.data(), bias.data(), hidden, gru);
  }

  // x as the layer wants it, from [3 hidden].
  AlignedFloats Inputs(const std::vector<float>& x) const {
    AlignedFloats padded(static_cast<size_t>(gru.inputs()));
    PackVector(x.data(), {3, hidden}, padded.data());
    return padded;
  }

  int hidden;
  AlignedFloats memory;
  Gru gru;
};

// One step in double, of a row-major kernel [hidden, 3 hidden].
std::vector<double> Step(int hidden, bool reset_after, const std::vector<float>& kernel,
                         const std::vector<float>& bias, const std::vector<float>& x,
                         const std::vector<double>& h) {
  const size_t n = static_cast<size_t>(hidden);
  std::vector<double> r(n), z(n), next(n);
  const auto product = [&](size_t gate, size_t o, const std::vector<double>& state) {
    double sum = 0.0;
    for (size_t i = 0; i < n; ++i) sum += state[i] * kernel[i * 3 * n + gate * n + o];
    return sum;
  };
  for (size_t o = 0; o < n; ++o) {
    r[o] = Sigmoid(x[o] + product(0, o, h));
    z[o] = Sigmoid(x[n + o] + product(1, o, h));
  }
  std::vector<double> reset(n);
  for (size_t o = 0; o < n; ++o) reset[o] = r[o] * h[o];
  for (size_t o = 0; o < n; ++o) {
    const double c = reset_after ? std::tanh(x[2 * n + o] + r[o] * (product(2, o, h) + bias[o]))
                                 : std::tanh(x[2 * n + o] + product(2, o, reset) + bias[o]);
    next[o] = c + z[o] * (h[o] - c);
  }
  return next;
}

TEST(Gru, HalvesTheWayToOne) {
  // Without weights: z = sigmoid(0) = 1/2 and n = tanh(50) = 1, so h = 1/2, 3/4, 7/8.
  for (bool reset_after : {false, true}) {
    const Packed packed(1, reset_after, {0, 0, 0}, {0});
    const AlignedFloats x = packed.Inputs({0, 0, 50});
    const float* inputs[] = {x.data()};
    for (const Kernels* kernels : test::AllKernels()) {
      AlignedFloats h(16), scratch(48);
      Operands operands;
      for (float expected : {0.5f, 0.75f, 0.875f}) {
        GruStep(*kernels, packed.gru, inputs, {h.data(), 16}, 1, &operands, scratch.data());
        EXPECT_EQ(h[0], expected) << IsaName(kernels->isa);
        for (size_t i = 1; i < 16; ++i) EXPECT_EQ(h[i], 0.0f) << "padding";
      }
    }
  }
}

TEST(Gru, ResetGateActsBeforeOrAfterTheProduct) {
  // h = 1, U_n = 50, b = 50; z closed, so that h becomes n. Closed, the reset gate leaves tanh(0) = 0 behind
  // the product, bias included, and tanh(50) = 1 before it.
  for (bool reset_after : {false, true}) {
    const Packed packed(1, reset_after, {0, 0, 50}, {50});
    const AlignedFloats x = packed.Inputs({-1000, -1000, 0});
    const float* inputs[] = {x.data()};
    for (const Kernels* kernels : test::AllKernels()) {
      AlignedFloats h(16), scratch(48);
      Operands operands;
      h[0] = 1.0f;
      GruStep(*kernels, packed.gru, inputs, {h.data(), 16}, 1, &operands, scratch.data());
      EXPECT_NEAR(h[0], reset_after ? 0.0f : 1.0f, 1e-7f) << IsaName(kernels->isa);
    }
  }
}

TEST(Gru, EqualsTheReference) {
  constexpr int kMost = 20;
  for (bool reset_after : {false, true}) {
    for (int hidden : {1, 2, 7, 15, 16, 17, 31, 33, 48, 63, 64, 65, 70}) {
      const size_t n = static_cast<size_t>(hidden), width = static_cast<size_t>(Padded(hidden));
      const float gain = 1.0f / std::sqrt(static_cast<float>(hidden));
      const std::vector<float> kernel = Random(n * 3 * n, 1, 2 * gain), bias = Random(n, 2);
      const Packed packed(hidden, reset_after, kernel, bias);
      std::vector<AlignedFloats> padded;
      std::vector<const float*> inputs;
      std::vector<double> expected;
      AlignedFloats start(kMost * (width + 16));
      for (size_t c = 0; c < kMost; ++c) {
        const auto seed = static_cast<uint32_t>(100 + c);
        const std::vector<float> x = Random(3 * n, seed, 2.0f), h = Random(n, seed + 50);
        padded.push_back(packed.Inputs(x));
        inputs.push_back(padded.back().data());
        std::copy(h.begin(), h.end(), start.data() + c * (width + 16));
        const auto next = Step(hidden, reset_after, kernel, bias, x, {h.begin(), h.end()});
        expected.insert(expected.end(), next.begin(), next.end());
        expected.resize((c + 1) * width);
      }
      for (const Kernels* kernels : test::AllKernels()) {
        SCOPED_TRACE(testing::Message() << IsaName(kernels->isa) << ", hidden " << hidden
                                        << (reset_after ? ", reset after" : ", reset before"));
        std::vector<float> all;
        for (int columns = kMost; columns >= 1; --columns) {
          const size_t count = static_cast<size_t>(columns);
          AlignedFloats h(start.size()), scratch(count * static_cast<size_t>(packed.gru.inputs()));
          Operands operands;
          std::copy_n(start.data(), start.size(), h.data());
          GruStep(*kernels, packed.gru, inputs.data(),
                  {h.data(), static_cast<ptrdiff_t>(width + 16)}, columns, &operands,
                  scratch.data());
          std::vector<float> states;
          for (size_t c = 0; c < count; ++c) {
            states.insert(states.end(), h.data() + c * (width + 16),
                          h.data() + c * (width + 16) + width);
          }
          if (columns == kMost) {
            all = states;
            // Sums of |x| <= 2 and of n products of at most 2 gain: below 2 + 2 sqrt(n) in magnitude.
            const double sum = (hidden + 2) * 0x1p-24 * (3.0 + 2.0 * std::sqrt(hidden));
            ASSERT_TRUE(test::Close(states.data(), expected.data(), states.size(), 4 * sum + 1e-6));
          } else {
            ASSERT_TRUE(test::SameBits(states.data(), all.data(), states.size())) << columns;
          }
        }
      }
    }
  }
}

TEST(Gru, FirstStepIsAStepFromZero) {
  for (bool reset_after : {false, true}) {
    for (int hidden : {1, 17, 64}) {
      const size_t n = static_cast<size_t>(hidden), width = static_cast<size_t>(Padded(hidden));
      const Packed packed(hidden, reset_after, Random(n * 3 * n, 1), Random(n, 2));
      const AlignedFloats a = packed.Inputs(Random(3 * n, 3)), b = packed.Inputs(Random(3 * n, 4));
      const float* inputs[] = {a.data(), b.data()};
      for (const Kernels* kernels : test::AllKernels()) {
        AlignedFloats zeros(2 * width), scratch(6 * width);
        Operands operands;
        std::vector<float> h(2 * width, 77.0f);
        const ptrdiff_t stride = packed.gru.width();
        GruStep(*kernels, packed.gru, inputs, {zeros.data(), stride}, 2, &operands, scratch.data());
        GruFirstStep(*kernels, packed.gru, inputs, {h.data(), stride}, 2, scratch.data());
        EXPECT_TRUE(test::SameBits(h.data(), zeros.data(), h.size())) << IsaName(kernels->isa);
      }
    }
  }
}

// Whole or in shares, with old and new states apart: the same bits as the step above.
TEST(Gru, SharesOfAStepAreTheStep) {
  constexpr int kColumns = 3;
  for (int hidden : {1, 17, 64, 128, 180, 192}) {  // of 180 the padding is part of a tile
    const size_t n = static_cast<size_t>(hidden), width = static_cast<size_t>(Padded(hidden));
    const Packed packed(hidden, true, Random(n * 3 * n, 1, 0.2f), Random(n, 2));
    const ptrdiff_t stride = packed.gru.width(), inputs = packed.gru.inputs();
    AlignedFloats x(kColumns * 3 * width), before(kColumns * width);
    std::vector<const float*> columns;
    for (size_t c = 0; c < kColumns; ++c) {
      const auto seed = static_cast<uint32_t>(c);
      const AlignedFloats row = packed.Inputs(Random(3 * n, 10 + seed));
      std::copy_n(row.data(), 3 * width, x.data() + c * 3 * width);
      columns.push_back(x.data() + c * 3 * width);
      const std::vector<float> h = Random(n, 20 + seed);
      std::copy(h.begin(), h.end(), before.data() + c * width);
    }
    for (const Kernels* kernels : test::AllKernels()) {
      AlignedFloats expected(kColumns * width), scratch(kColumns * 3 * width);
      Operands operands;
      std::copy_n(before.data(), before.size(), expected.data());
      GruStep(*kernels, packed.gru, columns.data(), {expected.data(), stride}, kColumns,
              &operands, scratch.data());
      for (int members = 1; members <= (width % kTile == 0 ? 3 : 1); ++members) {
        AlignedFloats sums(x.size()), next(kColumns * width), product(kColumns * width);
        std::copy_n(x.data(), x.size(), sums.data());
        for (int m = 0; m < members; ++m) {
          GruStepOfUnits(*kernels, packed.gru, EvenShare(hidden, m, members),
                         {sums.data(), inputs}, {before.data(), stride}, {next.data(), stride},
                         kColumns, &operands, product.data());
        }
        EXPECT_TRUE(test::SameBits(next.data(), expected.data(), next.size()))
            << hidden << " units, " << members << " members, " << IsaName(kernels->isa);
      }
    }
  }
}

}  // namespace
}  // namespace tfopt
