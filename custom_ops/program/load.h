// Model files in memory.
#ifndef TFOPT_PROGRAM_LOAD_H_
#define TFOPT_PROGRAM_LOAD_H_

#include <cstdint>
#include <memory>
#include <string>

#include "engine/aligned.h"
#include "engine/packing/model_file.h"
#include "engine/status.h"

namespace tfopt {

// A model file and the bytes that it is read from.
struct LoadedModel {
  std::unique_ptr<uint8_t[], FreeAligned> bytes;
  ModelFile file;
};

// Reads a file, which may be a pipe.
Status LoadModel(const std::string& path, LoadedModel* model);

// A failure as one of the argument MODEL.
Status AboutModel(const std::string& path, const Status& status);

}  // namespace tfopt

#endif  // TFOPT_PROGRAM_LOAD_H_
