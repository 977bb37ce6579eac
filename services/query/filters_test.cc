// Filters of a search: what they let through, and by which names. (That they are exact inside both searches:
// common/store/filter_property_test.cc.)
#include <gtest/gtest.h>

#include <set>

#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using freshet::testing::NamesOf;
using freshet::testing::TestIndex;
using namespace std::chrono_literals;

class FiltersTest : public ::testing::Test {
 protected:
  void Open() { index_.Allow("open", {"group:everyone"}); }
  void Settle() {
    index_.Beat();
    index_.Show();
  }
  SearchResponse Answer(SearchRequest request) {
    return index_.engine->Search(TestIndex::CallerOf("ada"), request, "").value();
  }

  TestIndex index_;
};

TEST_F(FiltersTest, FiltersNarrow) {
  Open();
  const Time day = *ParseTime("2024-05-01");
  index_.Put({.id = "a", .text = "floor\n", .attributes = {{"kind", {"policy", "draft"}}}, .effective = day});
  index_.Put({.id = "b", .text = "floor\n", .attributes = {{"kind", {"form"}}}, .effective = day + 240h});
  Settle();
  const auto found = [&](store::Restriction filters) {
    return NamesOf(Answer({.query = "floor", .filters = filters}));
  };
  EXPECT_EQ(found({.attributes = {{"kind", {"draft"}}}}), "a@1");
  EXPECT_EQ(found({.attributes = {{"kind", {"none", "form"}}}}), "b@1");
  EXPECT_EQ(found({.attributes = {{"kind", {"draft"}}, {"ward", {"3"}}}}), "");
  EXPECT_EQ(found({.effective_from = day + 1h}), "b@1");
  EXPECT_EQ(found({.effective_to = day}), "a@1");
}

TEST_F(FiltersTest, APatientsDocumentsAreFoundByTheSourcesOwnName) {
  Open();
  index_.Put({.id = "a", .text = "floor\n", .patients = {PatientId("MRN-1"), PatientId("MRN-2")}});
  index_.Put({.id = "b", .text = "floor\n", .patients = {PatientId("MRN-2")}});
  index_.Put({.id = "c", .text = "floor\n", .attributes = {{"patient", {"MRN-1"}}}});
  index_.Put({.id = "d", .text = "floor\n"});
  Settle();
  const auto found = [&](std::vector<std::string> patients) {
    const SearchResponse answer = Answer({.query = "floor", .filters = {.attributes = {{"patient", patients}}}});
    std::set<std::string> names;
    for (const SearchHit& hit : answer.hits) names.insert(hit.document.value);
    EXPECT_EQ(ToJson(answer).find("MRN-2"), std::string::npos) << "what a document is about is not shown";
    return names;
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(found({"MRN-1"}), (Names{"a", "c"})) << "also where a source gives an attribute of that name";
  EXPECT_EQ(found({"MRN-2"}), (Names{"a", "b"}));
  EXPECT_EQ(found({"MRN-1", "MRN-2"}), (Names{"a", "b", "c"}));
  EXPECT_EQ(found({"MRN-3"}), Names{});
}

}  // namespace
}  // namespace freshet::query
