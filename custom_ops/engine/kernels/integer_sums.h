// Sums of products of integers: of 16 outputs for one vector of inputs. Add takes a group of inputs: 64 bytes of
// weights, four bytes for each output. No include guard: integers-inl.h includes this in each level's namespace.

// The sums over pairs of products of 16-bit integers.
inline Ints AddPairs(Ints sums, Shorts a, Shorts b) {
#if defined(TFOPT_VNNI)
  return (Ints)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)a, (__m512i)b);
#elif defined(__AVX512BW__)
  return sums + (Ints)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return sums + (Ints)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return sums + (Ints)_mm_madd_epi16((__m128i)a, (__m128i)b);
#elif defined(__aarch64__)
  const int32x4_t low = vmull_s16(vget_low_s16((int16x8_t)a), vget_low_s16((int16x8_t)b));
  const int32x4_t high = vmull_high_s16((int16x8_t)a, (int16x8_t)b);
  return sums + (Ints)vpaddq_s32(low, high);
#else
  for (int i = 0; i < kLanes; ++i) sums[i] += a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sums;
#endif
}

// Bytes, as 16-bit integers.
inline Shorts Widened(const uint8_t* bytes) {
#if defined(__AVX512BW__)
  return (Shorts)_mm512_cvtepu8_epi16((__m256i)Load<Bytes>(bytes));
#elif defined(__AVX2__)
  return (Shorts)_mm256_cvtepu8_epi16((__m128i)Load<Bytes>(bytes));
#elif defined(__SSE2__)
  const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes));
  return (Shorts)_mm_unpacklo_epi8(low, _mm_setzero_si128());
#else
  return __builtin_convertvector(Load<Bytes>(bytes), Shorts);
#endif
}

// What becomes of sums: y = start + sums * (what 1 is of the inputs * of the weights).
struct Scaling {
  IntegerVector inputs;
  const float *scales, *start;
  float* y;

  // As many outputs, from `place` on, as a vector of these numbers holds.
  template <class Numbers, class Integers>
  void Write(Integers sums, int place) const {
    const Numbers scale = Load<Numbers>(scales + place) * inputs.scale;
    Store(Load<Numbers>(start + place) + __builtin_convertvector(sums, Numbers) * scale, y + place);
  }
};

// int16: a group is a pair.
struct Int16Sums {
  typedef int16_t Input;
  static constexpr int kInputs = 2;  // of a group
  static constexpr int kLargest = LargestInput(WeightType::kInt16);
  static constexpr int kRegisters = kPanel / kLanes;

  void Add(const uint8_t* weights, const char* group) {
    int32_t pair;
    std::memcpy(&pair, group, sizeof(pair));
    const Shorts inputs = (Shorts)(Ints{} + pair);
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      sums[r] = AddPairs(sums[r], Load<Shorts>(weights + r * TFOPT_VECTOR_BYTES), inputs);
    }
  }
  void Finish(const Scaling& scaling) const {
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) scaling.Write<Floats>(sums[r], r * kLanes);
  }

  Ints sums[kRegisters] = {};
};

#if defined(TFOPT_VNNI)
typedef int32_t FourInputs;

// int8: the CPU multiplies bytes without a sign, the weights, with signed ones.
struct Int8Sums {
  typedef int8_t Input;
  static constexpr int kInputs = 4, kLargest = LargestInput(WeightType::kInt8);

  void Add(const uint8_t* weights, const char* group) {
    sums = (Ints)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)Load<Ints>(weights),
                                     (__m512i)(Ints{} + Load<FourInputs>(group)));
  }
  void Finish(const Scaling& scaling) const {
    scaling.Write<Floats>(sums - kInt8Bias * scaling.inputs.sum, 0);
  }

  Ints sums = {};
};
#else
typedef int64_t FourInputs;
// The sums of neighbours in `a`, then of those in `b`.
inline Ints SumsOfPairs(Ints a, Ints b) {
#if defined(__AVX512BW__)
  const Floats first = (Floats)_mm512_shuffle_ps((__m512)a, (__m512)b, 0x88);
  const Floats second = (Floats)_mm512_shuffle_ps((__m512)a, (__m512)b, 0xdd);
  const Longs places = {0, 2, 4, 6, 1, 3, 5, 7};
  return (Ints)_mm512_maskz_permutexvar_epi64(0xff, (__m512i)places,
                                              (__m512i)((Ints)first + (Ints)second));
#elif defined(__AVX2__)
  return (Ints)_mm256_permute4x64_epi64(_mm256_hadd_epi32((__m256i)a, (__m256i)b), 0xd8);
#elif defined(__SSE2__)
  const __m128 first = _mm_shuffle_ps((__m128)a, (__m128)b, 0x88);
  return (Ints)first + (Ints)_mm_shuffle_ps((__m128)a, (__m128)b, 0xdd);
#elif defined(__aarch64__)
  return (Ints)vpaddq_s32((int32x4_t)a, (int32x4_t)b);
#else
  Ints sums;
  for (int lane = 0; lane < kLanes; ++lane) {
    const Ints& from = lane < kLanes / 2 ? a : b;
    const int place = 2 * lane % kLanes;
    sums[lane] = from[place] + from[place + 1];
  }
  return sums;
#endif
}

// int8: weights are widened, so that no product is cut off. Two sums stand side by side for each output.
struct Int8Sums {
  typedef int16_t Input;
  static constexpr int kInputs = 4, kLargest = LargestInput(WeightType::kInt8);
  static constexpr int kRegisters = 2 * kPanel / kLanes;

  void Add(const uint8_t* weights, const char* group) {
    const Shorts inputs = (Shorts)(Longs{} + Load<FourInputs>(group));
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      sums[r] = AddPairs(sums[r], Widened(weights + r * (TFOPT_VECTOR_BYTES / 2)), inputs);
    }
  }
  void Finish(const Scaling& scaling) const {
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; r += 2) {
      const Ints whole = SumsOfPairs(sums[r], sums[r + 1]);
      scaling.Write<Floats>(whole - kInt8Bias * scaling.inputs.sum, r / 2 * kLanes);
    }
  }

  Ints sums[kRegisters] = {};
};
#endif
