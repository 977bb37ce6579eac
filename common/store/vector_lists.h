// VectorLists: the centroids of a space's inverted lists, in memory: which list a vector belongs to, and in which order
// a search looks into them.
//
//   std::shared_ptr<const VectorLists> lists = VectorLists::Make(384, centroids);     // by the lists' numbers
//   uint32_t list = lists->Nearest(codes, scale);
//   std::vector<uint32_t> order = lists->InOrder(query_codes, query_scale);    // the nearest first
//   size_t looked_into = lists->ProbesFor(.01);                                // by a caller who may read a hundredth
//
// How many lists hold what a search wants is measured, not derived (Jegou, Douze & Schmid, Product Quantization for
// Nearest Neighbor Search, PAMI 2011, call it w; Faiss, nprobe): it grows with the root of the number of lists, and
// where a filter lets few documents through, the nearest of these lie farther away. Immutable: any thread.
#pragma once

#include <map>
#include <memory>

#include "common/store/vector_list.h"

namespace freshet::store {

class VectorLists {
 public:
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
  std::vector<uint32_t> InOrder(std::span<const int8_t> codes, float scale) const {
    return NearestFew(codes, scale, size());
  }
  // Of the lists in order, those that hold .95 of the ten nearest of the documents that a filter lets through; `share`
  // of all, from 0 to 1.
  size_t ProbesFor(double share) const;

 private:
  VectorLists(uint32_t dimensions, Centroids centroids);
  std::vector<float> DotsWith(std::span<const int8_t> codes, float scale) const;

  const uint32_t dimensions_;
  const Centroids centroids_;
  // The same, one after the other.
  std::vector<uint32_t> numbers_;
  std::vector<float> scales_;
  std::vector<float> half_squares_;  // of the centroids' lengths
  std::vector<int8_t> codes_;
};

}  // namespace freshet::store
