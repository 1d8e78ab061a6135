// The kernels, compiled for the host, and their names.

#include "device.h"
#include "registry.h"

// Without names of their own outside, templates and inline functions keep their shared memory in
// the same section as all others.
namespace {
#include "kernels.cu"
#include "self_test.cu"
}

namespace evzshim {
namespace {
template <class... A> struct Call {
    template <void (*kernel)(A...), size_t... I>
    static void with(void** params, std::index_sequence<I...>) {
        kernel(*static_cast<std::remove_reference_t<A>*>(params[I])...);
    }
    template <void (*kernel)(A...)> static void call(void** params) {
        with<kernel>(params, std::index_sequence_for<A...>());
    }
};
template <auto kernel> struct Made;
template <class... A, void (*kernel)(A...)> struct Made<kernel> {
    static constexpr size_t sizes[] = {sizeof(A)..., 0};
    static constexpr Entry entry(const char* name) {
        return {name, Call<A...>::template call<kernel>, sizeof...(A), sizes};
    }
};
}  // namespace

#define EVZ_ENTRY(name) Made<name>::entry(#name),
const Entry entries[] = {
#include "entries.inc"
};
const size_t n_entries = sizeof entries / sizeof *entries;
}  // namespace evzshim
