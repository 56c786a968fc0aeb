#include "problem.h"

#include <algorithm>
#include <random>

namespace benchmarks {
namespace {

constexpr double kDensity = 0.1;

// Sets all but a part of the blocks to zero, and their weights to 127 or -127.
void MakeSparse(int block_outputs, int block_inputs, std::mt19937* random, Problem* p) {
  struct Place {
    int output, input;
  };
  std::vector<Place> places;
  for (int i = 0; i < p->inputs; i += block_inputs) {
    for (int o = 0; o < p->outputs; o += block_outputs) places.push_back({o, i});
  }
  std::shuffle(places.begin(), places.end(), *random);
  places.resize(static_cast<size_t>(kDensity * static_cast<double>(places.size()) + 0.5));
  std::fill(p->weights.begin(), p->weights.end(), 0.0f);
  for (const Place& place : places) {
    for (int i = place.input; i < std::min(place.input + block_inputs, p->inputs); ++i) {
      for (int o = place.output; o < std::min(place.output + block_outputs, p->outputs); ++o) {
        p->weights[static_cast<size_t>(i * p->outputs + o)] = (*random)() % 2 == 0 ? 127.0f : -127.0f;
      }
    }
  }
}

}  // namespace

Problem::Problem(const Shape& shape, Sparsity sparsity)
    : outputs(shape.outputs), inputs(shape.inputs), copies(CopiesOf(shape)) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> integers(-127, 127);
  x.resize(static_cast<size_t>(inputs));
  for (float& value : x) value = static_cast<float>(integers(random));
  x[0] = 127.0f;
  weights.resize(static_cast<size_t>(inputs * outputs));
  for (float& weight : weights) weight = static_cast<float>(integers(random));
  std::fill_n(weights.begin(), outputs, 127.0f);
  if (sparsity == Sparsity::k16x1) MakeSparse(16, 1, &random, this);
  if (sparsity == Sparsity::k8x4) MakeSparse(8, 4, &random, this);
}

std::vector<float> Problem::Result() const {
  std::vector<float> y(static_cast<size_t>(outputs));
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t o = 0; o < y.size(); ++o) y[o] += weights[i * y.size() + o] * x[i];
  }
  return y;
}

std::vector<float> Problem::Rows() const {
  const size_t columns = static_cast<size_t>(inputs), rows = static_cast<size_t>(outputs);
  std::vector<float> transposed(weights.size());
  for (size_t i = 0; i < columns; ++i) {
    for (size_t o = 0; o < rows; ++o) transposed[o * columns + i] = weights[i * rows + o];
  }
  return transposed;
}

std::vector<int32_t> Problem::Corrections() const {
  std::vector<int32_t> corrections(static_cast<size_t>(outputs));
  for (size_t i = 0; i < weights.size(); ++i) {
    corrections[i % corrections.size()] -= 128 * static_cast<int32_t>(weights[i]);
  }
  return corrections;
}

}  // namespace benchmarks
