// Compiled without contraction of products and sums, which TensorFlow computes apart.
#include "engine/layers/upsampling.h"

#include <algorithm>
#include <cstdint>

namespace tfopt {

int FramesAhead(const std::vector<UpsamplingStage>& stages) {
  int64_t held_back = 0, hop_length = 1;  // rows
  for (const UpsamplingStage& stage : stages) {
    held_back = (held_back + 1) * stage.factor;
    hop_length *= stage.factor;
  }
  return static_cast<int>((held_back + hop_length - 1) / hop_length);
}

Upsampling::Upsampling(int channels, const std::vector<UpsamplingStage>& stages)
    : channels_(static_cast<size_t>(channels)) {
  for (const UpsamplingStage& weights : stages) {
    Stage stage;
    stage.weights = weights;
    stage.before = stage.frame = stage.after = std::vector<float>(channels_);
    stage.place = weights.factor;
    stages_.push_back(std::move(stage));
  }
}

void Upsampling::Push(const float* frames, int count) {
  frames_.erase(frames_.begin(), frames_.begin() + static_cast<ptrdiff_t>(read_));
  read_ = 0;
  frames_.insert(frames_.end(), frames, frames + static_cast<size_t>(count) * channels_);
}

int Upsampling::Take(int most, float* rows) {
  int taken = 0;
  while (taken < most && Pull(stages_.size(), rows) == Next::kRow) {
    rows += channels_;
    ++taken;
  }
  return taken;
}

Upsampling::Next Upsampling::Pull(size_t stage, float* row) {
  if (stage == 0) {
    if (read_ == frames_.size()) return ended_ ? Next::kEnd : Next::kWait;
    std::copy_n(frames_.data() + read_, channels_, row);
    read_ += channels_;
    return Next::kRow;
  }
  Stage& s = stages_[stage - 1];
  if (s.place == s.weights.factor) {
    const Next next = Advance(stage);
    if (next != Next::kRow) return next;
  }
  const float* w = s.weights.phases + 3 * static_cast<ptrdiff_t>(s.place++);
  for (size_t c = 0; c < channels_; ++c) {
    row[c] = ((0.0f + s.before[c] * w[0]) + s.frame[c] * w[1]) + s.after[c] * w[2];
  }
  return Next::kRow;
}

Upsampling::Next Upsampling::Advance(size_t stage) {
  Stage& s = stages_[stage - 1];
  do {
    if (s.ended) return Next::kEnd;
    const bool first = !s.started;
    // Nobody needs the frame before the last one any more.
    const Next next = Pull(stage - 1, s.before.data());
    if (next == Next::kWait) return next;
    if (next == Next::kEnd) {
      s.ended = true;
      if (first) return next;
      std::fill(s.before.begin(), s.before.end(), 0.0f);
    }
    s.started = true;
    s.before.swap(s.frame);
    s.frame.swap(s.after);
    // The first frame only fills `after`.
    if (!first) s.place = 0;
  } while (s.place != 0);
  return Next::kRow;
}

}  // namespace tfopt
