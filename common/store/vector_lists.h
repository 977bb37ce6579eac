// VectorLists: the centroids of a space's inverted lists, in memory: which list a vector belongs to, and in which order
// a search looks into them.
//
//   std::shared_ptr<const VectorLists> lists = VectorLists::Make(384, centroids);     // by the lists' numbers
//   uint32_t list = lists->Nearest(codes, scale);
//   std::vector<VectorLists::Step> steps = lists->Promises(query_codes, query_scale);   // by what they promise
//
// What a list promises is an estimate of the best cosine in it. With c its centroid and x its vectors, q·x = q·c +
// q·(x - c), and the second term is spread about 0 by |q - c| * spread, whatever the number of dimensions; the best of
// a few hundred lies some kReach of that above. A search that has `count` better hits than the next list promises is
// done: so it looks into few lists where the query lies among many near vectors, and into more where a filter lets few
// through. Immutable: any thread.
#pragma once

#include <map>
#include <memory>

#include "common/store/vector_list.h"

namespace freshet::store {

class VectorLists {
 public:
  struct Step {
    float promise;
    uint32_t list;
    bool operator<(const Step& other) const {
      return promise != other.promise ? promise > other.promise : list < other.list;
    }
  };

  using Centroids = std::map<uint32_t, Centroid>;

  static std::shared_ptr<const VectorLists> Make(uint32_t dimensions, Centroids centroids);

  uint32_t dimensions() const { return dimensions_; }
  size_t size() const { return numbers_.size(); }
  bool Contains(uint32_t list) const { return centroids_.contains(list); }
  const Centroids& centroids() const { return centroids_; }
  uint64_t MemoryBytes() const { return size() * (2 * dimensions_ + 120); }

  // Of the least distance; there must be one.
  uint32_t Nearest(std::span<const int8_t> codes, float scale) const { return NearestFew(codes, scale, 1).front(); }
  // The nearest `count`, the nearest first.
  std::vector<uint32_t> NearestFew(std::span<const int8_t> codes, float scale, size_t count) const;
  // In no order.
  std::vector<Step> Promises(std::span<const int8_t> codes, float scale) const;

 private:
  VectorLists(uint32_t dimensions, Centroids centroids);
  std::vector<float> DotsWith(std::span<const int8_t> codes, float scale) const;

  const uint32_t dimensions_;
  const Centroids centroids_;
  // The same, one after the other.
  std::vector<uint32_t> numbers_;
  std::vector<float> scales_;
  std::vector<float> spreads_;
  std::vector<float> half_squares_;  // of the centroids' lengths
  std::vector<int8_t> codes_;
};

}  // namespace freshet::store
