#include "engine/models/wavenet_head.h"

#include <algorithm>
#include <cmath>

namespace tfopt {
namespace {

size_t Floats(size_t rows, int channels) { return rows * static_cast<size_t>(Padded(channels)); }

double Bytes(const Matrix& w) { return static_cast<double>(BytesOf(w)); }

}  // namespace

WavenetHead::WavenetHead(const Wavenet& model, const Kernels& kernels, int batch, int members)
    : model_(model),
      kernels_(kernels),
      batch_(batch),
      z_layer_(static_cast<ptrdiff_t>(batch) * Padded(model.config.gate)),
      team_(members),
      members_(static_cast<size_t>(members)),
      z_(model.weights.layers.size() * static_cast<size_t>(z_layer_)),
      published_(model.weights.layers.size()),
      skip_(Floats(static_cast<size_t>(batch), model.config.skip)),
      end_(Floats(static_cast<size_t>(batch), model.config.end)),
      logits_(Floats(static_cast<size_t>(batch), model.config.outputs)) {
  const WeightType type = model.weights.end0.type;
  for (size_t l = 0; l < published_.size(); ++l) {
    z_operands_.emplace_back(type, batch, model.config.gate);
  }
  for (Member& member : members_) {
    member.operands = Operands(type, batch, std::max(model.config.skip, model.config.end));
  }
  DivideLayers();
}

Operand WavenetHead::Publish(size_t layer) {
  const Matrix& skip = model_.weights.layers[layer].skip;
  published_[layer] = z_operands_[layer].Prepare(
      kernels_, skip, {z(layer), Padded(model_.config.gate)}, batch_);
  team_.Publish();
  return published_[layer];
}

// Gives each member as much to read: of the skip connections the others take as much more as member 0 has
// to do for the layers.
void WavenetHead::DivideLayers() {
  const WavenetConfig& c = model_.config;
  const int count = team_.size();
  double trunk = 0.0, skips = 0.0;
  for (const WavenetWeights::Layer& layer : model_.weights.layers) {
    trunk += Bytes(layer.convolution.current) + Bytes(layer.residual);
    // Multiplied at every step but read at few: about half the time.
    for (const Matrix& past : layer.convolution.past) trunk += 0.5 * Bytes(past);
    skips += Bytes(layer.skip);
  }
  // Block-sparse matrices of nothing but zeros have nothing to read.
  const double mine =
      skips > 0.0 ? std::max(0.0, (trunk + skips) / count - trunk) / skips : 0.0;
  const int tiles = Tiles(c.skip);
  const auto boundary = [&](int member) {  // the first tile that is not of members before this one
    if (member == 0) return 0;
    const double share = mine + (1.0 - mine) * (member - 1) / std::max(1, count - 1);
    return count == 1 ? tiles : static_cast<int>(std::lround(share * tiles));
  };
  for (int m = 0; m < count; ++m) {
    Member& member = members_[static_cast<size_t>(m)];
    member.skip = ShareOfTiles(c.skip, boundary(m), boundary(m + 1));
    member.end0 = EvenShare(c.end, m, count);
    member.end1 = EvenShare(c.outputs, m, count);
    for (const WavenetWeights::Layer& layer : model_.weights.layers) {
      member.skip_parts.push_back(member.skip.Of(layer.skip));
    }
    member.end0_part = member.end0.Of(model_.weights.end0);
    member.end1_part = member.end1.Of(model_.weights.end1);
  }
}

void WavenetHead::AddSkip(size_t layer, const Member& member) {
  const ptrdiff_t stride = Padded(model_.config.skip);
  float* skip = skip_.data() + member.skip.first;
  const ConstColumns start = layer == 0
                                 ? ConstColumns{model_.weights.skip_bias + member.skip.first, 0}
                                 : ConstColumns{skip, stride};
  kernels_.matmul(member.skip_parts[layer], published_[layer], start, {skip, stride}, batch_);
}

void WavenetHead::AddSkips() {
  for (size_t l = 0; l < model_.weights.layers.size(); ++l) AddSkip(l, members_[0]);
}

bool WavenetHead::LastLayers(int member) {
  Member& mine = members_[static_cast<size_t>(member)];
  const WavenetConfig& c = model_.config;
  const ptrdiff_t skip = Padded(c.skip), end = Padded(c.end), outputs = Padded(c.outputs);
  const auto relu = [&](const Share& share, AlignedFloats* x, ptrdiff_t stride) {
    for (int b = 0; b < batch_; ++b) {
      float* part = x->data() + b * stride + share.first;
      kernels_.relu(part, share.count, part);
    }
  };
  relu(mine.skip, &skip_, skip);
  if (!team_.Meet(member)) return false;
  const Matrix &end0 = model_.weights.end0, &end1 = model_.weights.end1;
  kernels_.matmul(mine.end0_part,
                  mine.operands.Prepare(kernels_, end0, {skip_.data(), skip}, batch_),
                  {model_.weights.end0_bias + mine.end0.first, 0},
                  {end_.data() + mine.end0.first, end}, batch_);
  relu(mine.end0, &end_, end);
  if (!team_.Meet(member)) return false;
  kernels_.matmul(mine.end1_part,
                  mine.operands.Prepare(kernels_, end1, {end_.data(), end}, batch_),
                  {model_.weights.end1_bias + mine.end1.first, 0},
                  {logits_.data() + mine.end1.first, outputs}, batch_);
  return team_.Meet(member);
}

void WavenetHead::Work(int member) {
  const Member& mine = members_[static_cast<size_t>(member)];
  const size_t layers = model_.weights.layers.size();
  for (uint64_t published = 0;;) {
    for (size_t l = 0; l < layers; ++l) {
      if (!team_.WaitForPublished(++published)) return;
      AddSkip(l, mine);
    }
    if (!LastLayers(member)) return;
  }
}

}  // namespace tfopt
