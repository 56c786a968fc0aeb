#include "program/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tfopt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::u32string> words;
  std::vector<std::string> utf8;
  const Status status = AppendWords(text, &words);
  if (!status.ok()) return {status.message()};
  for (const std::u32string& word : words) utf8.push_back(ToUtf8(word));
  return utf8;
}

// tools/native_test.sh compares all code points with Python.
TEST(Words, RunsOfLettersAndDigits) {
  EXPECT_THAT(Words("Hello, world!"), ElementsAre("Hello", "world"));
  EXPECT_THAT(Words("I have 250 well-known\tfriends\n"),
              ElementsAre("I", "have", "250", "well", "known", "friends"));
  EXPECT_THAT(Words("snake_case"), ElementsAre("snake", "case"));
  EXPECT_THAT(Words(""), ElementsAre());
  EXPECT_THAT(Words("  -- "), ElementsAre());
  EXPECT_THAT(Words(std::string_view("a\0b", 3)), ElementsAre("a", "b"));
}

TEST(Words, ApostrophesInsideThem) {
  EXPECT_THAT(Words("'don't' rock'n'roll dogs' ''tis a''b"),
              ElementsAre("don't", "rock'n'roll", "dogs", "tis", "a", "b"));
  EXPECT_THAT(Words("l\u2019\u00e9t\u00e9\u2019"), ElementsAre("l\u2019\u00e9t\u00e9"));
}

TEST(Words, AccentsAreComposed) {
  EXPECT_THAT(Words("cafe\u0301"), ElementsAre("caf\u00e9"));
  EXPECT_THAT(Words("q\u0301x \u0301"), ElementsAre("q\u0301x", "\u0301"));
  EXPECT_THAT(Words("\u1112\u1161\u11ab"), ElementsAre("\ud55c"));  // Hangul
  // One character that becomes 18 when it is decomposed with compatibility, and none without.
  EXPECT_THAT(Words("\ufdfa"), ElementsAre("\ufdfa"));
  // Three code points, which do not compose again.
  EXPECT_THAT(Words("\U0001d160\u0958"), ElementsAre("\u0915"));
}

TEST(Words, OtherScripts) {
  EXPECT_THAT(Words("\u0434\u0430, \u65e5\u672c\u8a9e\u3002\U0001f600\u2167"),
              ElementsAre("\u0434\u0430", "\u65e5\u672c\u8a9e", "\u2167"));
}

TEST(Words, WhatIsNotUtf8IsRefused) {
  EXPECT_THAT(Words("ab\xff"),
              ElementsAre("expected UTF-8, got byte 255 behind byte 2 of the text"));
  EXPECT_THAT(Words("\xc3"), ElementsAre(HasSubstr("got byte 195 behind byte 0")));
  EXPECT_THAT(Words("a\xed\xa0\x80"), ElementsAre(HasSubstr("got byte 237 behind byte 1")));
  EXPECT_THAT(Words("\xc0\xaf"), ElementsAre(HasSubstr("got byte 192")));
  EXPECT_THAT(Words("\xf4\x90\x80\x80"), ElementsAre(HasSubstr("got byte 244")));
}

}  // namespace
}  // namespace tfopt
