// FunctionRef: a callable lent for the time of one call; two words, no allocation, no ownership.
//
//   void Scan(FunctionRef<bool(ChunkOrdinal)> accept);
//   Scan([&](ChunkOrdinal chunk) { return alive.contains(chunk); });
//
// The callable must outlive the FunctionRef: take it as a parameter, never keep it.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace freshet::store {

template <class Signature>
class FunctionRef;

template <class Out, class... In>
class FunctionRef<Out(In...)> {
 public:
  FunctionRef() = default;
  FunctionRef(std::nullptr_t) {}  // NOLINT: implicit by design

  template <class Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef> && std::is_invocable_r_v<Out, Callable&, In...>)
      FunctionRef(Callable&& callable)  // NOLINT: implicit by design
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* object, In... in) -> Out {
          return (*static_cast<std::remove_reference_t<Callable>*>(object))(std::forward<In>(in)...);
        }) {}

  Out operator()(In... in) const { return call_(object_, std::forward<In>(in)...); }
  explicit operator bool() const { return call_ != nullptr; }

 private:
  void* object_ = nullptr;
  Out (*call_)(void*, In...) = nullptr;
};

}  // namespace freshet::store
