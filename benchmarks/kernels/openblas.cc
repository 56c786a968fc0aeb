// OpenBLAS: sgemv. It has sbgemv, for bfloat16, only where it was built with it, as Debian's is not.
#include <cblas.h>

#include "blas.h"

namespace benchmarks {

std::vector<Way> LibraryWays() {
  std::vector<Way> ways;
  AddSgemv("OpenBLAS", &ways);
  return ways;
}

std::string LibraryVersion() {
  return std::string(openblas_get_config()) + ", kernels for " + openblas_get_corename();
}

}  // namespace benchmarks
