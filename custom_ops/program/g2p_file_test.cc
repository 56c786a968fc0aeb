#include "program/g2p_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program/file_testing.h"
#include "program/pronunciation.h"

namespace tfopt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using File = test::MemoryFile<G2pFile, PackedKind::kG2p>;

TEST(G2pFile, WordsAreEncoded) {
  const File file(test::G2pSections());
  ASSERT_EQ(file.status.message(), "");
  const G2pFile& g2p = file.model;
  EXPECT_THAT(g2p.phonemes, ElementsAre("<s>", "</s>", "A", "BB", "C", "\u00f8"));
  EXPECT_THAT(g2p.Encode(U"abc"), ElementsAre(2, 3, 4, 1));
  EXPECT_THAT(g2p.Encode(U"zef\U0010ffffX"), ElementsAre(0, 6, 0, 1)) << "f and X are dropped";
  EXPECT_THAT(g2p.Encode(U"zz"), ElementsAre()) << "no letter";
  EXPECT_THAT(g2p.Encode(U"fX"), ElementsAre());
  EXPECT_THAT(g2p.Encode(U""), ElementsAre());
  EXPECT_THAT(g2p.Encode(U"abcd"), ElementsAre(2, 3, 4, 5, 1));
  EXPECT_THAT(g2p.Encode(U"abcde"), ElementsAre(2, 3, 4, 5, 6)) << "at most 5, the end among them";
}

TEST(G2pFile, WrongSectionsAreRefused) {
  const test::Sections good = test::G2pSections();
  test::ExpectSectionsAreNeeded<File>(good);
  const auto with = [&](const char* name, const test::Bytes& bytes) {
    return File::ErrorOf(test::With(good, name, bytes));
  };
  EXPECT_THAT(with("model", test::WavenetSections()["model"]),
              HasSubstr("expected a packed g2p, got a wavenet"));
  EXPECT_THAT(with("graphemes", ""), HasSubstr("in section graphemes at least one, got none"));
  EXPECT_THAT(with("graphemes", test::AsBytes<int32_t>({7})), HasSubstr("graphemes below 7, got 7"));
  EXPECT_THAT(with("graphemes", test::AsBytes<int32_t>({-2})), HasSubstr("below 7, got -2"));
  EXPECT_THAT(with("reading", test::AsBytes<int32_t>({0, 1})), HasSubstr("3 values, got 2"));
  EXPECT_THAT(with("reading", test::AsBytes<int32_t>({-1, 1, 0})), HasSubstr("got -1"));
  EXPECT_THAT(with("reading", test::AsBytes<int32_t>({0, 7, 0})), HasSubstr("got 7"));
  EXPECT_THAT(with("reading", test::AsBytes<int32_t>({0, 1, -1})), HasSubstr("of a word, got -1"));
  EXPECT_THAT(with("phonemes", good.at("phonemes").substr(1)), HasSubstr("one that is cut off"));
  EXPECT_THAT(with("phonemes", good.at("phonemes").substr(7)), HasSubstr("6 strings, got 5"));
  EXPECT_THAT(with("phonemes", good.at("phonemes") + "abc"), HasSubstr("one that is cut off"));
}

TEST(G2pFile, PhonemesThatAreNoPlainTextAreRefused) {
  const test::Sections good = test::G2pSections();
  const test::Bytes phonemes = good.at("phonemes");
  const size_t place = phonemes.find("BB");
  // A line's end, what terminals obey (the second as one character of two bytes), and what is not UTF-8.
  for (const char* bytes : {"B\t", "B\n", "\rB", "B\x1b", "\xc2\x9b", "B\x7f", "B\xff"}) {
    test::Bytes changed = phonemes;
    changed.replace(place, 2, bytes);
    EXPECT_EQ(File::ErrorOf(test::With(good, "phonemes", changed)),
              "expected in section phonemes UTF-8 without control characters, got something else in "
              "phoneme 3");
  }
}

// The lines for words, by the engine's own decoding of one word at a time.
void ExpectEngine(const File& file, test::G2pModel* model) {
  ASSERT_EQ(file.status.message(), "");
  const G2pFile& g2p = file.model;
  const std::vector<std::u32string> words = {U"abcd", U"zz", U"e", U"dad", U"", U"bccz", U"e"};
  for (const Kernels* kernels : test::AllKernels()) {
    std::string expected, lines;
    for (const std::u32string& word : words) {
      expected += std::string(word.begin(), word.end()) + '\t';
      const std::vector<int32_t> ids = g2p.Encode(word);
      bool first = true;
      if (!ids.empty()) {
        for (int32_t phoneme : test::G2pBatch({ids}).Decode(*kernels, *model)) {
          if (phoneme == 1) break;
          expected += (first ? "" : " ") + g2p.phonemes[static_cast<size_t>(phoneme)];
          first = false;
        }
      }
      expected += '\n';
    }
    ASSERT_EQ(AppendPronunciations(g2p, *kernels, 2, words, &lines).message(), "");
    EXPECT_EQ(lines, expected);
  }
}

TEST(Pronunciation, EqualsTheEngine) {
  test::G2pModel model = test::G2pExample();
  ExpectEngine(File(test::G2pSections()), &model);
}

TEST(Pronunciation, WeightsAreOfAnyType) {
  for (WeightType type : {WeightType::kBfloat16, WeightType::kInt16, WeightType::kInt8}) {
    const WeightChoice choice = {type, 1.0f, {}};
    test::G2pModel model = test::G2pExample();
    model.Convert(choice);
    ExpectEngine(File(test::Converted(test::G2pSections(), choice)), &model);
  }
}

// Long words among short ones, in several batches.
TEST(Pronunciation, AnyMixOfLengths) {
  const File file(test::With(test::G2pSections(), "reading", test::AsBytes<int32_t>({0, 1, 0})));
  ASSERT_EQ(file.status.message(), "");
  const G2pFile& g2p = file.model;
  std::vector<std::u32string> words(9000, U"ab");
  words[17] = std::u32string(300000, U'c');
  words[4000] = std::u32string(300001, U'd');
  const Kernels& kernels = *test::AllKernels().back();
  std::string lines, one;
  ASSERT_EQ(AppendPronunciations(g2p, kernels, 2, words, &lines).message(), "");
  ASSERT_EQ(AppendPronunciations(g2p, kernels, 1, {U"ab"}, &one).message(), "");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 9000);
  EXPECT_THAT(lines, StartsWith(one + one));
  EXPECT_EQ(lines.substr(lines.size() - one.size()), one);
}

TEST(G2pFile, DamagedFilesDoNoHarm) {
  const test::Sections floats = test::G2pSections();
  for (const test::Sections& sections :
       {floats, test::Converted(floats, {WeightType::kInt8, 1.0f, {}})}) {
    test::ExpectDamageDoesNoHarm<File>(
        test::File(PackedKind::kG2p, sections), 2000, [](const G2pFile& g2p) {
          std::string lines;
          return AppendPronunciations(g2p, *test::AllKernels().back(), 1, {U"abz", U"c"}, &lines);
        });
  }
}

}  // namespace
}  // namespace tfopt
