// How the outputs of a layer are divided among the threads of a team: in whole tiles, so that each thread's
// part of a matrix is a matrix too.
#ifndef TFOPT_ENGINE_SHARE_H_
#define TFOPT_ENGINE_SHARE_H_

#include <algorithm>
#include <cstddef>

#include "engine/kernels/kernels.h"

namespace tfopt {

// Consecutive padded outputs of a layer.
struct Share {
  int first = 0, count = 0;

  // The part of a packed matrix that computes them. `first` is where a tile begins.
  Matrix Of(const Matrix& w) const {
    Matrix part = w;
    part.outputs = count;
    if (w.scales != nullptr) part.scales += first;
    if (w.block_starts != nullptr) {
      part.block_starts += first / OutputsPerBlock(w.type);
    } else {
      const ptrdiff_t bytes = ptrdiff_t{first} * 4 * InputGroups(w.type, w.inputs);
      part.weights = static_cast<const char*>(w.weights) + bytes;
    }
    return part;
  }
};

// Tiles of a layer, the last of which may be narrower than kTile.
inline int Tiles(int channels) { return (Padded(channels) + kTile - 1) / kTile; }

// The tiles from `first` on that come before `last`.
inline Share ShareOfTiles(int channels, int first, int last) {
  const auto place = [&](int tile) { return std::min(tile * kTile, Padded(channels)); };
  return {place(first), place(last) - place(first)};
}

// A member's share where all have as many tiles, but for one. Of fewer tiles than members some get none.
inline Share EvenShare(int channels, int member, int members) {
  const int tiles = Tiles(channels);
  return ShareOfTiles(channels, tiles * member / members, tiles * (member + 1) / members);
}

}  // namespace tfopt

#endif  // TFOPT_ENGINE_SHARE_H_
