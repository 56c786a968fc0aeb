// `tfopt-native generate`.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "program/about.h"
#include "program/audio_output.h"
#include "program/audio_stream.h"
#include "program/commands.h"
#include "program/input.h"
#include "program/load.h"
#include "program/npy_reader.h"
#include "program/stopwatch.h"
#include "program/wavenet_file.h"
#include "program/wavenet_stream.h"
#include "program/wavernn_file.h"
#include "program/wavernn_stream.h"

namespace tfopt {
namespace {

Status CheckSpeaker(int speakers, const GenerateArguments& arguments) {
  const std::optional<int> speaker = arguments.speaker;
  if (speakers == 0 ? !speaker : speaker && *speaker < speakers) return {};
  return Status::Invalid(
      "--speaker: expected " +
      (speakers == 0 ? "none, since the model has none"
                     : "a number from 0 to " + std::to_string(speakers - 1)) +
      ", got " + (speaker ? std::to_string(*speaker) : "none"));
}

std::string Text(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", number);
  return text;
}

Status CheckTemperature(double temperature) {
  constexpr double kMost = std::numeric_limits<float>::max();
  if (temperature >= 0 && temperature <= kMost) return {};
  return Status::Invalid("--temperature: expected a number from 0 to " + Text(kMost) + ", got " +
                         Text(temperature));
}

// Samples that were asked for; kUnknownLength if nobody did.
Status AskedFor(const GenerateArguments& arguments, int sample_rate, int64_t* samples) {
  *samples = arguments.samples.value_or(kUnknownLength);
  if (!arguments.seconds) return {};
  constexpr double kMost = 0x1p62;
  const double wanted = std::nearbyint(*arguments.seconds * sample_rate);
  if (!(wanted >= 0 && wanted < kMost)) {
    return Status::Invalid("--seconds: expected a number from 0 to " + Text(kMost / sample_rate) +
                           ", got " + Text(*arguments.seconds));
  }
  *samples = static_cast<int64_t>(wanted);
  return {};
}

// The samples that so many frames are enough for, or those asked for if they are fewer.
int64_t Length(int64_t asked, int64_t frames, int hop_length) {
  if (frames < 0 || frames > std::numeric_limits<int64_t>::max() / hop_length) return asked;
  const int64_t most = frames * hop_length;
  return asked == kUnknownLength ? most : std::min(asked, most);
}

class Generation {
 public:
  // channels: of a frame; 0 if there is no conditioning
  Generation(const GenerateArguments& arguments, const AudioSections& sections, int channels,
             AudioStream* stream)
      : arguments_(arguments),
        sample_rate_(sections.sample_rate),
        channels_(channels),
        hop_length_(sections.hop_length),
        stream_(*stream),
        frames_(&input_, channels),
        audio_(arguments.format, sample_rate_) {}

  Status Run() {
    TFOPT_RETURN_IF_ERROR(AskedFor(arguments_, sample_rate_, &length_));
    TFOPT_RETURN_IF_ERROR(OpenConditioning());
    TFOPT_RETURN_IF_ERROR(About("--out", audio_.Open(arguments_.out, length_)));
    int64_t done = 0;
    while (length_ == kUnknownLength || done < length_) {
      const int64_t most = length_ == kUnknownLength ? std::numeric_limits<int>::max() : length_ - done;
      const float* samples = nullptr;
      int count = 0;
      stopwatch_.Begin();
      TFOPT_RETURN_IF_ERROR(stream_.Generate(most, &samples, &count));
      stopwatch_.End();
      if (count > 0) {
        TFOPT_RETURN_IF_ERROR(About("--out", audio_.Write(samples, count)));
        if (done == 0) stopwatch_.First();
        done += count;
      } else if (ended_) {
        break;
      } else {
        TFOPT_RETURN_IF_ERROR(Receive());
      }
    }
    TFOPT_RETURN_IF_ERROR(About("--out", audio_.Finish()));
    stopwatch_.Report(done, sample_rate_);
    return {};
  }

 private:
  Status AboutFrames(const Status& status) const {
    return About("--conditioning: " + input_.name(), status);
  }

  Status OpenConditioning() {
    const bool given = !arguments_.conditioning.empty();
    if (given != (channels_ > 0)) {
      return Status::Invalid("--conditioning: expected " +
                             (given ? "none, since the model has none, got " + arguments_.conditioning
                                    : "[frames, " + std::to_string(channels_) +
                                          "] in a file or in -, got none"));
    }
    if (!given) {
      if (length_ != kUnknownLength) return {};
      return Status::Invalid("--seconds: expected the length of the audio, got none");
    }
    TFOPT_RETURN_IF_ERROR(AboutFrames(input_.Open(arguments_.conditioning)));
    TFOPT_RETURN_IF_ERROR(AboutFrames(frames_.ReadHeader()));
    length_ = Length(length_, frames_.frames(), hop_length_);
    return {};
  }

  Status Receive() {
    int count = 0;
    TFOPT_RETURN_IF_ERROR(AboutFrames(frames_.Read(&rows_, &count)));
    ended_ = count == 0;
    if (ended_) {
      stream_.End();
    } else {
      stream_.Push(rows_.data(), count);
    }
    return {};
  }

  const GenerateArguments& arguments_;
  const int sample_rate_, channels_, hop_length_;
  int64_t length_ = kUnknownLength;  // samples
  AudioStream& stream_;
  Input input_;
  NpyReader frames_;
  std::vector<float> rows_;
  bool ended_ = false;
  AudioOutput audio_;
  Stopwatch stopwatch_;
};

AudioSettings SettingsOf(const GenerateArguments& arguments) {
  return {arguments.seed, static_cast<float>(arguments.temperature), arguments.speaker.value_or(0),
          arguments.threads};
}

Status GenerateWithWavenet(const ModelFile& model, const GenerateArguments& arguments,
                           const Kernels& kernels) {
  WavenetFile file;
  TFOPT_RETURN_IF_ERROR(AboutModel(arguments.model, WavenetFile::Read(model, &file)));
  TFOPT_RETURN_IF_ERROR(CheckSpeaker(file.speaker_count(), arguments));
  WavenetStream stream(file, kernels, SettingsOf(arguments));
  return Generation(arguments, file, file.model.config.local_channels, &stream).Run();
}

Status GenerateWithWavernn(const ModelFile& model, const GenerateArguments& arguments,
                           const Kernels& kernels) {
  WavernnFile file;
  TFOPT_RETURN_IF_ERROR(AboutModel(arguments.model, WavernnFile::Read(model, &file)));
  TFOPT_RETURN_IF_ERROR(CheckSpeaker(0, arguments));
  WavernnStream stream(file, kernels, SettingsOf(arguments));
  return Generation(arguments, file, file.model.config.mel_channels, &stream).Run();
}

}  // namespace

Status Generate(const GenerateArguments& arguments, const Kernels& kernels) {
  if (IsStandardInput(arguments.model) && IsStandardInput(arguments.conditioning)) {
    return Status::Invalid("--conditioning: expected a file, since standard input is the model, got " +
                           arguments.conditioning);
  }
  LoadedModel model;
  TFOPT_RETURN_IF_ERROR(LoadModel(arguments.model, &model));
  TFOPT_RETURN_IF_ERROR(CheckTemperature(arguments.temperature));
  return model.file.kind() == PackedKind::kWavernn
             ? GenerateWithWavernn(model.file, arguments, kernels)
             : GenerateWithWavenet(model.file, arguments, kernels);
}

}  // namespace tfopt
