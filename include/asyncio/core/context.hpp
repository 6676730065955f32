// Context variables: values that follow a task, its callbacks and the tasks it makes.
// Reference: https://docs.python.org/3/library/contextvars.html
#pragma once

#include <asyncio/core/exceptions.hpp>
#include <asyncio/detail/frame_pool.hpp>
#include <asyncio/detail/ref.hpp>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace asyncio {

template <class T>
class ContextVar;

namespace detail {

/// One value of one variable, shared by all contexts that have it.
struct ContextValue : Pooled {
  ContextValue() = default;
  ContextValue(const ContextValue&) = delete;  // shared by count
  ContextValue& operator=(const ContextValue&) = delete;
  virtual ~ContextValue() = default;

  void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void drop_ref() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  std::atomic<std::uint32_t> refs_ = 0;  // contexts are copied into threads
};

template <class T>
struct TypedContextValue final : ContextValue {
  explicit TypedContextValue(T v) : value(std::move(v)) {}
  T value;
};

/// An immutable list of bindings, newest first. Programs have few variables: a list is a map.
struct ContextBinding : Pooled {
  ContextBinding(const void* variable, Ref<ContextValue> v, Ref<ContextBinding> rest)
      : key(variable), value(std::move(v)), older(std::move(rest)) {}

  void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void drop_ref() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  const void* key;
  Ref<ContextValue> value;  // null: the variable was reset to "unset"
  Ref<ContextBinding> older;

 private:
  std::atomic<std::uint32_t> refs_ = 0;  // contexts are copied into threads
};

/// A context as an object with identity: tasks given the same one see each other's changes.
struct ContextCell : Pooled {
  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }

  Ref<ContextBinding> bindings;
  bool entered = false;  // Context::run is inside

 private:
  std::uint32_t refs_ = 0;
};

}  // namespace detail

/// A set of bindings of context variables. Copies of a Context are the same context, as a Python
/// reference would be; copy() makes an independent one. An empty one owns no memory.
/// Threads: of one loop; a copy() may be handed to another thread and used there alone.
class Context {
 public:
  Context() noexcept = default;

  /// An independent context with the same bindings. Cost: none when empty, else one small block.
  [[nodiscard]] Context copy() const {
    Context result;
    if (cell_ && cell_->bindings) result.shared_cell().bindings = cell_->bindings;
    return result;
  }

  /// Holds no memory yet.
  [[nodiscard]] bool is_empty() const noexcept { return !cell_; }
  /// Some variable has a value in it.
  [[nodiscard]] bool has_bindings() const noexcept { return cell_ && cell_->bindings; }

  /// The same context: both see each other's later changes, also if it was empty so far.
  [[nodiscard]] Context share() const {
    static_cast<void>(shared_cell());
    return *this;
  }

  /// Calls `function` inside this context and gives what it returns.
  /// Throws: RuntimeError when the context is already being run.
  template <class F>
  decltype(auto) run(F&& function) {
    detail::ContextCell& cell = shared_cell();
    if (cell.entered) throw RuntimeError("cannot enter context: it is already entered");
    cell.entered = true;
    Guard guard(*this);
    return std::forward<F>(function)();
  }

  friend bool operator==(const Context&, const Context&) noexcept = default;

 private:
  template <class T>
  friend class ContextVar;

  struct Guard {
    explicit Guard(Context& context)
        : cell(context.cell_), previous(std::exchange(detail::thread_state.context, &context)) {}
    Guard(const Guard&) = delete;  // restores once
    Guard& operator=(const Guard&) = delete;
    ~Guard() {
      detail::thread_state.context = previous;
      cell->entered = false;
    }
    detail::Ref<detail::ContextCell> cell;
    Context* previous;
  };

  [[nodiscard]] const detail::ContextValue* find(const void* variable) const noexcept {
    if (!cell_) return nullptr;
    for (auto* binding = cell_->bindings.get(); binding; binding = binding->older.get())
      if (binding->key == variable) return binding->value.get();
    return nullptr;
  }

  void bind(const void* variable, detail::Ref<detail::ContextValue> value) const {
    auto& bindings = shared_cell().bindings;
    bindings = detail::Ref(
        new detail::ContextBinding(variable, std::move(value), without(bindings.get(), variable)));
  }

