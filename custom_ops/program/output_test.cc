#include "program/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "program/input.h"
#include "program/load.h"
#include "program/testing.h"

namespace tfopt {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The names in a folder, a line each.
std::string Names(const test::Folder& folder) {
  std::string names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "")) {
    names += entry.path().filename().string() + '\n';
  }
  return names;
}

TEST(Output, AFileIsThereWhenItIsWhole) {
  const test::Folder folder;
  test::WriteFile(folder / "a", "old");
  {
    Output output;
    ASSERT_EQ(output.Open(folder / "a").message(), "");
    EXPECT_TRUE(output.is_file());
    EXPECT_FALSE(output.is_terminal());
    ASSERT_TRUE(output.Write("hello", 5).ok());
    ASSERT_TRUE(output.WriteAt(1, "E", 1).ok());
    EXPECT_EQ(test::ReadFile(folder / "a"), "old");
    ASSERT_EQ(output.Finish().message(), "");
  }
  EXPECT_EQ(test::ReadFile(folder / "a"), "hEllo");
  EXPECT_EQ(Names(folder), "a\n");
  struct stat about = {};
  ASSERT_EQ(stat((folder / "a").c_str(), &about), 0);
  const mode_t mask = umask(0);
  umask(mask);
  EXPECT_EQ(about.st_mode & 0777, 0666u & ~mask);
}

TEST(Output, WhatIsNotFinishedIsRemoved) {
  const test::Folder folder;
  test::WriteFile(folder / "a", "old");
  {
    Output output;
    ASSERT_TRUE(output.Open(folder / "a").ok());
    ASSERT_TRUE(output.Write("new", 3).ok());
    EXPECT_THAT(Names(folder), HasSubstr(".a-"));
  }
  EXPECT_EQ(test::ReadFile(folder / "a"), "old");
  EXPECT_EQ(Names(folder), "a\n");
}

TEST(Output, ALinkStaysOne) {
  const test::Folder folder;
  test::WriteFile(folder / "a", "old");
  ASSERT_EQ(symlink("a", (folder / "link").c_str()), 0);
  Output output;
  ASSERT_TRUE(output.Open(folder / "link").ok());
  ASSERT_TRUE(output.Write("new", 3).ok());
  ASSERT_TRUE(output.Finish().ok());
  EXPECT_EQ(test::ReadFile(folder / "a"), "new");
  struct stat about = {};
  ASSERT_EQ(lstat((folder / "link").c_str(), &about), 0);
  EXPECT_TRUE(S_ISLNK(about.st_mode));
}

TEST(Output, ALinkThatLeadsNowhereYetStaysOne) {
  const test::Folder folder;
  std::filesystem::create_directory(folder / "deep");
  std::filesystem::create_symlink("deep/second", folder / "first");
  std::filesystem::create_symlink(folder / "a", folder / "deep/second");
  Output output;
  ASSERT_TRUE(output.Open(folder / "first").ok());
  ASSERT_TRUE(output.Write("new", 3).ok());
  ASSERT_TRUE(output.Finish().ok());
  EXPECT_EQ(test::ReadFile(folder / "a"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "first"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "deep/second"));
}

TEST(Output, WhatCannotBeWritten) {
  const test::Folder folder;
  std::filesystem::create_symlink("circle", folder / "circle");
  const auto error = [](const std::string& path) { return Output().Open(path).message(); };
  EXPECT_EQ(error(""), "expected a file or -, got an empty name");
  EXPECT_THAT(error(folder / "none/a"), HasSubstr("none/a: cannot write it: No such file"));
  EXPECT_THAT(error(folder / ""), HasSubstr("cannot write it: Is a directory"));
  EXPECT_THAT(error(folder / std::string(300, 'x')), HasSubstr("File name too long"));
  EXPECT_THAT(error(folder / "circle"), HasSubstr("circle: cannot write it: Too many levels"));
  Output full;
  ASSERT_EQ(full.Open("/dev/full").message(), "");
  EXPECT_FALSE(full.is_file());
  EXPECT_THAT(full.Write("a", 1).message(), HasSubstr("/dev/full: cannot write it: No space"));
}

