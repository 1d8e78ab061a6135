// CUDA threads as fibers of one host thread. A fiber runs until it waits: at a barrier, for the
// other lanes of its warp, or, under a random schedule, at an atomic operation.
#pragma once

#include <cstddef>
#include <cstdint>

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x, y, z;
    dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

namespace evzshim {

// Where in the kernels something stands.
struct Site {
    const char* file;
    int line;
};

enum class Op { Sync, Shfl, ShflUp, ShflDown, ShflXor, Ballot, MatchAny };
enum class Vote { None, Count, And, Or };

// Position of the running thread, and of its block.
extern uint3 thread_index, block_index;
extern dim3 block_dim, grid_dim;
// Dynamic shared memory of the running block.
extern unsigned char* dynamic_shared;

// All threads of the block wait here; returns how many of them gave a true value.
unsigned barrier(Site site, bool value);
// The lanes of `mask` wait here; returns what the operation gives this lane.
uint64_t warp(Site site, Op op, unsigned mask, uint64_t value, int param, int width);
// A place where another thread may run first.
void may_yield();
// Ends the launch with an error.
[[noreturn]] void fail(const char* format, ...) __attribute__((format(printf, 1, 2)));

struct Launch {
    void (*kernel)(void** params);
    void** params;
    dim3 grid, block;
    size_t shared;
    // 0: threads run in order. 1: the one that could go on last runs first. Others: any order.
    unsigned seed;
};

// Runs all blocks in sequence; false, and a text, where the kernel does what it must not.
bool run(const Launch& launch, char* error, size_t error_len);

}  // namespace evzshim
