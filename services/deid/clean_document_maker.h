// CleanDocumentMaker: the one place where a CleanDocument comes to be (schemas/clean.h). Only services/deid includes
// this header.
//
//   CleanDocument clean = CleanDocumentMaker::Make(std::move(fields));   // after verification
#pragma once

#include "schemas/clean.h"

namespace freshet::deid {

class CleanDocumentMaker {
 public:
  static CleanDocument Make(CleanFields fields) { return CleanDocument(std::move(fields)); }
};

}  // namespace freshet::deid
