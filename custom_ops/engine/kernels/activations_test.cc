// The elementwise kernels on every level that the CPU has.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "engine/testing.h"

namespace tfopt {
namespace {

using test::Aligned;
using test::Random;

constexpr double kRounding = 0x1p-24;  // of one float32 operation, relative
constexpr double kSigmoidError = 1e-7, kTanhError = 2e-7, kGateError = 3e-7;  // vector.h and kernels.h

double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// From one end of float32 to the other, densest around zero; a multiple of 16 numbers.
std::vector<float> WholeRange() {
  std::vector<float> values = {0.0f, -0.0f};
  for (float x = 1e-30f; x < 1e37f; x *= 1.07f) values.insert(values.end(), {x, -x});
  for (float x = 0.0f; x < 130.0f; x += 0.0137f) values.insert(values.end(), {x, -x});
  for (float x : {std::numeric_limits<float>::max(), std::numeric_limits<float>::infinity(),
                  std::numeric_limits<float>::denorm_min()}) {
    values.insert(values.end(), {x, -x});
  }
  values.resize(RoundUp(values.size(), kPanel));
  return values;
}

std::vector<double> Map(const std::vector<float>& x, const std::function<double(double)>& f) {
  std::vector<double> y;
  for (float value : x) y.push_back(f(value));
  return y;
}

TEST(Add, AddsEveryNumber) {
  for (const Kernels* kernels : test::AllKernels()) {
    for (int n = 16; n <= 80; n += 16) {
      AlignedFloats a(96), b(96), y(96);
      for (size_t i = 0; i < 96; ++i) {
        a[i] = static_cast<float>(i);
        b[i] = 1000.0f;
      }
      kernels->add(a.data(), b.data(), n, y.data());
      for (size_t i = 0; i < 96; ++i) {
        const float expected = i < static_cast<size_t>(n) ? static_cast<float>(i + 1000) : 0.0f;
        EXPECT_EQ(y[i], expected) << IsaName(kernels->isa) << " at " << i << " of " << n;
      }
      kernels->add(a.data(), b.data(), n, a.data());  // in place
      EXPECT_TRUE(test::SameBits(a.data(), y.data(), static_cast<size_t>(n)));
    }
  }
}

TEST(AddScaled, AddsMultiples) {
  for (const Kernels* kernels : test::AllKernels()) {
    AlignedFloats x(48), y(48);
    for (size_t i = 0; i < 48; ++i) {
      x[i] = static_cast<float>(i);
      y[i] = 7.0f;
    }
    kernels->add_scaled(0.5f, x.data(), 32, y.data());
    for (size_t i = 0; i < 48; ++i) {
      EXPECT_EQ(y[i], i < 32 ? 7.0f + 0.5f * static_cast<float>(i) : 7.0f)
          << IsaName(kernels->isa) << " at " << i;
    }
  }
}

TEST(Relu, KeepsPositiveNumbers) {
  for (const Kernels* kernels : test::AllKernels()) {
    AlignedFloats x(32), y(32);
    for (size_t i = 0; i < 32; ++i) x[i] = static_cast<float>(i) - 16.0f;
    kernels->relu(x.data(), 32, y.data());
    for (size_t i = 0; i < 32; ++i) {
      EXPECT_EQ(y[i], i < 16 ? 0.0f : static_cast<float>(i - 16)) << IsaName(kernels->isa);
    }
  }
}

// sigmoid by itself: what a reset gate leaves of a state of ones.
TEST(Activations, SigmoidOverTheWholeRange) {
  const std::vector<float> x = WholeRange(), ones(x.size(), 1.0f);
  const std::vector<double> expected = Map(x, Sigmoid);
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> y(x.size());
    kernels->gru_reset(x.data(), ones.data(), static_cast<int>(x.size()), y.data());
    EXPECT_TRUE(test::Close(y.data(), expected.data(), y.size(), kSigmoidError))
        << IsaName(kernels->isa);
  }
}

// tanh by itself: the new state under an update gate that keeps nothing of the old.
TEST(Activations, TanhOverTheWholeRange) {
  const std::vector<float> x = WholeRange(), closed(x.size(), -1000.0f);
  const std::vector<double> expected = Map(x, [](double v) { return std::tanh(v); });
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> y(x.size());
    kernels->gru_update(closed.data(), x.data(), static_cast<int>(x.size()), y.data());
    EXPECT_TRUE(test::Close(y.data(), expected.data(), y.size(), kTanhError))
        << IsaName(kernels->isa);
  }
}

