// The CUDA C++ that the kernels use, for the host.
#pragma once

#include <cmath>
#include <cstring>

#include "fibers.h"

#define EVZ_SHIM 1

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __constant__ static
// All of it in one place, which is scrambled before each block.
#define __shared__ static __attribute__((section("evz_shared")))
#define EVZ_DYNAMIC_SHARED(name) unsigned char* const name = evzshim::dynamic_shared

#define threadIdx (evzshim::thread_index)
#define blockIdx (evzshim::block_index)
#define blockDim (evzshim::block_dim)
#define gridDim (evzshim::grid_dim)
constexpr int warpSize = 32;

#define EVZ_VECTOR(type, name, bytes)                                                          \
    struct __attribute__((aligned(2 * bytes))) name##2 { type x, y; };                         \
    struct __attribute__((aligned(4 * bytes > 16 ? 16 : 4 * bytes))) name##4 { type x, y, z, w; }; \
    inline name##2 make_##name##2(type x, type y) { return {x, y}; }                           \
    inline name##4 make_##name##4(type x, type y, type z, type w) { return {x, y, z, w}; }
EVZ_VECTOR(char, char, 1)
EVZ_VECTOR(unsigned char, uchar, 1)
EVZ_VECTOR(short, short, 2)
EVZ_VECTOR(unsigned short, ushort, 2)
EVZ_VECTOR(int, int, 4)
EVZ_VECTOR(unsigned, uint, 4)
EVZ_VECTOR(float, float, 4)
EVZ_VECTOR(long long, longlong, 8)
EVZ_VECTOR(unsigned long long, ulonglong, 8)
EVZ_VECTOR(double, double, 8)

#define EVZ_HERE (evzshim::Site{__FILE__, __LINE__})

// Barriers.
#define __syncthreads() ((void)evzshim::barrier(EVZ_HERE, false))
#define __syncthreads_count(value) ((int)evzshim::barrier(EVZ_HERE, (value) != 0))
#define __syncthreads_or(value) ((int)(evzshim::barrier(EVZ_HERE, (value) != 0) != 0))
#define __syncthreads_and(value) ((int)(evzshim::barrier(EVZ_HERE, (value) == 0) == 0))
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __threadfence(); }

// Operations of a warp.
namespace evzshim {
template <class T>
T warp_value(Site site, Op op, unsigned mask, T value, int param, int width = 32) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move 32 or 64 bits");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    bits = warp(site, op, mask, bits, param, width);
    memcpy(&value, &bits, sizeof value);
    return value;
}
template <class T>
unsigned warp_match(Site site, unsigned mask, T value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    return unsigned(warp(site, Op::MatchAny, mask, bits, 0, 32));
}
inline unsigned warp_ballot(Site site, unsigned mask, bool value) {
    return unsigned(warp(site, Op::Ballot, mask, value, 0, 32));
}
inline void warp_sync(Site site, unsigned mask = ~0u) { warp(site, Op::Sync, mask, 0, 0, 32); }
}  // namespace evzshim
#define __shfl_sync(mask, ...) \
    evzshim::warp_value(EVZ_HERE, evzshim::Op::Shfl, mask, __VA_ARGS__)
#define __shfl_up_sync(mask, ...) \
    evzshim::warp_value(EVZ_HERE, evzshim::Op::ShflUp, mask, __VA_ARGS__)
#define __shfl_down_sync(mask, ...) \
    evzshim::warp_value(EVZ_HERE, evzshim::Op::ShflDown, mask, __VA_ARGS__)
#define __shfl_xor_sync(mask, ...) \
    evzshim::warp_value(EVZ_HERE, evzshim::Op::ShflXor, mask, __VA_ARGS__)
#define __ballot_sync(mask, value) evzshim::warp_ballot(EVZ_HERE, mask, (value) != 0)
#define __any_sync(mask, value) ((int)(evzshim::warp_ballot(EVZ_HERE, mask, (value) != 0) != 0))
#define __all_sync(mask, value) ((int)(evzshim::warp_ballot(EVZ_HERE, mask, (value) == 0) == 0))
#define __match_any_sync(mask, value) evzshim::warp_match(EVZ_HERE, mask, value)
#define __syncwarp(...) evzshim::warp_sync(EVZ_HERE __VA_OPT__(, ) __VA_ARGS__)
#define __trap() evzshim::fail("trap at %s:%d", __FILE__, __LINE__)

