// The cases of the kit, in two groups; conform.h's AllCases is both. Each returns "" where what its row expects was
// seen.
#pragma once

#include "connectors/kit/conform.h"

namespace freshet::kit {

// What a source does on a good day, and what its users do to it.
std::string CaseCheck(Workshop& workshop);
std::string CaseInsert(Workshop& workshop);
std::string CaseUpdate(Workshop& workshop);
std::string CaseDelete(Workshop& workshop);
std::string CaseAccessNarrowed(Workshop& workshop);
std::string CaseAccessWidened(Workshop& workshop);
std::string CaseDuplicate(Workshop& workshop);
std::string CaseReorder(Workshop& workshop);
std::string CaseAnyOrder(Workshop& workshop);
std::string CaseSchemaChange(Workshop& workshop);
std::string CaseOversized(Workshop& workshop);
std::string CaseBroken(Workshop& workshop);
std::string CaseBoundedMemory(Workshop& workshop);
std::string CaseHeartbeat(Workshop& workshop);
std::string CaseFetch(Workshop& workshop);

// What happens to the connector, its log and its source.
std::string CaseRestart(Workshop& workshop);
std::string CaseCrash(Workshop& workshop);
std::string CaseLogOutage(Workshop& workshop);
std::string CaseSourceOutage(Workshop& workshop);
std::string CaseEmptyListing(Workshop& workshop);
std::string CaseSnapshotRequest(Workshop& workshop);
std::string CaseClockBackwards(Workshop& workshop);
std::string CaseStop(Workshop& workshop);
std::string CaseHistories(Workshop& workshop);

}  // namespace freshet::kit
