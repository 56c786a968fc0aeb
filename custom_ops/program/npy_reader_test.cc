#include "program/npy_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "program/testing.h"

namespace tfopt {
namespace {

using ::testing::HasSubstr;

using Rows = std::vector<float>;

std::string Header(const std::string& shape, const std::string& type = "<f4",
                   const std::string& order = "False") {
  const std::string text =
      "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(text.size()) + '\0' + text;
}

// Everything in a file, or the error.
struct Result {
  Rows rows;
  std::string error;
};

Result ReadAll(const std::string& bytes, int channels) {
  test::Folder folder;
  test::WriteFile(folder / "a.npy", bytes);
  Input input;
  Result result;
  EXPECT_TRUE(input.Open(folder / "a.npy").ok());
  NpyReader reader(&input, channels);
  Status status = reader.ReadHeader();
  Rows rows;
  for (int count = 1; status.ok() && count > 0;) {
    status = reader.Read(&rows, &count);
    if (status.ok() && count > 0) result.rows.insert(result.rows.end(), rows.begin(), rows.end());
  }
  result.error = status.message();
  return result;
}

TEST(NpyReader, AllFrames) {
  for (int channels : {1, 3, 80, 20000}) {
    for (int frames : {0, 1, 5, 1000}) {
      const Rows values = test::Random(static_cast<size_t>(channels * std::min(frames, 50)), 1);
      const std::string shape = std::to_string(values.size() / static_cast<size_t>(channels)) +
                                ", " + std::to_string(channels);
      const Result known = ReadAll(Header("(" + shape + ")") + test::AsBytes(values), channels);
      EXPECT_EQ(known.error, "");
      EXPECT_EQ(known.rows, values);
      const Result unknown = ReadAll(
          Header("(-1, " + std::to_string(channels) + ")") + test::AsBytes(values), channels);
      EXPECT_EQ(unknown.error, "");
      EXPECT_EQ(unknown.rows, values);
    }
  }
}

TEST(NpyReader, WhatFollowsTheArrayIsNotRead) {
  const Rows values = test::Random(6, 1);
  EXPECT_EQ(ReadAll(Header("(2, 3)") + test::AsBytes(values) + "more", 3).rows, values);
  const Rows many = test::Random(40000, 1);
  EXPECT_EQ(ReadAll(Header("(39999, 1)") + test::AsBytes(many), 1).rows.size(), 39999u);
}

TEST(NpyReader, LaterVersionsOfTheFormat) {
  const std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n";
  for (char version : {'\2', '\3'}) {
    const std::string bytes = std::string("\x93NUMPY") + version + '\0' +
                              static_cast<char>(text.size()) + std::string(3, '\0') + text +
                              test::AsBytes<float>({1.0f, 2.0f});
    EXPECT_EQ(ReadAll(bytes, 2).rows, (Rows{1.0f, 2.0f}));
  }
}

TEST(NpyReader, FramesAreThereWhenTheyArrive) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int standard_input = dup(STDIN_FILENO);
  ASSERT_GE(dup2(ends[0], STDIN_FILENO), 0);
  const auto send = [&](const std::string& bytes) {
    ASSERT_EQ(write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  };
  Input input;
  ASSERT_TRUE(input.Open("-").ok());
  NpyReader reader(&input, 2);
  send(Header("(-1, 2)"));
  ASSERT_EQ(reader.ReadHeader().message(), "");
  EXPECT_EQ(reader.frames(), -1);
  const std::string bytes = test::AsBytes<float>({1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f});
  Rows rows;
  int count = 0;
  send(bytes.substr(0, 11));  // a frame, and a part of the next
  ASSERT_EQ(reader.Read(&rows, &count).message(), "");
  EXPECT_EQ(rows, (Rows{1.0f, 2.0f}));
  send(bytes.substr(11));
  close(ends[1]);
  ASSERT_EQ(reader.Read(&rows, &count).message(), "");
  EXPECT_EQ(rows, (Rows{3.0f, 4.0f, 5.0f, 6.0f}));
  ASSERT_EQ(reader.Read(&rows, &count).message(), "");
  EXPECT_EQ(count, 0);
  dup2(standard_input, STDIN_FILENO);
  close(standard_input);
  close(ends[0]);
}

TEST(NpyReader, WhatItCannotReadIsRefused) {
  const std::string four = test::AsBytes<float>({1.0f, 2.0f, 3.0f, 4.0f});
  const auto error = [](const std::string& bytes) { return ReadAll(bytes, 2).error; };
  EXPECT_EQ(error(""), "expected an .npy file, got nothing");
  EXPECT_THAT(error("RIFF1234"), HasSubstr("got bytes that do not begin as one"));
  EXPECT_THAT(error(std::string("\x93NUMPY\x04\0", 8)), HasSubstr("version 1, 2 or 3"));
  EXPECT_THAT(error(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12)),
              HasSubstr("expected a header of at most 65536 bytes, got 4294967295"));
  EXPECT_THAT(error(Header("(2, 2)").substr(0, 20)), HasSubstr("got one that is cut off"));
  EXPECT_THAT(error(Header("2")), HasSubstr("expected the header of one array of numbers"));
  EXPECT_THAT(error(Header("(2, 2)", "<f8") + four),
              HasSubstr("expected float32 ('<f4'), as frames.astype('<f4') makes it, got '<f8'"));
  EXPECT_THAT(error(Header("(2, 2)", ">f4") + four), HasSubstr("got '>f4'"));
  EXPECT_THAT(error(Header("(2, 2)", "<f4", "True") + four), HasSubstr("got columns (Fortran"));
  EXPECT_THAT(error(Header("(4, 1)") + four), HasSubstr("expected [frames, 2], got [4, 1]"));
  EXPECT_THAT(error(Header("(4,)") + four), HasSubstr("expected [frames, 2], got [4]"));
  EXPECT_THAT(error(Header("(1, 2, 2)") + four), HasSubstr("got [1, 2, 2]"));
  EXPECT_THAT(error(Header("(-2, 2)") + four), HasSubstr("got [-2, 2]"));
  EXPECT_THAT(error(Header("(3, 2)") + four),
              HasSubstr("expected 3 frames as its header says, got 2"));
  EXPECT_THAT(error(Header("(2, 2)") + four.substr(0, 13)),
              HasSubstr("expected whole frames, got one that is cut off"));
  EXPECT_THAT(error(Header("(-1, 2)") + four.substr(0, 13)), HasSubstr("one that is cut off"));
  EXPECT_THAT(error(Header("(900000000000000000, 2)") + four), HasSubstr("got 2"));
  const std::string nan = test::AsBytes<float>({std::nanf("")});
  EXPECT_THAT(error(Header("(2, 2)") + four.substr(0, 12) + nan),
              HasSubstr("expected finite numbers, got nan in frame 1, channel 1"));
}

}  // namespace
}  // namespace tfopt
