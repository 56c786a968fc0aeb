#include "program/load.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "program/about.h"
#include "program/input.h"

namespace tfopt {
namespace {

using Bytes = std::unique_ptr<uint8_t[], FreeAligned>;

// As much memory as a pipe's file is given at first.
constexpr size_t kFirstBytes = size_t{1} << 20;

Bytes Allocate(size_t bytes) {
  Bytes memory(static_cast<uint8_t*>(std::aligned_alloc(kAlignment, RoundUp(bytes, kAlignment))));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

Status Read(Input* input, LoadedModel* model) {
  uint8_t header[ModelFile::kHeaderBytes] = {};
  size_t size = 0, total = 0;
  TFOPT_RETURN_IF_ERROR(input->ReadAll(header, sizeof(header), &size));
  if (size < sizeof(header)) return ModelFile::Read(header, size, &model->file);
  TFOPT_RETURN_IF_ERROR(ModelFile::ReadHeader(header, &total));
  // The header may promise more than ever comes, so memory grows with what is there.
  size_t capacity = std::max(std::min(total, std::max(input->size(), kFirstBytes)), sizeof(header));
  Bytes bytes = Allocate(capacity);
  std::memcpy(bytes.get(), header, sizeof(header));
  while (true) {
    size_t got = 0;
    TFOPT_RETURN_IF_ERROR(input->ReadAll(bytes.get() + size, capacity - size, &got));
    size += got;
    if (size < capacity || capacity >= total) break;
    Bytes grown = Allocate(capacity = std::min(total, 2 * capacity));
    std::memcpy(grown.get(), bytes.get(), size);
    bytes = std::move(grown);
  }
  uint8_t more = 0;
  size_t behind = 0;
  TFOPT_RETURN_IF_ERROR(input->ReadAll(&more, 1, &behind));
  if (behind > 0) {
    return Status::Invalid("expected " + std::to_string(total) +
                           " bytes as the file's header says, got more");
  }
  TFOPT_RETURN_IF_ERROR(ModelFile::Read(bytes.get(), size, &model->file));
  model->bytes = std::move(bytes);
  return {};
}

}  // namespace

Status LoadModel(const std::string& path, LoadedModel* model) {
  Input input;
  const Status opened = input.Open(path);
  return AboutModel(path, opened.ok() ? Read(&input, model) : opened);
}

Status AboutModel(const std::string& path, const Status& status) {
  return About("MODEL: " + path, status);
}

}  // namespace tfopt
