// The matrices that the presets and g2p_en-2.1.0 multiply with one vector at each step.
#ifndef TFOPT_BENCHMARKS_KERNELS_SHAPES_H_
#define TFOPT_BENCHMARKS_KERNELS_SHAPES_H_

#include <cstddef>

namespace benchmarks {

struct Shape {
  const char* model;
  int outputs, inputs;
  int matrices;  // that the model has of it
};

constexpr Shape kShapes[] = {
    // Of the presets of tfopt.wavenet: gates (two taps), residual, skip, end.
    {"WaveNet default", 128, 64, 40},
    {"WaveNet default", 64, 64, 19},
    {"WaveNet default", 256, 64, 20},
    {"WaveNet default", 256, 256, 2},
    {"WaveNet small", 64, 32, 20},
    {"WaveNet small", 32, 32, 9},
    {"WaveNet small", 128, 32, 10},
    {"WaveNet small", 128, 128, 1},
    {"WaveNet small", 256, 128, 1},
    // Of those of tfopt.wavernn: the second GRU's input; gates; candidates, fc and, of default, output.
    {"WaveRNN default", 1536, 512, 1},
    {"WaveRNN default", 1024, 512, 2},
    {"WaveRNN default", 512, 512, 5},
    {"WaveRNN small", 384, 128, 1},
    {"WaveRNN small", 256, 128, 2},
    {"WaveRNN small", 128, 128, 4},
    {"WaveRNN small", 512, 128, 1},
    // g2p_en-2.1.0: gates, candidates, output.
    {"g2p", 512, 256, 2},
    {"g2p", 256, 256, 2},
    {"g2p", 74, 256, 1},
};

// How many matrices of a shape have as many weights as its model.
constexpr size_t CopiesOf(const Shape& shape) {
  size_t weights = 0;
  for (const Shape& other : kShapes) {
    bool same = true;
    for (size_t i = 0; same && (other.model[i] != 0 || shape.model[i] != 0); ++i) {
      same = other.model[i] == shape.model[i];
    }
    if (same) weights += static_cast<size_t>(other.outputs * other.inputs * other.matrices);
  }
  const size_t each = static_cast<size_t>(shape.outputs * shape.inputs);
  return (weights + each - 1) / each;
}

}  // namespace benchmarks

#endif  // TFOPT_BENCHMARKS_KERNELS_SHAPES_H_