TEST(OutputDeathTest, ASignalRemovesWhatIsNotFinished) {
  const test::Folder folder;
  EXPECT_EXIT(
      {
        CatchSignals();
        Output output;
        if (!output.Open(folder / "a").ok() || !output.Write("new", 3).ok()) _exit(1);
        raise(SIGTERM);
      },
      ::testing::ExitedWithCode(128 + SIGTERM), "^$");
  EXPECT_EQ(Names(folder), "");
}

TEST(OutputDeathTest, AReaderThatHasGoneEndsItQuietly) {
  EXPECT_EXIT(
      {
        int ends[2];
        signal(SIGPIPE, SIG_IGN);
        if (pipe(ends) != 0 || dup2(ends[1], STDOUT_FILENO) < 0) _exit(1);
        close(ends[0]);
        Output output;
        const Status status = output.Open("-");
        if (status.ok()) _exit(output.Write("a", 1).ok() ? 2 : 3);
      },
      ::testing::ExitedWithCode(128 + SIGPIPE), "^$");
}

TEST(Load, FilesAndPipes) {
  const test::Folder folder;
  // More than memory is taken for at first.
  const test::Bytes large = test::File(
      PackedKind::kG2p, {{"a", test::Bytes(3000000, 'a')}, {"b", "bytes"}});
  test::WriteFile(folder / "a", large);
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  const std::string command = "cat '" + folder / "a" + "' >'" + folder / "pipe" + "' &";
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (const char* name : {"a", "pipe"}) {
    LoadedModel model;
    ASSERT_EQ(LoadModel(folder / name, &model).message(), "");
    Array<uint8_t> bytes;
    ASSERT_TRUE(model.file.Find("a", &bytes).ok());
    EXPECT_EQ(test::Bytes(bytes.begin(), bytes.end()), test::Bytes(3000000, 'a'));
    ASSERT_TRUE(model.file.Find("b", &bytes).ok());
    EXPECT_EQ(test::Bytes(bytes.begin(), bytes.end()), "bytes");
  }
}

TEST(Load, WhatIsNoModelFile) {
  const test::Folder folder;
  const test::Bytes good = test::File(PackedKind::kG2p, {{"a", "bytes"}});
  const auto error = [&](const test::Bytes& bytes) {
    test::WriteFile(folder / "a", bytes);
    LoadedModel model;
    return LoadModel(folder / "a", &model).message();
  };
  EXPECT_EQ(error(good), "");
  EXPECT_EQ(error(""), "MODEL: " + folder / "a: expected a file written by tfopt pack, got 0 bytes");
  EXPECT_THAT(error(test::Bytes(100, 'x')), HasSubstr("does not begin as they do"));
  EXPECT_THAT(error(good.substr(0, good.size() - 1)), HasSubstr("as the file's header says, got 191"));
  EXPECT_THAT(error(good + "x"), HasSubstr("expected 192 bytes as the file's header says, got more"));
  // What a header promises is not believed: no memory is taken for it.
  test::Bytes liar = good;
  liar[22] = 0x40;
  EXPECT_THAT(error(liar), HasSubstr("as the file's header says, got 192"));
  LoadedModel model;
  EXPECT_THAT(LoadModel("/dev/zero", &model).message(), HasSubstr("does not begin as they do"));
  EXPECT_EQ(LoadModel(folder / "none", &model).message(),
            "MODEL: " + folder / "none: cannot open it: No such file or directory");
  EXPECT_EQ(LoadModel(folder / "", &model).message(),
            "MODEL: " + folder / ": cannot read it: Is a directory");
}

}  // namespace
}  // namespace tfopt