TEST(Gate, OverTheWholeRange) {
  const std::vector<float> x = WholeRange();
  for (float other : {-200.0f, -40.0f, -3.0f, 0.0f, 0.1f, 1.0f, 25.0f, 300.0f}) {
    const std::vector<float> others(x.size(), other);
    const auto tanh = Map(x, [&](double v) { return std::tanh(v) * Sigmoid(other); });
    const auto sigmoid = Map(x, [&](double v) { return std::tanh(other) * Sigmoid(v); });
    for (const Kernels* kernels : test::AllKernels()) {
      std::vector<float> y(x.size());
      kernels->gate(x.data(), others.data(), static_cast<int>(x.size()), y.data());
      EXPECT_TRUE(test::Close(y.data(), tanh.data(), y.size(), kGateError))
          << IsaName(kernels->isa) << ", b = " << other;
      kernels->gate(others.data(), x.data(), static_cast<int>(x.size()), y.data());
      EXPECT_TRUE(test::Close(y.data(), sigmoid.data(), y.size(), kGateError))
          << IsaName(kernels->isa) << ", a = " << other;
    }
  }
}

TEST(Activations, KeepPaddingZero) {
  const std::vector<float> zeros(32);
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> y(32, 1.0f);
    kernels->gate(zeros.data(), zeros.data(), 32, y.data());
    EXPECT_TRUE(test::SameBits(y.data(), zeros.data(), 32)) << IsaName(kernels->isa);
    kernels->gru_update(zeros.data(), zeros.data(), 32, y.data());
    EXPECT_TRUE(test::SameBits(y.data(), zeros.data(), 32)) << IsaName(kernels->isa);
    kernels->gru_reset_after(zeros.data(), zeros.data(), zeros.data(), zeros.data(), 32, y.data());
    EXPECT_TRUE(test::SameBits(y.data(), zeros.data(), 32)) << IsaName(kernels->isa);
    kernels->gru_reset(zeros.data(), zeros.data(), 32, y.data());
    EXPECT_TRUE(test::SameBits(y.data(), zeros.data(), 32)) << IsaName(kernels->isa);
  }
}

TEST(GruKernels, ResetAfterFollowsItsEquation) {
  const size_t n = 528;  // more than two of the parts that it works in
  const auto r = Random(n, 1, 4.0f), z = Random(n, 2, 4.0f), input = Random(n, 3, 2.0f),
             recurrent = Random(n, 4, 2.0f), h = Random(n, 5);
  std::vector<double> expected(n);
  for (size_t i = 0; i < n; ++i) {
    const double c = std::tanh(input[i] + Sigmoid(r[i]) * recurrent[i]);
    expected[i] = c + Sigmoid(z[i]) * (h[i] - c);
  }
  // |recurrent| <= 2, |h - c| <= 2, and the sums in between are below 4.
  const double tolerance = 2 * kSigmoidError + kTanhError + 2 * kSigmoidError + 8 * kRounding;
  for (const Kernels* kernels : test::AllKernels()) {
    for (size_t size = 16; size <= n; size += 16) {
      std::vector<float> y = h;
      kernels->gru_reset_after(r.data(), z.data(), input.data(), recurrent.data(),
                               static_cast<int>(size), y.data());
      EXPECT_TRUE(test::Close(y.data(), expected.data(), size, tolerance)) << IsaName(kernels->isa);
      EXPECT_TRUE(test::SameBits(y.data() + size, h.data() + size, n - size));
    }
  }
}

TEST(GruKernels, ResetThenUpdateFollowsItsEquation) {
  const size_t n = 208;
  const auto r = Random(n, 1, 4.0f), z = Random(n, 2, 4.0f), candidate = Random(n, 3, 2.0f),
             h = Random(n, 5);
  std::vector<double> reset(n), updated(n);
  for (size_t i = 0; i < n; ++i) {
    reset[i] = Sigmoid(r[i]) * h[i];
    const double c = std::tanh(candidate[i]);
    updated[i] = c + Sigmoid(z[i]) * (h[i] - c);
  }
  for (const Kernels* kernels : test::AllKernels()) {
    for (size_t size = 16; size <= n; size += 16) {
      std::vector<float> y = r;  // in place
      kernels->gru_reset(y.data(), h.data(), static_cast<int>(size), y.data());
      EXPECT_TRUE(test::Close(y.data(), reset.data(), size, kSigmoidError + kRounding));
      EXPECT_TRUE(test::SameBits(y.data() + size, r.data() + size, n - size));
      y = h;
      kernels->gru_update(z.data(), candidate.data(), static_cast<int>(size), y.data());
      EXPECT_TRUE(test::Close(y.data(), updated.data(), size,
                              2 * kSigmoidError + kTanhError + 4 * kRounding))
          << IsaName(kernels->isa);
      EXPECT_TRUE(test::SameBits(y.data() + size, h.data() + size, n - size));
    }
  }
}