  /// The list without `variable`; shares what lies behind it.
  static detail::Ref<detail::ContextBinding> without(detail::ContextBinding* list,
                                                     const void* variable) {
    detail::ContextBinding* found = list;
    while (found && found->key != variable) found = found->older.get();
    if (!found) return detail::Ref(list);
    if (found == list) return list->older;
    return detail::Ref(
        new detail::ContextBinding(list->key, list->value, without(list->older.get(), variable)));
  }

  detail::ContextCell& shared_cell() const {
    if (!cell_) cell_ = detail::Ref(new detail::ContextCell);
    return *cell_;
  }

  mutable detail::Ref<detail::ContextCell> cell_;  // null: empty, and nobody shares it
};

namespace detail {

/// The context of what runs now, made on demand outside of any loop.
[[nodiscard]] inline Context& current_context() {
  if (!thread_state.context) {
    static thread_local Context outside;  // of a thread that never ran a loop
    thread_state.context = &outside;
  }
  return *thread_state.context;
}

/// A copy of the current context; costs a few loads where it is empty.
[[nodiscard]] ASYNCIO_ALWAYS_INLINE Context capture_context() {
  const Context* const current = thread_state.context;
  if (!current || !current->has_bindings()) [[likely]]
    return Context();
  return current->copy();
}

/// Makes `context` the current one for a scope.
class ContextScope {
 public:
  explicit ContextScope(Context& context) noexcept
      : previous_(std::exchange(thread_state.context, &context)) {}
  ContextScope(const ContextScope&) = delete;  // restores once
  ContextScope& operator=(const ContextScope&) = delete;
  ~ContextScope() { thread_state.context = previous_; }

 private:
  Context* previous_;
};

}  // namespace detail

/// A copy of the current context: later changes on either side are not seen on the other.
[[nodiscard]] inline Context copy_context() { return detail::current_context().copy(); }

/// A variable whose value belongs to the current context. Made once, usually at namespace scope.
/// Lifetime: must outlive every context that holds a value of it.
template <class T>
class ContextVar {
 public:
  /// Undoes one set().
  class Token {
   public:
    explicit Token(detail::Ref<detail::ContextValue> previous) noexcept
        : previous_(std::move(previous)) {}

   private:
    friend class ContextVar;
    detail::Ref<detail::ContextValue> previous_;  // null: was unset
    bool used_ = false;
  };

  explicit ContextVar(std::string_view name) : name_(name) {}
  ContextVar(std::string_view name, T default_value)
      : name_(name), default_(std::move(default_value)) {}
  ContextVar(const ContextVar&) = delete;  // its address is its identity
  ContextVar& operator=(const ContextVar&) = delete;

  /// What it was called when it was made; for messages.
  [[nodiscard]] std::string_view name() const noexcept { return name_; }

  /// The value in the current context, else the default. Throws: LookupError if there is neither.
  [[nodiscard]] const T& get() const {
    if (const T* value = find()) return *value;
    if (default_) return *default_;
    throw LookupError("asyncio: ContextVar '" + std::string(name_) +
                      "' has no value and no default");
  }
  /// The value in the current context, else `fallback`.
  [[nodiscard]] T get(T fallback) const {
    const T* value = find();
    return value ? *value : std::move(fallback);
  }

  /// Sets the value in the current context.
  Token set(T value) const {
    Context& context = detail::current_context();
    Token token{detail::Ref(const_cast<detail::ContextValue*>(context.find(this)))};
    context.bind(this, detail::Ref<detail::ContextValue>(
                           new detail::TypedContextValue<T>(std::move(value))));
    return token;
  }

  /// Restores what was there before the set() that gave `token`.
  /// Throws: RuntimeError when the token was used before.
  void reset(Token& token) const {
    if (token.used_)
      throw RuntimeError("asyncio: this ContextVar token has already been used once");
    token.used_ = true;
    detail::current_context().bind(this, token.previous_);
  }
  void reset(Token&& token) const { reset(token); }

 private:
  [[nodiscard]] const T* find() const noexcept {
    const Context* context = detail::thread_state.context;
    const detail::ContextValue* value = context ? context->find(this) : nullptr;
    return value ? &static_cast<const detail::TypedContextValue<T>*>(value)->value : nullptr;
  }

  std::string_view name_;
  std::optional<T> default_;
};

}  // namespace asyncio
