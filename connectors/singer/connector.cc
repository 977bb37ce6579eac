#include "connectors/singer/connector.h"

#include <thread>

#include "common/telemetry/log.h"
#include "connectors/source/source_connector.h"

namespace freshet::singer {
namespace {

constexpr size_t kKnownDocuments = 262'144;
constexpr Duration kListingWait = std::chrono::milliseconds(100);  // how long a stop may go unnoticed
constexpr size_t kMostCheckBytes = 64u << 10;
constexpr Duration kCheckPatience = std::chrono::minutes(1);

// What decides which events the same records make.
Hash128 FingerprintOf(const SingerOptions& options, const rows::Mapping& mapping) {
  std::string text(AsBytes(mapping.fingerprint()));
  for (const std::string& word : options.command) AppendText(text, word);
  for (const auto& [stream, columns] : options.keys) {
    AppendText(text, stream);
    for (const std::string& column : columns) AppendText(text, column);
  }
  AppendText(text, options.deleted);
  text += options.missing == Missing::kNull ? 'n' : 'u';
  return HashOf(text);
}

}  // namespace

TapSource::TapSource(SingerOptions options, rows::Mapping mapping)
    : options_(std::move(options)), mapping_(std::move(mapping)), reader_(options_.protocol), known_(kKnownDocuments) {}

Status TapSource::Check() {
  FRESHET_RETURN_IF_ERROR(Validate(options_));
  FRESHET_RETURN_IF_ERROR(Decoder(options_, mapping_, 1).Check());
  if (options_.check.empty()) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(const auto child,
                           Child::Start({.command = options_.check, .environment = options_.environment, .state = {}}));
  std::string line, all;
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    FRESHET_ASSIGN_OR_RETURN(const Child::Got got, child->Next(line, kListingWait));
    if (got == Child::Got::kLine && all.size() < kMostCheckBytes) all += line.substr(0, kMostCheckBytes);
    if (got == Child::Got::kEnd) break;
    if (std::chrono::steady_clock::now() - begin > kCheckPatience) {
      return Status(Code::kTimeout, "check: does not end within a minute");
    }
  }
  const bool refused = all.find("CONNECTION_STATUS") != std::string::npos && all.find("FAILED") != std::string::npos;
  if (child->exit_status() == 0 && !refused) return OkStatus();
  return Status(Code::kUnavailable, "check: the tap ends with " + std::to_string(child->exit_status()) +
                                        "; run the command by hand to see what it says");
}

Status TapSource::Open(SourceStart start) {
  clock_ = start.clock;
  std::optional<Position> position = Position::Decode(start.position);
  const Hash128 mapping = FingerprintOf(options_, mapping_);
  relist_ = position && position->mapping != mapping;
  if (relist_) Log(LogLevel::kWarning, "Configuration says something else: everything is listed anew.");
  position_ = position && !relist_ ? std::move(*position) : Position{};
  position_.mapping = mapping;
  untold_ = !position;
  our_listing_ = false;
  next_run_ = Time();
  told_ = std::move(start.position);
  complete_.reset();
  known_.Clear();
  decoder_ = std::make_unique<Decoder>(options_, mapping_, start.epoch);
  return decoder_->Check();
}

void TapSource::Close() {
  run_.reset();
  decoder_.reset();
}

Result<SourceBatch> TapSource::Snapshot(const std::string& cursor) {
  SourceBatch out;
  std::optional<Position> from = Position::Decode(cursor);
  if (from && from->mapping != position_.mapping) from.reset();
  if (!from || run_ == nullptr || !run_->lists_all) {
    if (!std::exchange(our_listing_, false)) known_.Clear();  // somebody wants to have it all
    const Position begin = from.value_or(Position{.mapping = position_.mapping});
    position_ = begin;
    FRESHET_RETURN_IF_ERROR(Start(true, begin));
    out.first = !from;
    out.begin = run_->begin;
  }
  FRESHET_ASSIGN_OR_RETURN(out.done, Pump(kListingWait, out));
  if (out.done) {
    complete_ = position_.listed = run_->begun;
    relist_ = false;
    untold_ = true;
    run_.reset();
  } else {
    run_->told = false;
  }
  out.position = position_.Encode();
  return out;
}

bool TapSource::WantsListing(Time now) const {
  const bool due =
      options_.list_every > Duration(0) && IsDue(position_.listed + options_.list_every, now, options_.list_every);
  return options_.runs == Runs::kAll || relist_ || due;
}

// Where nothing is new there is nothing to store.
void TapSource::TellPosition(const Position& position, SourceBatch& out) {
  std::string text = position.Encode();
  if (text != told_) out.position = told_ = std::move(text);
}

Result<SourceBatch> TapSource::Stream(Duration wait) {
  SourceBatch out;
  if (run_ != nullptr && run_->lists_all) {
    if (std::exchange(untold_, false)) TellPosition(Position{.mapping = position_.mapping}, out);
    return out;
  }
  if (std::exchange(untold_, false)) TellPosition(position_, out);
  out.complete_up_to = std::exchange(complete_, std::nullopt);
  if (run_ == nullptr) {
    const Time now = clock_->Now();
    if (!IsDue(next_run_, now, options_.every)) {
      if (out.position.empty()) std::this_thread::sleep_for(std::min(wait, std::max(next_run_ - now, Duration(0))));
      return out;
    }
    out.snapshot_wanted = our_listing_ = WantsListing(now);
    if (out.snapshot_wanted) return out;
    FRESHET_RETURN_IF_ERROR(Start(false, position_));
  }
  FRESHET_ASSIGN_OR_RETURN(const bool ended, Pump(wait, out));
  if (ended) AddUnmentioned(out);
  if (std::exchange(run_->told, false) || ended) TellPosition(position_, out);
  if (!ended) return out;
  out.complete_up_to = run_->begun;
  run_.reset();
  return out;
}

Result<std::unique_ptr<Connector>> MakeSingerConnector(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(SingerOptions options, ParseOptions<SingerOptions>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  FRESHET_ASSIGN_OR_RETURN(rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
  return std::unique_ptr<Connector>(
      std::make_unique<SourceConnector>(std::make_unique<TapSource>(std::move(options), std::move(mapping))));
}

}  // namespace freshet::singer
