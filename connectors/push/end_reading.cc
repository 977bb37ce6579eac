#include "connectors/push/end_reading.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <filesystem>

namespace freshet::push {
namespace {

uint16_t PortOf(int descriptor) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  if (name.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&name)->sin_port);
  return name.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6*>(&name)->sin6_port) : 0;
}

}  // namespace

void EndReading(int port) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const int descriptor = std::atoi(entry.path().filename().c_str());
    if (PortOf(descriptor) == port) (void)shutdown(descriptor, SHUT_RD);
  }
}

}  // namespace freshet::push