// Atomic operations. Relaxed, as on the device.
#define EVZ_ATOMIC(type)                                                                       \
    inline type atomicAdd(type* at, type by) {                                                 \
        evzshim::may_yield();                                                                  \
        return __atomic_fetch_add(at, by, __ATOMIC_RELAXED);                                   \
    }                                                                                          \
    inline type atomicExch(type* at, type to) {                                                \
        evzshim::may_yield();                                                                  \
        return __atomic_exchange_n(at, to, __ATOMIC_RELAXED);                                  \
    }                                                                                          \
    inline type atomicCAS(type* at, type from, type to) {                                      \
        evzshim::may_yield();                                                                  \
        __atomic_compare_exchange_n(at, &from, to, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED); \
        return from;                                                                           \
    }                                                                                          \
    inline type atomicAnd(type* at, type by) {                                                 \
        evzshim::may_yield();                                                                  \
        return __atomic_fetch_and(at, by, __ATOMIC_RELAXED);                                   \
    }                                                                                          \
    inline type atomicOr(type* at, type by) {                                                  \
        evzshim::may_yield();                                                                  \
        return __atomic_fetch_or(at, by, __ATOMIC_RELAXED);                                    \
    }                                                                                          \
    inline type atomicXor(type* at, type by) {                                                 \
        evzshim::may_yield();                                                                  \
        return __atomic_fetch_xor(at, by, __ATOMIC_RELAXED);                                   \
    }                                                                                          \
    inline type atomicMax(type* at, type by) {                                                 \
        evzshim::may_yield();                                                                  \
        type old = __atomic_load_n(at, __ATOMIC_RELAXED);                                      \
        while (old < by && !__atomic_compare_exchange_n(at, &old, by, false, __ATOMIC_RELAXED, \
                                                        __ATOMIC_RELAXED)) {                   \
        }                                                                                      \
        return old;                                                                            \
    }                                                                                          \
    inline type atomicMin(type* at, type by) {                                                 \
        evzshim::may_yield();                                                                  \
        type old = __atomic_load_n(at, __ATOMIC_RELAXED);                                      \
        while (old > by && !__atomic_compare_exchange_n(at, &old, by, false, __ATOMIC_RELAXED, \
                                                        __ATOMIC_RELAXED)) {                   \
        }                                                                                      \
        return old;                                                                            \
    }
EVZ_ATOMIC(int)
EVZ_ATOMIC(unsigned)
EVZ_ATOMIC(long long)
EVZ_ATOMIC(unsigned long long)
inline int atomicSub(int* at, int by) { return atomicAdd(at, -by); }
inline unsigned atomicSub(unsigned* at, unsigned by) { return atomicAdd(at, 0u - by); }
inline float atomicAdd(float* at, float by) {
    evzshim::may_yield();
    float old, sum;
    __atomic_load(at, &old, __ATOMIC_RELAXED);
    do {
        sum = old + by;
    } while (!__atomic_compare_exchange(at, &old, &sum, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return old;
}

// Bits.
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned __brev(unsigned x) {
    unsigned y = 0;
    for (int i = 0; i < 32; i++) y |= (x >> i & 1) << (31 - i);
    return y;
}
inline unsigned long long __brevll(unsigned long long x) {
    return (unsigned long long)__brev(unsigned(x)) << 32 | __brev(unsigned(x >> 32));
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned by) {
    return unsigned(((unsigned long long)high << 32 | low) << (by & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned by) {
    return unsigned(((unsigned long long)high << 32 | low) >> (by & 31));
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned select) {
    unsigned long long bytes = (unsigned long long)y << 32 | x;
    unsigned out = 0;
    for (int i = 0; i < 4; i++) {
        unsigned which = select >> 4 * i & 15, byte = unsigned(bytes >> 8 * (which & 7)) & 255;
        if (which & 8) byte = byte & 128 ? 255 : 0;
        out |= byte << 8 * i;
    }
    return out;
}
inline unsigned __umulhi(unsigned x, unsigned y) { return unsigned((unsigned long long)x * y >> 32); }
inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
    return (unsigned long long)((unsigned __int128)x * y >> 64);
}

// The same bits as another type.
namespace evzshim {
template <class To, class From>
To bits(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}
}  // namespace evzshim
inline int __float_as_int(float x) { return evzshim::bits<int>(x); }
inline unsigned __float_as_uint(float x) { return evzshim::bits<unsigned>(x); }
inline float __int_as_float(int x) { return evzshim::bits<float>(x); }
inline float __uint_as_float(unsigned x) { return evzshim::bits<float>(x); }
inline long long __double_as_longlong(double x) { return evzshim::bits<long long>(x); }
inline double __longlong_as_double(long long x) { return evzshim::bits<double>(x); }

// Loads and stores with a hint for the caches.
template <class T> T __ldg(const T* at) { return *at; }
template <class T> T __ldcs(const T* at) { return *at; }
template <class T> T __ldcg(const T* at) { return *at; }
template <class T> void __stcs(T* at, T value) { *at = value; }
template <class T> void __stcg(T* at, T value) { *at = value; }

#define EVZ_MIN_MAX(type)                                   \
    inline type min(type a, type b) { return a < b ? a : b; } \
    inline type max(type a, type b) { return a > b ? a : b; }
EVZ_MIN_MAX(int)
EVZ_MIN_MAX(unsigned)
EVZ_MIN_MAX(long)
EVZ_MIN_MAX(unsigned long)
EVZ_MIN_MAX(long long)
EVZ_MIN_MAX(unsigned long long)
EVZ_MIN_MAX(float)
EVZ_MIN_MAX(double)
