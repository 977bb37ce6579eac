// Runs an HTTP server of cpp-httplib, whose address is bound, on a thread of its own.
//
//   Status serving = ServeOnThread(http, thread);     // serving, or unavailable where it ended as soon as it began
//   ...   http.stop();   thread.join();
//
// The library tells neither when it serves nor that it gave up: whoever only asks whether it runs may ask for ever.
#pragma once

#include <thread>

#include "common/base/status.h"

namespace httplib {
class Server;
}

namespace freshet::query {

// `http` must outlive `thread`, which is to be joined also after an error.
Status ServeOnThread(httplib::Server& http, std::thread& thread);

}  // namespace freshet::query
