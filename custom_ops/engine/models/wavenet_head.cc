#include "engine/models/wavenet_head.h"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <sched.h>

namespace tfopt {
namespace {

// Spins after which a waiting thread lets others have its CPU: longer than a step takes.
constexpr int kSpins = 2000;

void Pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

size_t Floats(size_t rows, int channels) { return rows * static_cast<size_t>(Padded(channels)); }

double Weights(const Matrix& w) {
  return static_cast<double>(w.inputs) * static_cast<double>(w.outputs);
}

int Tiles(int channels) { return (Padded(channels) + kTile - 1) / kTile; }

// The padded outputs that stand before a tile.
int FirstOutput(int tile, int channels) { return std::min(tile * kTile, Padded(channels)); }

}  // namespace

WavenetHead::WavenetHead(const Wavenet& model, const Kernels& kernels, int batch, int members)
    : model_(model),
      kernels_(kernels),
      batch_(batch),
      z_layer_(static_cast<ptrdiff_t>(batch) * Padded(model.config.gate)),
      members_(static_cast<size_t>(members)),
      z_(model.weights.layers.size() * static_cast<size_t>(z_layer_)),
      skip_(Floats(static_cast<size_t>(batch), model.config.skip)),
      end_(Floats(static_cast<size_t>(batch), model.config.end)),
      logits_(Floats(static_cast<size_t>(batch), model.config.outputs)) {
  DivideLayers();
}

// Gives each member as much to read: of the skip connections the others take as much more as member 0 has
// to do for the layers.
void WavenetHead::DivideLayers() {
  const WavenetConfig& c = model_.config;
  const int count = members();
  double trunk = 0.0, skips = 0.0;
  for (const WavenetWeights::Layer& layer : model_.weights.layers) {
    trunk += Weights(layer.convolution.current) + Weights(layer.residual);
    // Multiplied at every step but read at few: about half the time.
    for (const Matrix& past : layer.convolution.past) trunk += 0.5 * Weights(past);
    skips += Weights(layer.skip);
  }
  const double mine = std::max(0.0, (trunk + skips) / count - trunk) / skips;
  const int tiles = Tiles(c.skip);
  const auto boundary = [&](int member) {  // the first tile that is not of members before this one
    if (member == 0) return 0;
    const double share = mine + (1.0 - mine) * (member - 1) / std::max(1, count - 1);
    return count == 1 ? tiles : static_cast<int>(std::lround(share * tiles));
  };
  const auto even = [&](int channels, int member) {
    const int first = FirstOutput(Tiles(channels) * member / count, channels);
    return Share{first, FirstOutput(Tiles(channels) * (member + 1) / count, channels) - first};
  };
  for (int m = 0; m < count; ++m) {
    Member& member = members_[static_cast<size_t>(m)];
    const int first = FirstOutput(boundary(m), c.skip);
    member.skip = {first, FirstOutput(boundary(m + 1), c.skip) - first};
    member.end0 = even(c.end, m);
    member.end1 = even(c.outputs, m);
  }
}

void WavenetHead::AddSkip(size_t layer, const Share& share) {
  const ptrdiff_t stride = Padded(model_.config.skip);
  float* skip = skip_.data() + share.first;
  const ConstColumns start = layer == 0 ? ConstColumns{model_.weights.skip_bias + share.first, 0}
                                        : ConstColumns{skip, stride};
  kernels_.matmul(share.Of(model_.weights.layers[layer].skip),
                  {z(layer), Padded(model_.config.gate)}, start, {skip, stride}, batch_);
}

void WavenetHead::AddSkips() {
  for (size_t l = 0; l < model_.weights.layers.size(); ++l) AddSkip(l, members_[0].skip);
}

bool WavenetHead::LastLayers(Member* me) {
  const WavenetConfig& c = model_.config;
  const ptrdiff_t skip = Padded(c.skip), end = Padded(c.end), outputs = Padded(c.outputs);
  const auto relu = [&](const Share& share, AlignedFloats* x, ptrdiff_t stride) {
    for (int b = 0; b < batch_; ++b) {
      float* mine = x->data() + b * stride + share.first;
      kernels_.relu(mine, share.count, mine);
    }
  };
  relu(me->skip, &skip_, skip);
  if (!Meet(me)) return false;
  kernels_.matmul(me->end0.Of(model_.weights.end0), {skip_.data(), skip},
                  {model_.weights.end0_bias + me->end0.first, 0},
                  {end_.data() + me->end0.first, end}, batch_);
  relu(me->end0, &end_, end);
  if (!Meet(me)) return false;
  kernels_.matmul(me->end1.Of(model_.weights.end1), {end_.data(), end},
                  {model_.weights.end1_bias + me->end1.first, 0},
                  {logits_.data() + me->end1.first, outputs}, batch_);
  return Meet(me);
}

void WavenetHead::Work(int member) {
  Member* me = &members_[static_cast<size_t>(member)];
  const size_t layers = model_.weights.layers.size();
  for (uint64_t published = 0;;) {
    for (size_t l = 0; l < layers; ++l) {
      if (!WaitUntil(published_, ++published)) return;
      AddSkip(l, me->skip);
    }
    if (!LastLayers(me)) return;
  }
}

// Waits until all members have finished as many phases as this one. False if the team was stopped.
bool WavenetHead::Meet(Member* me) {
  const uint64_t phase = me->phases.load(std::memory_order_relaxed) + 1;
  me->phases.store(phase, std::memory_order_release);
  for (const Member& member : members_) {
    if (!WaitUntil(member.phases, phase)) return false;
  }
  return true;
}

bool WavenetHead::WaitUntil(const std::atomic<uint64_t>& counter, uint64_t value) const {
  for (int spins = 0; counter.load(std::memory_order_acquire) < value; ++spins) {
    if (stop_.load(std::memory_order_acquire)) return false;
    if (spins < kSpins) {
      Pause();
    } else {
      sched_yield();
    }
  }
  return true;
}

}  // namespace tfopt