// Every combination of gates and candidates beyond where their functions have become constant.
TEST(GruKernels, GatesOfAnySize) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> ends;
  for (float x : {0.0f, 20.0f, 50.0f, 100.0f, 3e38f, infinity}) ends.insert(ends.end(), {x, -x});
  std::vector<float> r, z, c, h;
  for (float of_r : ends) {
    for (float of_z : ends) {
      for (float of_c : ends) {
        r.push_back(of_r);
        z.push_back(of_z);
        c.push_back(of_c);
        h.push_back(h.size() % 2 == 0 ? 0.75f : -0.75f);
      }
    }
  }
  const size_t n = r.size();  // 12 * 12 * 12, a multiple of 16
  std::vector<double> reset(n), reset_after(n), updated(n);
  for (size_t i = 0; i < n; ++i) {
    const double candidate = std::tanh(c[i]), after = std::tanh(c[i] + Sigmoid(r[i]) * h[i]);
    reset[i] = Sigmoid(r[i]) * h[i];
    updated[i] = candidate + Sigmoid(z[i]) * (h[i] - candidate);
    reset_after[i] = after + Sigmoid(z[i]) * (h[i] - after);
  }
  const int count = static_cast<int>(n);
  const double tolerance = 2 * kSigmoidError + kTanhError + 8 * kRounding;
  for (const Kernels* kernels : test::AllKernels()) {
    SCOPED_TRACE(IsaName(kernels->isa));
    std::vector<float> y(n);
    kernels->gru_reset(r.data(), h.data(), count, y.data());
    EXPECT_TRUE(test::Close(y.data(), reset.data(), n, tolerance));
    y = h;
    kernels->gru_update(z.data(), c.data(), count, y.data());
    EXPECT_TRUE(test::Close(y.data(), updated.data(), n, tolerance));
    y = h;
    kernels->gru_reset_after(r.data(), z.data(), c.data(), h.data(), count, y.data());
    EXPECT_TRUE(test::Close(y.data(), reset_after.data(), n, tolerance + kSigmoidError));
  }
}

TEST(Attention, ExponentialsOfTwiceAreHeldInBounds) {
  const std::vector<float> x = {0.0f, 1.0f, -1.0f, 40.0f, -40.0f, 42.0f, -42.0f, 50.0f, -50.0f, 3e38f, -3e38f};
  for (const Kernels* kernels : test::AllKernels()) {
    std::vector<float> padded = x, y(16);
    padded.resize(16);
    kernels->exponentials_of_twice(padded.data(), 16, y.data());
    for (size_t i = 0; i < 16; ++i) {
      const double exact = std::exp(2.0 * padded[i]);
      const double expected = std::min(std::max(exact, 0x1p-126), 0x1p126);
      // Rounding x log2(e) moves the result by its logarithm's rounding.
      const double tolerance = expected * (4e-7 + 4 * std::min(std::abs(double{padded[i]}), 44.0) * kRounding);
      EXPECT_NEAR(y[i], expected, tolerance) << IsaName(kernels->isa) << ", x = " << padded[i];
    }
  }
}

// v . tanh(k + q), as the kernels have it: without the sum of v, which stands in for it here.
float Score(const Kernels& kernels, const std::vector<float>& k, const std::vector<float>& q,
            const std::vector<float>& v, int n) {
  std::vector<float> a(k.size()), b(q.size());
  kernels.exponentials_of_twice(k.data(), n, a.data());
  kernels.exponentials_of_twice(q.data(), n, b.data());
  double sum = kernels.attention_score(a.data(), b.data(), v.data(), n);
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) sum += v[i];
  return static_cast<float>(sum);
}

TEST(Attention, ScoresByHand) {
  const std::vector<float> large(64, 50.0f), small(64, -50.0f), zeros(64);
  std::vector<float> v(64);
  for (size_t i = 0; i < 64; ++i) v[i] = static_cast<float>(i);
  for (const Kernels* kernels : test::AllKernels()) {
    // tanh(50) = 1 and 0 + 1 + ... + (n - 1) = n (n - 1) / 2
    for (int n = 16; n <= 64; n += 16) {
      const float sum = static_cast<float>(n * (n - 1) / 2);
      EXPECT_EQ(Score(*kernels, large, zeros, v, n), sum);
      EXPECT_EQ(Score(*kernels, zeros, zeros, v, n), 0.0f);
      EXPECT_EQ(Score(*kernels, small, large, v, n), 0.0f);
      // Products of the exponentials that no float holds.
      EXPECT_EQ(Score(*kernels, large, large, v, n), sum);
      EXPECT_EQ(Score(*kernels, small, small, v, n), -sum);
    }
  }
}

TEST(Attention, ScoreEqualsTheReference) {
  const auto k = Random(208, 1, 3.0f), q = Random(208, 2, 3.0f), v = Random(208, 3);
  for (const Kernels* kernels : test::AllKernels()) {
    for (int n = 16; n <= 208; n += 16) {
      double expected = 0.0, magnitude = 0.0;
      for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
        expected += v[i] * std::tanh(double{k[i]} + q[i]);
        magnitude += std::abs(v[i]);
      }
      const float given = Score(*kernels, k, q, v, n);
      // Exponents of up to 6 are rounded, exponentials err, and each quotient, of up to twice v, passes through its
      // partial sum and five more.
      const double tolerance = magnitude * (12 * kRounding + kTanhError + 2 * (n / 16 + 6) * kRounding);
      EXPECT_TRUE(test::Close(&given, &expected, 1, tolerance)) << IsaName(kernels->isa) << ", " << n;
    }
  }
}

}  // namespace
}  // namespace tfopt
