// tfopt-native: the engine alone, without Python and TensorFlow. Packed models (tfopt pack) in, audio and
// phonemes out.
#include <CLI/CLI.hpp>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <string>

#include "engine/isa.h"
#include "engine/kernels/kernels.h"
#include "program/commands.h"
#include "program/denormals.h"
#include "program/output.h"
#include "program/printable.h"

namespace tfopt {
namespace {

constexpr int kMostThreads = 4096;

const std::map<std::string, AudioFormat> kFormats = {{"wav", AudioFormat::kWav},
                                                     {"s16le", AudioFormat::kS16le},
                                                     {"f32le", AudioFormat::kF32le}};

// A word of the command line, as a message says it.
std::string Given(const std::string& text) { return text.empty() ? "an empty word" : text; }

// What CLI11 found wrong with the command line, on one line as every other message.
std::string CalledWrongly(const CLI::App*, const CLI::Error& error) {
  return "tfopt-native: " + Printable(error.what()) + " (--help lists what there is)\n";
}

const CLI::Validator kNotEmpty(
    [](const std::string& text) {
      return text.empty() ? std::string("expected a file or -, got an empty name") : std::string();
    },
    "");

using Command = std::function<Status(const Kernels&)>;

// An option that takes digits alone. CLI11 reads 010 as 8, and a number that is too large as the largest.
template <class T, class Target>
CLI::Option* AddInteger(CLI::App* command, const std::string& name, T least, T most, Target* target,
                        const std::string& help) {
  const auto parse = [=](const std::string& text) {
    T value{};
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || last != end || value < least || value > most) {
      throw CLI::ValidationError(name, "expected an integer from " + std::to_string(least) + " to " +
                                           std::to_string(most) + ", got " + Given(text));
    }
    *target = value;
  };
  return command->add_option_function<std::string>(name, parse, help)->type_name("INT");
}

// An option that takes a number. CLI11 takes an empty one for 0.
template <class Target>
CLI::Option* AddNumber(CLI::App* command, const std::string& name, Target* target,
                       const std::string& help) {
  const auto parse = [=](const std::string& text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || last != end || !std::isfinite(value) || std::signbit(value)) {
      throw CLI::ValidationError(name, "expected a finite number of at least 0, got " + Given(text));
    }
    *target = value;
  };
  return command->add_option_function<std::string>(name, parse, help)->type_name("FLOAT");
}

void AddModel(CLI::App* command, std::string* model) {
  command->add_option("MODEL", *model, "File written by tfopt pack; may be a pipe")->required();
}

void AddThreads(CLI::App* command, int* threads) {
  AddInteger(command, "--threads", 1, kMostThreads, threads, "Changes no result")
      ->default_str(std::to_string(*threads));
}

void AddGenerate(CLI::App* app, Command* chosen) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* const command = app->add_subcommand("generate", "Generate audio with a WaveNet or a WaveRNN.");
  AddModel(command, &arguments->model);
  command
      ->add_option("--conditioning", arguments->conditioning,
                   "Frames, float32 [frames, channels], as .npy file; -: standard input, read as "
                   "they arrive")
      ->check(kNotEmpty);
  command->add_option("--out", arguments->out, "File to write; -: standard output")
      ->capture_default_str();
  command
      ->add_option_function<std::string>(
          "--format",
          [arguments](const std::string& name) {
            const auto format = kFormats.find(name);
            if (format == kFormats.end()) {
              throw CLI::ValidationError("--format",
                                         "expected wav, s16le or f32le, got " + Given(name));
            }
            arguments->format = format->second;
          },
          "wav: 16 bits a sample; s16le: the same without a header; f32le: amplitudes")
      ->option_text("wav|s16le|f32le");
  CLI::Option* const seconds = AddNumber(command, "--seconds", &arguments->seconds,
                                         "Length; with conditioning at most, by default all of it");
  AddInteger(command, "--samples", int64_t{0}, std::numeric_limits<int64_t>::max(),
             &arguments->samples, "The same, in samples")
      ->excludes(seconds);
  AddInteger(command, "--seed", uint64_t{0}, std::numeric_limits<uint64_t>::max(),
             &arguments->seed, "0 to 2^64 - 1")
      ->default_str(std::to_string(arguments->seed));
  AddNumber(command, "--temperature", &arguments->temperature, "0: the most likely sample each time")
      ->default_str("1");
  AddInteger(command, "--speaker", 0, std::numeric_limits<int>::max(), &arguments->speaker,
             "Number of a speaker");
  AddThreads(command, &arguments->threads);
  command->footer(
      "Examples:\n"
      "  tfopt-native generate my-model.tfopt --seconds 2 --out audio.wav\n"
      "  tfopt-native generate vocoder.tfopt --conditioning mel.npy --out audio.wav\n"
      "  acoustic-model | tfopt-native generate vocoder.tfopt --conditioning - --format s16le | \\\n"
      "      aplay -t raw -f S16_LE -r 24000");
  command->callback([arguments, chosen] {
    *chosen = [arguments](const Kernels& kernels) { return Generate(*arguments, kernels); };
  });
}

