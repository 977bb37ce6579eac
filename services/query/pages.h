// The web pages, as Vite built them from services/query/page, embedded in the binary: nothing is fetched from
// elsewhere.
//
//   const PageFile* file = FindPage("freshness.js");    // of /pages/freshness.js
//
// They are open to all: what they show, they ask for with the caller's token. Any thread.
#pragma once

#include <span>
#include <string_view>

namespace freshet::query {

struct PageFile {
  std::string_view name;
  std::string_view type;
  std::string_view bytes;
};

std::span<const PageFile> PageFiles();
const PageFile* FindPage(std::string_view name);  // null where there is none

// What a page may do: nothing but show itself and ask this server.
inline constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace freshet::query
