#include "engine/isa.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "engine/testing.h"

namespace tfopt {
namespace {

TEST(Isa, BestLevelWithoutARequest) {
  for (const char* requested : {static_cast<const char*>(nullptr), ""}) {
    const IsaChoice choice = ChooseIsa(requested);
    EXPECT_EQ(choice.error, "");
    EXPECT_EQ(choice.isa, SupportedIsas().back());
  }
}

TEST(Isa, EverySupportedLevelByItsName) {
  const std::vector<Isa> supported = SupportedIsas();
  ASSERT_FALSE(supported.empty());
  for (Isa isa : supported) {
    const IsaChoice choice = ChooseIsa(IsaName(isa));
    EXPECT_EQ(choice.error, "");
    EXPECT_EQ(choice.isa, isa);
    EXPECT_EQ(KernelsOf(isa).isa, isa);
  }
}

TEST(Isa, WhatTheCpuIsSaidToHave) {
  std::string names;
  for (const Kernels* kernels : test::AllKernels()) names += std::string(" ") + IsaName(kernels->isa);
  printf("Levels tested:%s\n", names.c_str());
  if (test::ExpectedIsa() == nullptr) return;
  EXPECT_STREQ(IsaName(SupportedIsas().back()), test::ExpectedIsa());
}

TEST(Isa, TheSlowestFirst) {
  const std::vector<Isa> supported = SupportedIsas();
  for (size_t i = 1; i < supported.size(); ++i) EXPECT_LT(supported[i - 1], supported[i]);
}

TEST(Isa, WhatIsNotThereIsAnErrorThatListsWhatIs) {
  std::string names;
  for (Isa isa : SupportedIsas()) names += (names.empty() ? "" : ", ") + std::string(IsaName(isa));
  for (const char* requested : {"sse9", "AVX2", "avx2 ", "unknown"}) {
    EXPECT_EQ(ChooseIsa(requested).error, "TFOPT_ISA: expected one of " + names +
                                              " on this CPU, got '" + requested + "'");
  }
}

TEST(Isa, LevelsOfOtherCpusAreErrors) {
  const std::vector<Isa> supported = SupportedIsas();
  for (Isa isa : {Isa::kBaseline, Isa::kNeon, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni,
                  Isa::kAvx512Bf16}) {
    bool found = false;
    for (Isa other : supported) found = found || other == isa;
    EXPECT_EQ(ChooseIsa(IsaName(isa)).error.empty(), found) << IsaName(isa);
  }
}

}  // namespace
}  // namespace tfopt
