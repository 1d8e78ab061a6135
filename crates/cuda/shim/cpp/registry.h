// The entry points of the kernels, by name.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace evzshim {

struct Entry {
    const char* name;
    void (*call)(void** params);
    size_t n_params;
    const size_t* param_sizes;
};

extern const Entry entries[];
extern const size_t n_entries;

const Entry* find(const char* name);

}  // namespace evzshim
