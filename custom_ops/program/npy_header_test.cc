#include "program/npy_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tfopt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(NpyHeader, WhatNumpyWrites) {
  NpyHeader header;
  ASSERT_EQ(ParseNpyHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (10, 80), }      \n",
                           &header)
                .message(),
            "");
  EXPECT_EQ(header.type, "<f4");
  EXPECT_FALSE(header.fortran_order);
  EXPECT_THAT(header.shape, ElementsAre(10, 80));
}

TEST(NpyHeader, EverySpellingOfADictionary) {
  NpyHeader header;
  ASSERT_TRUE(
      ParseNpyHeader("{\"shape\":(-1,3,),\"fortran_order\":True,\"descr\":\"|u1\"}", &header).ok());
  EXPECT_EQ(header.type, "|u1");
  EXPECT_TRUE(header.fortran_order);
  EXPECT_THAT(header.shape, ElementsAre(-1, 3));
  ASSERT_TRUE(
      ParseNpyHeader("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", &header).ok());
  EXPECT_THAT(header.shape, ElementsAre());
  ASSERT_TRUE(
      ParseNpyHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (7,)}", &header).ok());
  EXPECT_THAT(header.shape, ElementsAre(7));
}

TEST(NpyHeader, WhatIsNoHeaderIsRefused) {
  const std::string rest = ", 'fortran_order': False, 'shape': (1, 2)}";
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("{}"), "{'descr': '<f4'}" + std::string(),
        "{'descr': [('a', '<f4')]" + rest, "{'descr': '<f4" + rest, "{'descr' '<f4'" + rest,
        "{'descr': '<f4', 'other': 1" + rest, "{'descr': '<f4'" + rest + "x",
        "{'descr': '<f4'; 'a'" + rest,
        std::string("{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 2)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (1,, 2)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (,)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (1.5, 2)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': "
                    "(99999999999999999999, 2)}")}) {
    NpyHeader header;
    EXPECT_THAT(ParseNpyHeader(text, &header).message(),
                HasSubstr("expected the header of one array of numbers, got"))
        << text;
  }
}

// Nothing behind the text is looked at, wherever it stops.
TEST(NpyHeader, CutOffAnywhere) {
  const std::string whole = "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 80), }";
  for (size_t size = 0; size < whole.size(); ++size) {
    NpyHeader header;
    EXPECT_FALSE(ParseNpyHeader(whole.substr(0, size), &header).ok()) << size;
  }
}

}  // namespace
}  // namespace tfopt
