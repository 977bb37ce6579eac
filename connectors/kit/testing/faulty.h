// For tests of the kit: a connector with one fault, made of one that has none.
//
//   struct Forgets : FaultyHost { Status Publish(...) override { return OkStatus(); } };
//   Faults faults{.host = [] { return std::make_unique<Forgets>(); }};
//   FaultyRig rig(std::move(sound_rig), faults);     // its connectors say everything through a Forgets
//
// One thread, as rigs are.
#pragma once

#include <functional>
#include <memory>

#include "connectors/kit/passing_host.h"
#include "connectors/kit/rig.h"

namespace freshet::kit {

struct FaultyHost : PassingHost {
  // The connector has nothing to do; its step failed.
  virtual Status Rest() { return OkStatus(); }
  virtual void Failed() {}
};

struct Faults {
  std::function<std::unique_ptr<FaultyHost>()> host = [] { return std::make_unique<FaultyHost>(); };
  std::function<Status(Connector& sound, Rig& rig)> check = [](Connector& sound, Rig&) { return sound.Check(); };
  std::function<Result<Upsert>(Result<Upsert>)> fetched = [](Result<Upsert> upsert) { return upsert; };
  std::function<Status(Status)> ended = [](Status status) { return status; };  // Run
};

class FaultyConnector final : public Connector {
 public:
  FaultyConnector(std::unique_ptr<Connector> sound, Rig& rig, const Faults& faults)
      : sound_(std::move(sound)), rig_(rig), faults_(faults), host_(faults.host()) {}

  Status Check() override { return faults_.check(*sound_, rig_); }
  Result<Upsert> Fetch(const DocumentId& document) override { return faults_.fetched(sound_->Fetch(document)); }
  Status Run(ConnectorHost& host) override {
    host_->host = &host;
    return faults_.ended(sound_->Run(*host_));
  }
  Result<bool> Step(ConnectorHost& host) override {
    host_->host = &host;
    const Result<bool> did = sound_->Step(*host_);
    if (!did.ok()) host_->Failed();
    if (did.ok() && !*did) FRESHET_RETURN_IF_ERROR(host_->Rest());
    return did;
  }

 private:
  const std::unique_ptr<Connector> sound_;
  Rig& rig_;
  const Faults& faults_;
  const std::unique_ptr<FaultyHost> host_;
};

class FaultyRig final : public Rig {
 public:
  FaultyRig(std::unique_ptr<Rig> sound, const Faults& faults) : sound_(std::move(sound)), faults_(faults) {}

  bool Can(Ability ability) const override { return sound_->Can(ability); }
  Result<std::unique_ptr<Connector>> Start() override {
    FRESHET_ASSIGN_OR_RETURN(auto connector, sound_->Start());
    return std::unique_ptr<Connector>(std::make_unique<FaultyConnector>(std::move(connector), *sound_, faults_));
  }
  std::string DocumentOf(const std::string& name) const override { return sound_->DocumentOf(name); }
  Status Put(const std::string& name, const std::string& text) override { return sound_->Put(name, text); }
  bool Settled() override { return sound_->Settled(); }
  Status Remove(const std::string& name) override { return sound_->Remove(name); }
  Status SetReaders(const std::string& name, const std::vector<std::string>& readers) override {
    return sound_->SetReaders(name, readers);
  }
  Status Repeat(const std::string& name) override { return sound_->Repeat(name); }
  Status SetOutage(bool down) override { return sound_->SetOutage(down); }
  Status PutBroken(const std::string& name) override { return sound_->PutBroken(name); }

 private:
  const std::unique_ptr<Rig> sound_;
  const Faults& faults_;
};

}  // namespace freshet::kit
