// Times every way of computing every product, after comparing its result with the right one.
//
// One vector, one thread. Vectors are of the type that a product wants before the time starts, as several matrices
// of a model read the same. Names are library/function/type/model/outputs x inputs.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "problem.h"

namespace benchmarks {
namespace {

// Why a way cannot be timed; empty if it can.
std::string Check(const Problem& problem, Product* product) {
  if (product == nullptr) return "not supported on this CPU";
  const std::vector<float> expected = problem.Result();
  for (size_t copy = 0; copy < problem.copies; ++copy) {
    product->Run(copy);
    if (product->Result() != expected) return "the result is wrong";
  }
  return "";
}

void Time(benchmark::State& state, const Way& way, const Shape& shape) {
  struct Made {
    std::unique_ptr<Product> product;
    std::string wrong;
  };
  // Repetitions come in random order: packing for each would take longer than they do.
  static std::map<std::pair<const Way*, const Shape*>, Made> made;
  const auto [place, is_new] = made.try_emplace({&way, &shape});
  Made& it = place->second;
  if (is_new) {
    const Problem problem(shape, way.sparsity);
    it.product = way.make(problem);
    it.wrong = Check(problem, it.product.get());
  }
  if (!it.wrong.empty()) return state.SkipWithError(it.wrong.c_str());
  const size_t copies = CopiesOf(shape);
  size_t copy = 0;
  for (auto _ : state) {
    it.product->Run(copy);
    if (++copy == copies) copy = 0;
  }
}

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) {
  using namespace benchmarks;
  std::vector<Way> ways = TfoptWays();
  for (Way& way : LibraryWays()) ways.push_back(std::move(way));
  for (const Shape& shape : kShapes) {
    for (const Way& way : ways) {
      const std::string size = std::to_string(shape.outputs) + "x" + std::to_string(shape.inputs);
      const std::string name =
          way.library + "/" + way.function + "/" + way.type + "/" + shape.model + "/" + size;
      benchmark::RegisterBenchmark(name.c_str(), Time, way, shape);
    }
  }
  benchmark::AddCustomContext("library_version", LibraryVersion());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
