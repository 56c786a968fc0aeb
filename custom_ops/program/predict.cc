// `tfopt-native predict`.
#include <algorithm>
#include <cstring>

#include "program/about.h"
#include "program/commands.h"
#include "program/g2p_file.h"
#include "program/input.h"
#include "program/load.h"
#include "program/output.h"
#include "program/pronunciation.h"
#include "program/words.h"

namespace tfopt {
namespace {

// Bytes read at a time, as many as a pipe holds; and the most without white space between them.
constexpr size_t kRead = 65536, kLongestWord = size_t{1} << 20;

// What it takes to pronounce words.
struct Speaker {
  const G2pFile& file;
  const Kernels& kernels;
  const int threads;

  // Appends a line for each word of a text.
  Status Pronounce(std::string_view text, std::string* lines) const {
    std::vector<std::u32string> words;
    TFOPT_RETURN_IF_ERROR(AppendWords(text, &words));
    return AppendPronunciations(file, kernels, threads, words, lines);
  }
};

// How much of a text is whole words: up to the last line's end, or up to the last space of a very long line.
size_t WholeWords(const std::string& text) {
  const size_t line = text.find_last_of('\n');
  if (line != std::string::npos) return line + 1;
  return text.size() < kRead ? 0 : text.find_last_of(" \t") + 1;  // 0 without one
}

// Pronounces lines as they arrive, those together that are there.
Status PronounceInput(const Speaker& speaker, Output* output) {
  Input input;
  TFOPT_RETURN_IF_ERROR(input.Open("-"));
  std::string text;
  size_t got = 1, done = 0;
  while (got > 0) {
    const size_t held = text.size();
    text.resize(held + kRead);
    TFOPT_RETURN_IF_ERROR(About(input.name(), input.Read(text.data() + held, kRead, &got)));
    text.resize(held + got);
    const size_t whole = got == 0 ? text.size() : WholeWords(text);
    std::string lines;
    TFOPT_RETURN_IF_ERROR(
        About(input.name() + ", behind byte " + std::to_string(done),
              speaker.Pronounce(std::string_view(text).substr(0, whole), &lines)));
    TFOPT_RETURN_IF_ERROR(output->Write(lines.data(), lines.size()));
    text.erase(0, whole);
    done += whole;
    if (text.size() > kLongestWord) {
      return Status::Invalid(input.name() + ": expected words of at most " +
                             std::to_string(kLongestWord) + " bytes, got a longer one behind byte " +
                             std::to_string(done));
    }
  }
  return {};
}

Status CheckWords(const PredictArguments& arguments, bool from_input) {
  const std::vector<std::string>& words = arguments.words;
  if (from_input && IsStandardInput(arguments.model)) {
    return Status::Invalid("WORD: expected words, since standard input is the model, got none");
  }
  if (from_input || std::find(words.begin(), words.end(), "-") == words.end()) return {};
  return Status::Invalid("WORD: expected words, or - alone for standard input, got both");
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + ' ';
  return text;
}

}  // namespace

Status Predict(const PredictArguments& arguments, const Kernels& kernels) {
  const bool from_input = arguments.words.empty() || arguments.words == std::vector<std::string>{"-"};
  TFOPT_RETURN_IF_ERROR(CheckWords(arguments, from_input));
  LoadedModel model;
  G2pFile file;
  TFOPT_RETURN_IF_ERROR(LoadModel(arguments.model, &model));
  TFOPT_RETURN_IF_ERROR(AboutModel(arguments.model, G2pFile::Read(model.file, &file)));
  Output output;
  TFOPT_RETURN_IF_ERROR(output.Open("-"));
  const Speaker speaker{file, kernels, arguments.threads};
  if (from_input) return PronounceInput(speaker, &output);
  std::string lines;
  TFOPT_RETURN_IF_ERROR(About("WORD", speaker.Pronounce(Joined(arguments.words), &lines)));
  return output.Write(lines.data(), lines.size());
}

}  // namespace tfopt
