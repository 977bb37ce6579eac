// Places: where something of a document is left, and when nothing of it will be.
//
//   Places places;
//   places.Add("log/changes.live", 2, newest + retention);   // retention takes these
//   places.Add("index", 1);                                  // nothing takes this by itself
//   places.NotExamined("vector-cache", "it has no names");
//   places.gone();      // nothing is left anywhere that was looked at
//   places.gone_by();   // when that will be so by itself; nothing: never, or it is so already
//
// A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"

namespace freshet::repair {

class Places {
 public:
  struct Row {
    std::string place;
    uint64_t left = 0;
    std::optional<Time> gone_by;  // none: nothing takes it by itself, or nothing is left
  };
  struct Unseen {
    std::string place;
    std::string why;
  };

  void Add(std::string place, uint64_t left, std::optional<Time> by = {});
  void NotExamined(std::string place, std::string why) { unseen_.push_back({std::move(place), std::move(why)}); }

  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<Unseen>& unseen() const { return unseen_; }
  bool gone() const;
  std::optional<Time> gone_by() const;

 private:
  std::vector<Row> rows_;
  std::vector<Unseen> unseen_;
};

}  // namespace freshet::repair
