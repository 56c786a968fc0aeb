// Audio streams in tests, against what the engine makes in one call.
#ifndef TFOPT_PROGRAM_STREAM_TESTING_H_
#define TFOPT_PROGRAM_STREAM_TESTING_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/layers/upsampling.h"
#include "engine/packing/model_file.h"
#include "engine/sampling/philox.h"
#include "engine/testing.h"
#include "program/audio_stream.h"

namespace tfopt::test {

using Floats = std::vector<float>;

// What a stream is given, and how much is asked of it.
struct Pushed {
  Floats frames;     // [count, channels]
  int channels = 0;  // 0: there is no conditioning
  int at_a_time = 1;
  int64_t most = 0;  // samples
};

// All the audio of a stream, or why there is none. `early` gets how many samples there were before the last
// frame was pushed.
inline Status Drain(AudioStream* stream, const Pushed& input, Floats* audio, size_t* early = nullptr) {
  const int count =
      input.channels == 0 ? 0 : static_cast<int>(input.frames.size()) / input.channels;
  int64_t most = input.most;
  int pushed = 0;
  bool ended = false;
  audio->clear();
  while (most > 0) {
    const float* part = nullptr;
    int size = 0;
    TFOPT_RETURN_IF_ERROR(stream->Generate(most, &part, &size));
    audio->insert(audio->end(), part, part + size);
    most -= size;
    if (size > 0) continue;
    if (ended) break;
    if (early != nullptr && pushed < count) *early = audio->size();
    const int now = std::min(input.at_a_time, count - pushed);
    if (now > 0) stream->Push(input.frames.data() + pushed * input.channels, now);
    pushed += now;
    ended = now == 0;
    if (ended) stream->End();
  }
  return {};
}

// Each stream that `make` makes gives this audio, in whatever numbers its frames come.
template <class Make>
void ExpectAudioHoweverCut(Make make, Pushed input, const Floats& expected) {
  for (int at_a_time : {1, 7, 400}) {
    input.at_a_time = at_a_time;
    auto stream = make();
    Floats audio;
    ASSERT_EQ(Drain(&stream, input, &audio).message(), "");
    ASSERT_EQ(audio.size(), expected.size());
    ASSERT_TRUE(SameBits(audio.data(), expected.data(), audio.size()));
  }
}

// `time` rows [time, channels] of all frames, upsampled at once.
inline Floats Upsampled(const Floats& frames, int channels,
                        const std::vector<UpsamplingStage>& stages, int time) {
  Floats rows(static_cast<size_t>(time) * static_cast<size_t>(channels));
  if (channels == 0) return rows;
  Upsampling upsampling(channels, stages);
  upsampling.Push(frames.data(), static_cast<int>(frames.size()) / channels);
  upsampling.End();
  EXPECT_EQ(upsampling.Take(time, rows.data()), time);
  return rows;
}

// The numbers that `time` samples of the first stream are drawn with.
inline Floats FirstUniforms(uint64_t seed, int time, int per_sample) {
  Floats uniforms(static_cast<size_t>(time) * static_cast<size_t>(per_sample));
  Uniforms(seed, 0, 0, uniforms.size(), uniforms.data());
  return uniforms;
}

// What samples sound like, class by class.
inline Floats Heard(Floats samples, const Array<float>& amplitudes) {
  for (float& sample : samples) {
    if (amplitudes.size > 0) sample = amplitudes.data[static_cast<size_t>(sample)];
  }
  return samples;
}

}  // namespace tfopt::test

#endif  // TFOPT_PROGRAM_STREAM_TESTING_H_
