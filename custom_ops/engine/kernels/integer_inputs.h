// Vectors of floats as integers. No include guard: integers-inl.h includes this in each level's namespace.

// The magnitudes of a register's floats as integers, as which infinity and NaN are larger than all others.
inline Ints Magnitudes(const float* x) { return (Ints)(Load<Bits>(x) & 0x7fffffffu); }

// Held between -limit and limit, as NaN is too.
inline Floats Held(Floats scaled, float limit) {
  const Floats low = Floats{} - limit, high = Floats{} + limit;
  scaled = scaled > low ? scaled : low;
  return scaled > high ? high : scaled;
}

// Adding 1.5 * 2^23 rounds to the nearest integer (ties to even), and leaves it in the lowest bits; above them is
// kAbove, which is nothing to 16 or 8 bits.
constexpr uint32_t kAbove = 0x4b400000u;
inline Bits Rounded(Floats x) { return (Bits)(x + 12582912.0f); }

// All numbers of a register, combined: every one of four.
typedef int32_t Four __attribute__((vector_size(16)));
typedef float FourFloats __attribute__((vector_size(16)));
template <class Combine>
inline Four Reduced(Ints v, Combine combine) {
  Four parts[kLanes / 4];
  std::memcpy(parts, &v, sizeof(v));
  for (int width = kLanes / 8; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) parts[i] = combine(parts[i], parts[i + width]);
  }
  Four f = parts[0];
  f = combine(f, Four{f[2], f[3], f[0], f[1]});
  return combine(f, Four{f[1], f[0], f[3], f[2]});
}
inline Four LargestOf(Ints v) {
  return Reduced(v, [](Four a, Four b) { return a > b ? a : b; });
}
inline int32_t SumOf(Ints v) {
  return Reduced(v, [](Four a, Four b) { return a + b; })[0];
}

// Stores the lowest 16 or 8 bits.
inline void StoreNarrow(Bits v, int16_t* to) {
  typedef int16_t Narrow __attribute__((vector_size(TFOPT_VECTOR_BYTES / 2)));
  Store(__builtin_convertvector(v, Narrow), to);
}
#if defined(TFOPT_VNNI)
// Masked by nothing, as GCC warns of the other in its own header.
inline void StoreNarrow(Bits v, int8_t* to) {
  Store(_mm512_maskz_cvtepi32_epi8(0xffff, (__m512i)v), to);
}
#endif

// Writes n floats as integers, zeros behind them up to a whole register. 1 becomes `scale`, or if that is 0 as much
// as makes the largest magnitude `largest`; NaN if an input is not finite, so that no output is either.
template <class Integer>
void Quantize(const float* x, int n, float scale, int largest, Integer* q, IntegerVector* integers) {
  const int whole = n / kLanes * kLanes;
  float rest[kLanes];
  if (whole < n) {
    std::memset(rest, 0, sizeof(rest));
    for (int i = whole; i < n; ++i) rest[i - whole] = x[i];
  }
  const auto for_each_register = [&](const auto& take) {
    for (int i = 0; i < whole; i += kLanes) take(x + i, q + i);
    if (whole < n) take(rest, q + whole);
  };
  const float limit = static_cast<float>(largest);
  Ints most = {};
  Bits sums = {};
  const auto measure = [&](const float* from) {
    const Ints magnitudes = Magnitudes(from);
    most = magnitudes > most ? magnitudes : most;
  };
  const auto write = [&](Floats scaled, Integer* to) {
    const Bits rounded = Rounded(scaled);
    sums += rounded;
    StoreNarrow(rounded, to);
  };
  Four bits;  // of the largest magnitude
  if (scale != 0.0f) {
    const float factor = 1.0f / scale;
    for_each_register([&](const float* from, Integer* to) {
      measure(from);
      write(Held(Load<Floats>(from) * factor, limit), to);
    });
    bits = LargestOf(most);
  } else {
    for_each_register([&](const float* from, Integer*) { measure(from); });
    bits = LargestOf(most);
    const float magnitude = Load<FourFloats>(&bits)[0];
    float factor = 0.0f;
    // Of numbers this small the factor would be infinite; they are nothing beside a bias.
    if (magnitude >= 0x1p-100f) {
      scale = magnitude / limit;
      factor = limit / magnitude;
    }
    // Nothing to hold: the largest product is the limit, but for a rounding.
    for_each_register([&](const float* from, Integer* to) { write(Load<Floats>(from) * factor, to); });
  }
  const int written = (n + kLanes - 1) / kLanes * kLanes;
  if (bits[0] >= 0x7f800000) {
    std::memset(q, 0, static_cast<size_t>(written) * sizeof(Integer));
    *integers = {std::numeric_limits<float>::quiet_NaN(), 0};
    return;
  }
  const uint32_t above = kAbove * static_cast<uint32_t>(written / kLanes);  // of each lane
  *integers = {scale, SumOf((Ints)(sums - above))};
}
