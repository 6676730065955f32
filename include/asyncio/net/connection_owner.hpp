// Who is told when a connection is lost.
// Reference: asyncio/base_events.py, Server._detach.
#pragma once

#include <asyncio/detail/frame_pool.hpp>
#include <asyncio/detail/list.hpp>
#include <cstdint>

namespace asyncio::detail {

class Connection;

/// Told when a connection is lost: the server that accepted it. Counted by its connections.
class ConnectionOwner : public Pooled {
 public:
  ConnectionOwner() = default;
  ConnectionOwner(const ConnectionOwner&) = delete;  // connections point at it
  ConnectionOwner& operator=(const ConnectionOwner&) = delete;
  virtual ~ConnectionOwner() = default;

  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }
  virtual void connection_lost(Connection& connection) noexcept = 0;

 private:
  std::uint32_t refs_ = 0;
};

/// A connection's place in its owner's list.
struct OwnerHook : ListHook {};

/// How far a connection has got.
enum class ConnectionState : std::uint8_t {
  open,
  closing,  ///< closed by us; what was written is still being sent
  lost      ///< the descriptor is closed
};

}  // namespace asyncio::detail
