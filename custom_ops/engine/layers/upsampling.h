// The upsampling network of local conditioning, from the frame rate to the sample rate, as frames arrive.
//
// A stage repeats every frame `factor` times and convolves over time with 2 * factor + 1 taps, zeros standing
// before and after. A tap reaches at most one frame further, so every row is the sum of three frames, weighted
// by sums of taps that depend on the row's place in its frame alone (tfopt/generation/upsampling.py, whose
// results these are, bit for bit).
#ifndef TFOPT_ENGINE_LAYERS_UPSAMPLING_H_
#define TFOPT_ENGINE_LAYERS_UPSAMPLING_H_

#include <cstddef>
#include <vector>

namespace tfopt {

struct UpsamplingStage {
  int factor = 1;
  const float* phases = nullptr;  // [factor, 3]: weights of the frame before, the frame, and the next
};

// Frames behind a frame that have to be there before all of its rows are.
int FramesAhead(const std::vector<UpsamplingStage>& stages);

// One stream. Each stage looks one of its frames ahead. Memory: three frames a stage, and what was pushed
// and not taken.
class Upsampling {
 public:
  // Without stages frames are rows.
  Upsampling(int channels, const std::vector<UpsamplingStage>& stages);

  // Adds frames [count, channels].
  void Push(const float* frames, int count);
  // There are no more frames: the last rows need not wait for them.
  void End() { ended_ = true; }
  // Writes the next rows [at most `most`, channels] and returns how many: fewer than `most` if more frames
  // are needed, or none are left.
  int Take(int most, float* rows);

 private:
  enum class Next { kRow, kWait, kEnd };
  struct Stage {
    UpsamplingStage weights;
    std::vector<float> before, frame, after;  // [channels]; zeros outside the signal
    bool started = false, ended = false;      // whether a frame came; whether the last one did
    int place = 0;                            // of the next row in `frame`; `factor`: behind it
  };

  // Writes the next row behind the first `stage` stages.
  Next Pull(size_t stage, float* row);
  // Brings a stage to its next frame.
  Next Advance(size_t stage);

  const size_t channels_;
  std::vector<Stage> stages_;
  std::vector<float> frames_;  // [frames, channels], those before `read_` taken
  size_t read_ = 0;            // floats
  bool ended_ = false;
};

}  // namespace tfopt

#endif  // TFOPT_ENGINE_LAYERS_UPSAMPLING_H_
