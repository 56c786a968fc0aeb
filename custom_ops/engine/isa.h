// The instruction sets that the kernels are compiled for, and which of them this CPU has.
#ifndef TFOPT_ENGINE_ISA_H_
#define TFOPT_ENGINE_ISA_H_

#include <string>
#include <vector>

namespace tfopt {

// In the order of preference: a later one is faster where the CPU has it.
enum class Isa { kBaseline, kNeon, kAvx2, kAvx512, kAvx512Vnni, kAvx512Bf16 };

// The name by which users choose a level: "baseline", "neon", "avx2", "avx512", "avx512_vnni",
// "avx512_bf16".
const char* IsaName(Isa isa);

// The levels that this build has kernels for and this CPU can run, the slowest first: on x86-64 the
// baseline (SSE2) and, where the CPU has them, AVX2 with FMA, AVX-512, that with VNNI (products of integers), and
// that with BF16 (products of bfloat16); on AArch64 NEON alone.
std::vector<Isa> SupportedIsas();

struct IsaChoice {
  Isa isa = Isa::kBaseline;
  std::string error;  // empty, or why the level asked for cannot be used
};

// The best supported level, or the one that `requested` names. `requested` may be null or empty; callers
// pass the environment variable TFOPT_ISA. A name that is not known, or a level that this CPU lacks, gives
// an error that lists the levels to choose from.
IsaChoice ChooseIsa(const char* requested);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_ISA_H_