void AddPredict(CLI::App* app, Command* chosen) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App* const command =
      app->add_subcommand("predict", "Print words and their phonemes, one word a line.");
  AddModel(command, &arguments->model);
  command->add_option("WORD", arguments->words,
                      "Words or texts; none, or -: lines of text from standard input");
  AddThreads(command, &arguments->threads);
  command->footer(
      "Examples:\n"
      "  tfopt-native predict g2p_en-2.1.0.tfopt aardvark\n"
      "  tfopt-native predict g2p_en-2.1.0.tfopt <book.txt >pronounced.tsv");
  command->callback([arguments, chosen] {
    *chosen = [arguments](const Kernels& kernels) { return Predict(*arguments, kernels); };
  });
}

void AddInfo(CLI::App* app, Command* chosen) {
  auto arguments = std::make_shared<InfoArguments>();
  CLI::App* const command = app->add_subcommand("info", "Say what is in a model file.");
  AddModel(command, &arguments->model);
  command->footer("Example:\n  tfopt-native info g2p_en-2.1.0.tfopt");
  command->callback([arguments, chosen] {
    *chosen = [arguments](const Kernels&) { return Info(*arguments); };
  });
}

// Said before CLI11 does, which keeps to itself what was given and what there is.
void ExpectSubcommand(const CLI::App& app, int argc, char** argv) {
  const std::string given = argc < 2 ? "" : argv[1];
  if (argc < 2 || given == "-h" || given == "--help" || given == "--version") return;
  std::string names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->check_name(given)) return;
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  throw CLI::ValidationError("SUBCOMMAND",
                             "expected one of " + names + ", got " + Given(given));
}

Status Run(const Command& command) {
  const IsaChoice isa = ChooseIsa(std::getenv("TFOPT_ISA"));
  if (!isa.error.empty()) return Status::Invalid(isa.error);
  try {
    return command(KernelsOf(isa.isa));
  } catch (const std::bad_alloc&) {
    return Status::Invalid("not enough memory");
  }
}

int Main(int argc, char** argv) {
  CLI::App app("Audio and phonemes from models packed by tfopt pack.", "tfopt-native");
  app.set_version_flag("--version", "tfopt-native " TFOPT_VERSION);
  app.require_subcommand(1);
  app.failure_message(CalledWrongly);
  app.footer("Environment: TFOPT_ISA forces an instruction set (baseline, avx2, avx512, avx512_vnni,\n"
             "avx512_bf16, neon).\n"
             "Example:\n  tfopt-native predict g2p_en-2.1.0.tfopt aardvark");
  Command command;
  AddGenerate(&app, &command);
  AddPredict(&app, &command);
  AddInfo(&app, &command);
  try {
    ExpectSubcommand(app, argc, argv);
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // 2: called wrongly
  }
  CatchSignals();
  FlushDenormals();
  const Status status = Run(command);
  if (status.ok()) return 0;
  std::fprintf(stderr, "tfopt-native: %s\n", Printable(status.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace tfopt

int main(int argc, char** argv) {
  try {
    return tfopt::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tfopt-native: %s\n", error.what());
    return 1;
  }
}
