// The 32 rANS coders of a stream, one in each lane of a warp. SPEC.md has them under `small`.
#pragma once

#include "warp.cuh"

#define LOWEST 0x10000u  // states have this bit or a higher one

struct Lanes {
    u32 state;
    const u8* words;
    u32 n;   // how many words there are
    u32 at;  // how many were taken, more than there are where they end too early
    // This lane's word of the 32 in which the next one is, and << 16 that of the 32 behind: a lane
    // knows only at the last moment which word it takes.
    u32 near;
    u32 ahead;  // of the 32 behind these, on its way: nobody waits for it before it joins them

    __device__ u32 word(u32 i) const {
        if (i >= n) return 0;
        const u8* at = words + 2 * u64(i);
        // Those of tables may start at an odd byte.
        if (u32(reinterpret_cast<u64>(words)) % 2 == 0) return *reinterpret_cast<const u16*>(at);
        return at[0] | u32(at[1]) << 8;
    }

    __device__ void start(u32 first_state, const u8* first_word, u32 n_words, u32 lane) {
        state = first_state;
        words = first_word;
        n = n_words;
        at = 0;
        near = word(lane) | word(32 + lane) << 16;
        ahead = word(64 + lane);
    }

    // Takes words, in the order of lanes, where states need one.
    __device__ void refill(bool active, u32 lane) {
        bool needs = active && state < LOWEST;
        u32 mask = __ballot_sync(FULL_WARP, needs);
        u32 place = at % 32 + __popc(mask & lanes_to(lane) >> 1);
        u32 both = __shfl_sync(FULL_WARP, near, place % 32);
        if (needs) state = state << 16 | (place < 32 ? both & 0xffff : both >> 16);
        u32 to = at + __popc(mask);
        if (to / 32 != at / 32) {
            near = near >> 16 | ahead << 16;
            ahead = word((to / 32 + 2) * 32 + lane);
        }
        at = to;
    }

    // Goes on behind a symbol that has `frequency` of 2^bits places from `start` on.
    __device__ void advance(u32 start, u32 frequency, u32 bits, bool active, u32 lane) {
        u32 place = state & ((1u << bits) - 1);
        if (active) state = frequency * (state >> bits) + place - start;
        refill(active, lane);
    }

    __device__ bool ran_short() const { return at > n; }

    // Whether all words were taken, but for one that fills up, and the states are such as an encoder
    // starts from. All lanes learn it.
    __device__ bool ended() const {
        u32 left = __shfl_sync(FULL_WARP, near, at % 32) & 0xffff;
        bool all = at == n || (at + 1 == n && left == 0);
        return __all_sync(FULL_WARP, state >> 16 == 1) && all;
    }
};
