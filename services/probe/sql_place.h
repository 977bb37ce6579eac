// SqlPlace: the prober's place in a database that some connector reads (PostgreSQL's own, Debezium): rows of its own,
// written by statements that whoever knows the schema gives.
//
//   SqlPlace place({.connection = url, .write = "INSERT INTO memo VALUES (-1, $1, 'probe') ON CONFLICT (id) DO UPDATE "
//                   "SET body = $1", .permit = "…", .revoke = "…", .remove = "DELETE FROM memo WHERE id = -1"},
//                   reader);
//
//   write    $1 is the document's text; makes the row or changes it
//   permit   $1 is the reader as access lists name it (user:prober); fine where it may read already
//   revoke   the same
//   remove   no parameter: the document and its access list; fine where there is none
//
// A statement that does not mention $1 is given none. The connection should be of a role that may write these rows and
// nothing else; it is made again after it broke. Codes: those of SqlClient (unavailable, configuration). One thread.
#pragma once

#include <memory>
#include <string>

#include "common/config/options.h"
#include "connectors/postgres/sql_client.h"
#include "services/probe/probe.h"

namespace freshet::probe {

struct SqlPlaceOptions {
  std::string connection;
  std::string write, permit, revoke, remove;
};

class SqlPlace final : public ProbePlace {
 public:
  SqlPlace(SqlPlaceOptions options, std::string reader) : options_(std::move(options)), reader_(std::move(reader)) {}

  Status Write(const std::string& text) override { return Run(options_.write, text); }
  Status Permit(bool permitted) override { return Run(permitted ? options_.permit : options_.revoke, reader_); }
  Status Remove() override { return Run(options_.remove, ""); }

 private:
  Status Run(const std::string& statement, const std::string& value);

  const SqlPlaceOptions options_;
  const std::string reader_;
  std::unique_ptr<postgres::SqlClient> client_;
};

}  // namespace freshet::probe

namespace freshet {

template <>
struct OptionTable<probe::SqlPlaceOptions> {
  using Options = probe::SqlPlaceOptions;
  static constexpr auto fields = std::tuple{
      Field("connection", &Options::connection, "Of a role that may write the prober's rows and nothing else.")
          .Required()
          .Secret(),
      Field("write", &Options::write, "Makes the document's row or changes it; $1 is its text.").Required(),
      Field("permit", &Options::permit, "Lets the reader see it; $1 is the reader, as access lists name it.")
          .Required(),
      Field("revoke", &Options::revoke, "Takes that away; $1 is the reader.").Required(),
      Field("remove", &Options::remove, "Removes whatever the others made; fine where there is nothing.").Required()};
};

}  // namespace freshet
