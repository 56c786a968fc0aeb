#include "engine/isa.h"

namespace tfopt {
namespace {

#if defined(__x86_64__)
// __builtin_cpu_supports also asks the operating system whether it saves the wide registers.
bool HasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool HasAvx512() {
  return HasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool HasAvx512Vnni() { return HasAvx512() && __builtin_cpu_supports("avx512vnni"); }

bool HasAvx512Bf16() { return HasAvx512Vnni() && __builtin_cpu_supports("avx512bf16"); }
#endif

}  // namespace

const char* IsaName(Isa isa) {
  switch (isa) {
    case Isa::kBaseline:
      return "baseline";
    case Isa::kNeon:
      return "neon";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx512Vnni:
      return "avx512_vnni";
    case Isa::kAvx512Bf16:
      return "avx512_bf16";
  }
  return "unknown";
}

std::vector<Isa> SupportedIsas() {
#if defined(__aarch64__)
  return {Isa::kNeon};  // every AArch64 CPU has it
#else
  std::vector<Isa> isas = {Isa::kBaseline};
#if defined(__x86_64__)
  if (HasAvx2()) isas.push_back(Isa::kAvx2);
  if (HasAvx512()) isas.push_back(Isa::kAvx512);
  if (HasAvx512Vnni()) isas.push_back(Isa::kAvx512Vnni);
  if (HasAvx512Bf16()) isas.push_back(Isa::kAvx512Bf16);
#endif
  return isas;
#endif
}

IsaChoice ChooseIsa(const char* requested) {
  const std::vector<Isa> supported = SupportedIsas();
  if (requested == nullptr || *requested == '\0') return {supported.back(), ""};
  std::string names;
  for (Isa isa : supported) {
    if (std::string(requested) == IsaName(isa)) return {isa, ""};
    names += (names.empty() ? "" : ", ") + std::string(IsaName(isa));
  }
  return {supported.front(), "TFOPT_ISA: expected one of " + names + " on this CPU, got '" +
                              std::string(requested) + "'"};
}

}  // namespace tfopt
