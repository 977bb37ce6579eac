// SingerOptions: what a source of `connector: singer` may set. A plain value.
//
//   Result<SingerOptions> options = ParseOptions<SingerOptions>(node);
//   FRESHET_RETURN_IF_ERROR(Validate(*options));
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/rows/options.h"

namespace freshet::singer {

enum class Protocol : uint8_t { kSinger, kAirbyte };
// What a run of the tap tells.
enum class Runs : uint8_t {
  kChanges,  // what changed since the state that it is given
  kAll,      // everything there is
};
// What a column means that a record does not have.
enum class Missing : uint8_t { kUnknown, kNull };

struct SingerOptions {
  std::vector<std::string> command;
  std::vector<std::string> check;
  Protocol protocol = Protocol::kSinger;
  std::map<std::string, std::string> environment;
  rows::MappingOptions mapping;
  std::map<std::string, std::vector<std::string>> keys;
  std::string deleted = "_sdc_deleted_at";
  Missing missing = Missing::kUnknown;
  Runs runs = Runs::kChanges;
  Duration every = std::chrono::minutes(1);
  Duration list_every{0};
  Duration silence = std::chrono::minutes(10);
  ByteSize max_line{64ull << 20};
};

// configuration: no command, a mapping that would have to ask the source, Airbyte streams without keys.
Status Validate(const SingerOptions& options);

}  // namespace freshet::singer

namespace freshet {

template <>
struct EnumTable<singer::Protocol> {
  static constexpr std::array names = {EnumName{"singer", singer::Protocol::kSinger},
                                       EnumName{"airbyte", singer::Protocol::kAirbyte}};
};
template <>
struct EnumTable<singer::Runs> {
  static constexpr std::array names = {EnumName{"changes", singer::Runs::kChanges},
                                       EnumName{"all", singer::Runs::kAll}};
};
template <>
struct EnumTable<singer::Missing> {
  static constexpr std::array names = {EnumName{"unknown", singer::Missing::kUnknown},
                                       EnumName{"null", singer::Missing::kNull}};
};

template <>
struct OptionTable<singer::SingerOptions> {
  using O = singer::SingerOptions;
  static constexpr auto fields = std::tuple{
      Field("command", &O::command,
            "The tap and its arguments, without a shell; `--state <file>` is put behind them where there is a state.")
          .Required(),
      Field("check", &O::check, "A command that ends with 0 where the source can be reached. Empty: none is run."),
      Field("protocol", &O::protocol, "What is written to standard output."),
      Field("environment", &O::environment,
            "Variables of the tap, by name; besides them it gets PATH, HOME, LANG, TZ and TMPDIR and nothing else."),
      Field("mapping", &O::mapping, "Which records are documents and patients; a table is a stream.").Required(),
      Field("keys", &O::keys,
            "Columns that identify a record, by stream, where the tap does not say or says wrong. Airbyte: of each "
            "mapped stream."),
      Field("deleted", &O::deleted, "A column that is not null where the record has been deleted. Empty: none is."),
      Field("missing", &O::missing,
            "A column that a record does not have: `unknown` (the document is refused, visibly), or `null`."),
      Field("runs", &O::runs,
            "What a run tells: `changes` since a state, or `all`: what is not told has been deleted."),
      Field("every", &O::every, "From the beginning of a run to that of the next. Less: fresher, and more load.")
          .Range(Duration(1000), std::chrono::hours(24)),
      Field("list_every", &O::list_every,
            "How often a run without a state lists everything, so that deletes which the tap does not tell are found. "
            "0: only when asked for.")
          .Range(Duration(0), std::chrono::hours(24 * 366)),
      Field("silence", &O::silence, "A tap that writes nothing for so long is ended, and begun anew.")
          .Range(std::chrono::seconds(1), std::chrono::hours(24)),
      Field("max_line", &O::max_line, "A longer message stops the source. Costs so much memory.")
          .Range(ByteSize{1ull << 16}, ByteSize{512ull << 20})};
};

}  // namespace freshet
