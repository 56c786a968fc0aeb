// A model as one file, which `tfopt pack` writes for programs that have nothing but the engine.
//
//   offset  bytes
//        0      8  "TFOPTBIN"
//        8      4  version of the file
//       12      4  kind of model (packed_model.h)
//       16      8  bytes of the file
//       24      8  number of sections
//       32   48 n  for each section: its name (32 bytes, filled up with zeros), offset (8) and size (8)
//   then the sections, each aligned to 64 bytes, with zeros between them
//
// Integers are little-endian. Sections of every model:
//
//   name     UTF-8
//   model    the packed model, as the ops read it (packed_model.h)
//
// of a WaveNet:
//
//   sample_rate         int32 [1], in Hz
//   amplitudes          float32 [classes]: what each class sounds like; empty if samples are amplitudes
//   upsampling.factors  int32 [stages]
//   upsampling.phases   float32: for each stage [factor, 3] (layers/upsampling.h)
//   speakers            float32 [speakers, global channels]; empty without global conditioning
//
// of a WaveRNN sample_rate, amplitudes (of the classes, mu-law or not), upsampling.factors and
// upsampling.phases as well, and
//
//   resnet.shape    int32 [3]: frames on each side, channels, blocks
//   resnet.weights  float32: the residual network's tensors (layers/mel_resnet.h)
//
// and of a grapheme-to-phoneme model:
//
//   graphemes  int32 [n]: the grapheme of each code point, -1 for one that is dropped; the last entry stands
//              for all larger code points too
//   reading    int32 [3]: the grapheme of an unknown character; the one that ends a word; the most
//              graphemes that are read of a word, its end among them, or 0
//   phonemes   for each phoneme its length in bytes (4) and UTF-8, without control characters
//
// The file may come from anywhere, so nothing in it is believed.
#ifndef TFOPT_ENGINE_PACKING_MODEL_FILE_H_
#define TFOPT_ENGINE_PACKING_MODEL_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/packing/packed_model.h"
#include "engine/status.h"

namespace tfopt {

// Values that stand in a file.
template <class T>
struct Array {
  const T* data = nullptr;
  size_t size = 0;  // values

  const T* begin() const { return data; }
  const T* end() const { return data + size; }
};

class ModelFile {
 public:
  struct Section {
    std::string name;
    Array<uint8_t> bytes;  // aligned to 64 bytes
  };

  static constexpr size_t kHeaderBytes = 32;

  // Checks the first 32 bytes of a file and says how long the file has to be: read before the rest is.
  static Status ReadHeader(const uint8_t* header, size_t* bytes);

  // Reads a file in place: `buffer`, aligned to 64 bytes, has to outlive the result. Checks the header and
  // where the sections lie; what they hold is up to the caller.
  static Status Read(const uint8_t* buffer, size_t size, ModelFile* file);

  PackedKind kind() const { return kind_; }
  const std::vector<Section>& sections() const { return sections_; }

  // A section's bytes or values; fails if it is not there, or has other sizes than whole values.
  Status Find(const char* name, Array<uint8_t>* bytes) const;
  Status Find(const char* name, Array<float>* values) const;
  Status Find(const char* name, Array<int32_t>* values) const;

 private:
  PackedKind kind_ = PackedKind::kMatrix;
  std::vector<Section> sections_;
};

// A section that does not hold what it should.
Status WrongSection(const char* name, const std::string& expected, const std::string& given);

}  // namespace tfopt

#endif  // TFOPT_ENGINE_PACKING_MODEL_FILE_H_
