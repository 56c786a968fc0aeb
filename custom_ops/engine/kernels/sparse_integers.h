// The kernels of block-sparse matrices of int8, for every level. No include guard: integers-inl.h includes this in
// each level's namespace, after what it reads inputs and writes outputs with.

// Sums of the 8 outputs of a row of blocks. The bias of the weights is taken back block by block, as what the inputs
// of a row are is its own affair.
#if defined(TFOPT_VNNI)
struct BlockSums {
  typedef int32_t Eight __attribute__((vector_size(32)));
  typedef float EightFloats __attribute__((vector_size(32)));

  void Add(const uint8_t* weights, int32_t group) {
    const __m256i inputs = _mm256_set1_epi32(group);
    sums = (Eight)_mm256_dpbusd_epi32((__m256i)sums, Load<__m256i>(weights), inputs);
    biases = (Eight)_mm256_dpbusd_epi32(
        (__m256i)biases, _mm256_set1_epi8(static_cast<char>(kInt8Bias)), inputs);
  }
  void Add(const BlockSums& other) {
    sums += other.sums;
    biases += other.biases;
  }
  void Finish(const Scaling& scaling) const { scaling.Write<EightFloats>(sums - biases, 0); }

  Eight sums = {}, biases = {};
};
#else
struct BlockSums {
  static constexpr int kRegisters = 16 / kLanes;  // of pairs of sums

  void Add(const uint8_t* weights, int64_t group) {
    const Shorts inputs = (Shorts)(Longs{} + group);
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) {
      const Shorts widened = Widened(weights + r * (TFOPT_VECTOR_BYTES / 2)) - int16_t{kInt8Bias};
      sums[r] = AddPairs(sums[r], widened, inputs);
    }
  }
  void Add(const BlockSums& other) {
#pragma GCC unroll 8
    for (int r = 0; r < kRegisters; ++r) sums[r] += other.sums[r];
  }
  void Finish(const Scaling& scaling) const {
    if constexpr (kRegisters == 1) {
      typedef float HalfFloats __attribute__((vector_size(TFOPT_VECTOR_BYTES / 2)));
      typedef int32_t Half __attribute__((vector_size(TFOPT_VECTOR_BYTES / 2)));
      const Ints whole = SumsOfPairs(sums[0], sums[0]);
      scaling.Write<HalfFloats>(Load<Half>(&whole), 0);
    } else {
#pragma GCC unroll 8
      for (int r = 0; r < kRegisters; r += 2) {
        scaling.Write<Floats>(SumsOfPairs(sums[r], sums[r + 1]), r / 2 * kLanes);
      }
    }
  }

  Ints sums[kRegisters] = {};
};
#endif

// As many blocks side by side as hide the latency of a sum.
constexpr size_t kBlockChains = 4;

void SparseRow(const Matrix& w, int row, const char* x, const Scaling& scaling) {
  constexpr size_t kBlock = 8 * 4;
  const auto* const weights = static_cast<const uint8_t*>(w.weights);
  const auto group = [&](size_t block) {
    return Load<FourInputs>(x + w.block_inputs[block] * ptrdiff_t{sizeof(FourInputs)});
  };
  BlockSums chains[kBlockChains];
  size_t next = w.block_starts[row];
  const size_t end = w.block_starts[row + 1];
  for (; next + kBlockChains <= end; next += kBlockChains) {
#pragma GCC unroll 8
    for (size_t c = 0; c < kBlockChains; ++c) {
      chains[c].Add(weights + (next + c) * kBlock, group(next + c));
    }
  }
#pragma GCC unroll 8
  for (size_t c = 0; c < kBlockChains - 1; ++c) {
    if (next + c < end) chains[c].Add(weights + (next + c) * kBlock, group(next + c));
  }
#pragma GCC unroll 8
  for (size_t c = 1; c < kBlockChains; ++c) chains[0].Add(chains[c]);
  chains[0].Finish(scaling);
}

void SparseMatMul(const Matrix& w, Operand x, ConstColumns start, Columns y, int columns) {
  for (int o = 0; o < w.outputs; o += 8) {
    for (int c = 0; c < columns; ++c) {
      SparseRow(w, o / 8, static_cast<const char*>(x.data) + c * x.stride,
                {x.integers[c], w.scales + o, start.data + c * start.stride + o,
                 y.data + c * y.stride + o});
    }
  }
}
