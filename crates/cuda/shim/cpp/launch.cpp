// What the tests call: a kernel by its name.

#include <cstdio>
#include <cstring>

#include "fibers.h"
#include "registry.h"

namespace evzshim {
const Entry* find(const char* name) {
    for (size_t i = 0; i < n_entries; i++)
        if (!strcmp(entries[i].name, name)) return &entries[i];
    return nullptr;
}
}  // namespace evzshim

// 0, or 1 and a text. The sizes of the parameters must be those of the kernel.
extern "C" int evzshim_launch(const char* name, const unsigned* grid, const unsigned* block,
                              size_t shared, unsigned seed, void** params, const size_t* sizes,
                              size_t n_params, char* error, size_t error_len) {
    const evzshim::Entry* entry = evzshim::find(name);
    if (!entry) {
        snprintf(error, error_len, "no kernel is called %s", name);
        return 1;
    }
    if (entry->n_params != n_params) {
        snprintf(error, error_len, "%s takes %zu parameters, not %zu", name, entry->n_params,
                 n_params);
        return 1;
    }
    for (size_t i = 0; i < n_params; i++) {
        if (entry->param_sizes[i] == sizes[i]) continue;
        snprintf(error, error_len, "parameter %zu of %s has %zu bytes, not %zu", i, name,
                 entry->param_sizes[i], sizes[i]);
        return 1;
    }
    return !evzshim::run({entry->call, params, {grid[0], grid[1], grid[2]},
                          {block[0], block[1], block[2]}, shared, seed},
                         error, error_len);
}
