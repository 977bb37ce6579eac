// EndReading: nothing more comes on connections of this process to one of its ports, and answers still go. An HTTP
// server that stops would otherwise wait for its keep-alive timeout whether a sender that has its answer sends again.
//
//   http.stop();
//   EndReading(port);
//
// Any thread.
#pragma once

namespace freshet::push {

void EndReading(int port);

}  // namespace freshet::push
