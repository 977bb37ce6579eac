// Where the model directory is, and its tokenizer.
//
//   const std::filesystem::path directory = FindModelDir(options.model_dir);
//   FRESHET_ASSIGN_OR_RETURN(auto tokenizer, LoadTokenizer(directory));
//
// Codes: model_missing, with the path and what is wrong.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "common/model/wordpiece.h"

namespace freshet::model {

inline constexpr const char* kDefaultModel = "all-MiniLM-L6-v2";

// The configured one if there is one; else $FRESHET_MODEL_DIR; else the first that is there of
//   <prefix>/share/freshet/models/all-MiniLM-L6-v2   of an executable <prefix>/bin/freshet: installed
//   <build>/deps/all-MiniLM-L6-v2                    of an executable <build>/<preset>/bin/freshet: from set-up
// or the last, where none is there, so that the error names it.
std::filesystem::path FindModelDir(const std::filesystem::path& configured);

// The same for an executable in `bin`.
std::vector<std::filesystem::path> ModelDirsBeside(const std::filesystem::path& bin);

struct ModelTokenizer {
  std::unique_ptr<WordPiece> wordpiece;
  size_t vocabulary = 0;    // ids are below
  std::string fingerprint;  // of the vocabulary: 8 hexadecimal digits
};

// By vocab.txt, or, where that is absent, by the vocabulary in tokenizer.json.
Result<ModelTokenizer> LoadTokenizer(const std::filesystem::path& directory);

}  // namespace freshet::model
