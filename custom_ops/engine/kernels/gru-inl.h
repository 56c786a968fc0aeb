// The gates of GRUs. Included by kernels-inl.h inside a level's namespace, behind vector.h.
//
// Beside products of small integers the gates would take a quarter of the time. They are slow not by the number of
// their operations but because these wait for one another, so polynomials are summed in pairs, two divisions serve
// three functions, and what waits for the reset gate is a loop of its own.

#if defined(__AVX512F__)
// As Max and Min of vector.h, for numbers that are not NaN, in one instruction each.
inline Floats AtLeast(Floats x, float bound) {
  return (Floats)_mm512_maskz_max_ps(0xffff, (__m512)x, (__m512)Set(bound));
}
inline Floats AtMost(Floats x, float bound) {
  return (Floats)_mm512_maskz_min_ps(0xffff, (__m512)x, (__m512)Set(bound));
}
#else
inline Floats AtLeast(Floats x, float bound) { return Max(x, Set(bound)); }
inline Floats AtMost(Floats x, float bound) { return Min(x, Set(bound)); }
#endif

// 2^min(x, bound), with the polynomial of PowerOfTwo; the bound is at most 126. What is below 2^-126 may be anything
// from there to 0.
inline Floats BoundedPowerOfTwo(Floats x, float bound) {
#if defined(__AVX512F__)
  x = AtMost(x, bound);
  const Floats whole = (Floats)_mm512_maskz_roundscale_ps(0xffff, (__m512)x, 8);
#else
  constexpr float kRounder = 12582912.0f;
  x = AtLeast(AtMost(x, bound), -126.0f);
  const Floats rounded = x + kRounder, whole = rounded - kRounder;
#endif
  const Floats rest = x - whole, square = rest * rest;
  const Floats high = square * 1.5453163e-4f + (rest * 1.33908633e-3f + 9.6180830e-3f);
  const Floats middle = square * high + (rest * 5.55035696e-2f + 2.40226507e-1f);
  const Floats p = square * middle + (rest * 6.93147182e-1f + 1.0f);
#if defined(__AVX512F__)
  // Of -infinity, too, this is 0, although p is NaN then: so scalef is defined.
  return (Floats)_mm512_maskz_scalef_ps(0xffff, (__m512)p, (__m512)whole);
#else
  typedef uint32_t Bits __attribute__((vector_size(TFOPT_VECTOR_BYTES)));
  return (Floats)((Bits)p + ((Bits)rounded << 23));
#endif
}

// h = n + z * (h - n) with n = tanh(c), z = sigmoid(z). With en = e^-2c and ez = e^-z that is
// ((1 - en) ez + (1 + en) h) / ((1 + en) (1 + ez)). The bounds lie beyond where the functions have become constant,
// and keep the products finite.
inline Floats Updated(Floats z, Floats c, Floats h) {
  const Floats en = BoundedPowerOfTwo(c * (-2.0f * kLog2E), 43.0f);
  const Floats ez = BoundedPowerOfTwo(z * -kLog2E, 60.0f);
  return ((1.0f - en) * ez + (1.0f + en) * h) / ((1.0f + en) * (1.0f + ez));
}

// sigmoid(r) * x
inline Floats Reset(Floats r, Floats x) {
  return x / (1.0f + BoundedPowerOfTwo(r * -kLog2E, 126.0f));
}

void GruResetAfter(const float* r, const float* z, const float* input, const float* recurrent, int n,
                   float* h) {
  constexpr int kPart = 16 * kPanel;
  alignas(64) float candidates[kPart];
  for (int first = 0; first < n; first += kPart) {
    const int end = first + kPart < n ? first + kPart : n;
    for (int i = first; i < end; i += kLanes) {
      Store(Load(input + i) + Reset(Load(r + i), Load(recurrent + i)), candidates + i - first);
    }
    for (int i = first; i < end; i += kLanes) {
      Store(Updated(Load(z + i), Load(candidates + i - first), Load(h + i)), h + i);
    }
  }
}

void GruReset(const float* r, const float* h, int n, float* y) {
  for (int i = 0; i < n; i += kLanes) Store(Reset(Load(r + i), Load(h + i)), y + i);
}

void GruUpdate(const float* z, const float* candidate, int n, float* h) {
  for (int i = 0; i < n; i += kLanes) {
    Store(Updated(Load(z + i), Load(candidate + i), Load(h + i)), h + i);
  }
}
