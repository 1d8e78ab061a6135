#include "fibers.h"

#include <sys/mman.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#if defined(EVZ_ADDRESS)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(EVZ_THREAD)
#include <sanitizer/tsan_interface.h>
#endif
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

// Static shared memory of all kernels; absent where no kernel has any.
extern "C" {
extern unsigned char __start_evz_shared[] __attribute__((weak, visibility("hidden")));
extern unsigned char __stop_evz_shared[] __attribute__((weak, visibility("hidden")));
}

namespace evzshim {

uint3 thread_index, block_index;
dim3 block_dim, grid_dim;
unsigned char* dynamic_shared;

namespace {

constexpr size_t STACK = 256 << 10;
constexpr unsigned MOST_THREADS = 1024;
constexpr unsigned WARP = 32;

// What a fiber leaves to be gone on with.
struct Context {
#if defined(__x86_64__)
    void* sp;
#else
    ucontext_t context;
#endif
    void* stack = nullptr;
    size_t stack_len = 0;
    void* fake_stack = nullptr;
    void* tsan = nullptr;
};

#if defined(__x86_64__)
// A system call for each switch, as in swapcontext, makes tests ten times slower.
extern "C" void evzshim_switch(void** from, void* to);
asm(R"(
    .text
    .local evzshim_switch
    .type evzshim_switch, @function
evzshim_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size evzshim_switch, .-evzshim_switch
)");
#endif

enum class State { Ready, Barrier, Warp, Done };

struct Thread {
    Context context;
    uint3 index;
    State state;
    Site site;
    // At a barrier or a warp's operation: what the thread brings, then what it gets.
    bool vote;
    unsigned votes;
    Op op;
    unsigned mask;
    uint64_t value, result;
    int param, width;
    // Places that stand for "arrived" and "goes on" to the finder of races.
    char arrived, resumed;
};

Context scheduler;
std::vector<Thread> threads;
std::vector<unsigned> ready;
Thread* now;
Launch launch;
unsigned n_threads, n_done;
uint64_t random_state;
bool failed;
char message[512];
// Places that stand for the start and the end of a block to the finder of races.
char block_start, block_end;
std::mutex one_at_a_time;

uint64_t random_below(uint64_t n) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % n;
}

void happens_before([[maybe_unused]] char& place) {
#if defined(EVZ_THREAD)
    __tsan_release(&place);
#endif
}

void happens_after([[maybe_unused]] char& place) {
#if defined(EVZ_THREAD)
    __tsan_acquire(&place);
#endif
}

void switch_to(Context& from, Context& to) {
#if defined(EVZ_ADDRESS)
    __sanitizer_start_switch_fiber(&from.fake_stack, to.stack, to.stack_len);
#endif
#if defined(EVZ_THREAD)
    __tsan_switch_to_fiber(to.tsan, __tsan_switch_to_fiber_no_sync);
#endif
#if defined(__x86_64__)
    evzshim_switch(&from.sp, to.sp);
#else
    swapcontext(&from.context, &to.context);
#endif
#if defined(EVZ_ADDRESS)
    __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
#endif
}

void wait_for_turn() { switch_to(now->context, scheduler); }

// The stack's first frame.
void thread_main() {
#if defined(EVZ_ADDRESS)
    __sanitizer_finish_switch_fiber(nullptr, const_cast<const void**>(&scheduler.stack),
                                    &scheduler.stack_len);
#endif
    happens_after(block_start);
    launch.kernel(launch.params);
    happens_before(block_end);
    now->state = State::Done;
    n_done++;
    wait_for_turn();
    abort();
}

void prepare(Context& context) {
    if (!context.stack) {
        context.stack_len = STACK;
        context.stack = mmap(nullptr, STACK, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (context.stack == MAP_FAILED) abort();
    }
#if defined(EVZ_THREAD)
    if (!context.tsan) context.tsan = __tsan_create_fiber(0);
#endif
#if defined(__x86_64__)
    void** sp = reinterpret_cast<void**>(static_cast<char*>(context.stack) + STACK);
    *--sp = nullptr;
    *--sp = reinterpret_cast<void*>(thread_main);
    for (int saved = 0; saved < 6; saved++) *--sp = nullptr;
    context.sp = sp;
#else
    getcontext(&context.context);
    context.context.uc_stack.ss_sp = context.stack;
    context.context.uc_stack.ss_size = STACK;
    context.context.uc_link = nullptr;
    makecontext(&context.context, thread_main, 0);
#endif
}

unsigned number(const Thread& thread) { return unsigned(&thread - threads.data()); }

bool same(Site a, Site b) { return a.line == b.line && !strcmp(a.file, b.file); }

void say(const char* format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    failed = true;
    happens_before(block_end);
}

// Lets the block go on if all of its threads that have not ended are at the barrier.
void try_barrier() {
    const Thread* first = nullptr;
    unsigned votes = 0;
    for (unsigned i = 0; i < n_threads; i++) {
        const Thread& thread = threads[i];
        if (thread.state == State::Done) continue;
        if (thread.state != State::Barrier) return;
        if (!first) first = &thread;
        if (!same(first->site, thread.site)) {
            say("threads %u and %u of block (%u, %u, %u) wait at different barriers: %s:%d and %s:%d",
                number(*first), i, block_index.x, block_index.y, block_index.z, first->site.file,
                first->site.line, thread.site.file, thread.site.line);
            return;
        }
        votes += thread.vote;
    }
    if (!first) return;
    for (unsigned i = 0; i < n_threads; i++)
        if (threads[i].state == State::Barrier) happens_after(threads[i].arrived);
    for (unsigned i = 0; i < n_threads; i++) {
        Thread& thread = threads[i];
        if (thread.state != State::Barrier) continue;
        thread.votes = votes;
        thread.state = State::Ready;
        happens_before(thread.resumed);
        ready.push_back(i);
    }
}

// What lane `lane` gets out of the values of its warp.
uint64_t outcome(const Thread* lanes, unsigned lane) {
    const Thread& me = lanes[lane];
    int low = int(lane) & ~(me.width - 1), high = low + me.width - 1, from = int(lane);
    switch (me.op) {
    case Op::Sync:
        return 0;
    case Op::Shfl:
        from = low + (me.param & (me.width - 1));
        break;
    case Op::ShflUp:
        from = int(lane) - me.param < low ? int(lane) : int(lane) - me.param;
        break;
    case Op::ShflDown:
        from = int(lane) + me.param > high ? int(lane) : int(lane) + me.param;
        break;
    case Op::ShflXor:
        from = (int(lane) ^ me.param) > high ? int(lane) : int(lane) ^ me.param;
        break;
    case Op::Ballot:
    case Op::MatchAny: {
        unsigned bits = 0;
        for (unsigned i = 0; i < WARP; i++) {
            if (!(me.mask >> i & 1)) continue;
            bool set = me.op == Op::Ballot ? lanes[i].value != 0 : lanes[i].value == me.value;
            bits |= unsigned(set) << i;
        }
        return bits;
    }
    }
    if (!(me.mask >> from & 1)) {
        say("lane %u at %s:%d takes the value of lane %d, which is not in its mask %08x", lane,
            me.site.file, me.site.line, from, me.mask);
        return 0;
    }
    return lanes[from].value;
}

// Lets the lanes of a warp go on if all of the running thread's mask are there.
void try_warp() {
    const Thread& me = *now;
    unsigned first = number(me) / WARP * WARP, lane = number(me) - first;
    Thread* lanes = &threads[first];
    unsigned present = n_threads - first >= WARP ? ~0u : (1u << (n_threads - first)) - 1;
    if (!(me.mask >> lane & 1) || (me.mask & ~present)) {
        say("thread %u at %s:%d gives the mask %08x, in which it is not, or a lane is that does not "
            "exist", number(me), me.site.file, me.site.line, me.mask);
        return;
    }
    for (unsigned i = 0; i < WARP; i++) {
        if (!(me.mask >> i & 1)) continue;
        const Thread& other = lanes[i];
        if (other.state == State::Done) {
            say("thread %u at %s:%d waits for lane %u, which has ended", number(me), me.site.file,
                me.site.line, i);
            return;
        }
        if (other.state != State::Warp) return;
        if (other.op != me.op || other.mask != me.mask || !same(other.site, me.site)) {
            say("lanes of a warp meet in different operations: %s:%d with mask %08x, and %s:%d with "
                "mask %08x", me.site.file, me.site.line, me.mask, other.site.file, other.site.line,
                other.mask);
            return;
        }
    }
    // Only __syncwarp orders memory; a shuffle or a vote does not.
    bool orders = me.op == Op::Sync;
    for (unsigned i = 0; i < WARP; i++) {
        if (!(me.mask >> i & 1)) continue;
        lanes[i].result = outcome(lanes, i);
        if (orders) happens_after(lanes[i].arrived);
    }
    for (unsigned i = 0; i < WARP; i++) {
        if (!(me.mask >> i & 1)) continue;
        lanes[i].state = State::Ready;
        if (orders) happens_before(lanes[i].resumed);
        ready.push_back(first + i);
    }
}

unsigned take_ready() {
    size_t at = 0;
    if (launch.seed == 1) at = ready.size() - 1;
    if (launch.seed > 1) at = random_below(ready.size());
    unsigned thread = ready[at];
    if (launch.seed > 1) {
        ready[at] = ready.back();
        ready.pop_back();
    } else {
        ready.erase(ready.begin() + long(at));
    }
    return thread;
}

void say_deadlock() {
    for (unsigned i = 0; i < n_threads; i++) {
        const Thread& thread = threads[i];
        if (thread.state != State::Warp) continue;
        say("thread %u waits for ever at %s:%d for the lanes of mask %08x", i, thread.site.file,
            thread.site.line, thread.mask);
        return;
    }
    say("threads wait for ever");
}

// Memory that was not written holds anything.
void scramble(unsigned char* begin, unsigned char* end) {
    for (volatile unsigned char* at = begin; at < end; at++) *at = (unsigned char)(0xa5 + (at - begin));
}

void run_block() {
    // Its own allocation in each block: what is written behind its end is seen.
    size_t len = launch.shared ? launch.shared : 1;
    void* memory = nullptr;
    if (posix_memalign(&memory, 128, len)) abort();
    dynamic_shared = static_cast<unsigned char*>(memory);
    memset(dynamic_shared, 0xa5, len);
    if (__start_evz_shared) scramble(__start_evz_shared, __stop_evz_shared);
    ready.clear();
    n_done = 0;
    for (unsigned i = 0; i < n_threads; i++) {
        Thread& thread = threads[i];
        prepare(thread.context);
        thread.state = State::Ready;
        thread.index = {i % block_dim.x, i / block_dim.x % block_dim.y,
                        i / block_dim.x / block_dim.y};
        ready.push_back(i);
    }
    happens_before(block_start);
    while (n_done < n_threads && !failed) {
        if (ready.empty()) {
            say_deadlock();
            break;
        }
        now = &threads[take_ready()];
        thread_index = now->index;
        switch_to(scheduler, now->context);
        // The threads that wait at a barrier wait for this one no more.
        if (now->state == State::Done && ready.empty()) try_barrier();
    }
    happens_after(block_end);
    // Fibers that a failure left where they were may still hold on to it.
    if (!failed) free(memory);
}

}  // namespace

unsigned barrier(Site site, bool value) {
    now->site = site;
    now->vote = value;
    now->state = State::Barrier;
    happens_before(now->arrived);
    try_barrier();
    wait_for_turn();
    happens_after(now->resumed);
    return now->votes;
}

uint64_t warp(Site site, Op op, unsigned mask, uint64_t value, int param, int width) {
    now->site = site;
    now->op = op;
    now->mask = mask;
    now->value = value;
    now->param = param;
    now->width = width;
    now->state = State::Warp;
    if (op == Op::Sync) happens_before(now->arrived);
    try_warp();
    wait_for_turn();
    if (op == Op::Sync) happens_after(now->resumed);
    return now->result;
}

void may_yield() {
    if (launch.seed > 1 && random_below(4) == 0) {
        ready.push_back(number(*now));
        wait_for_turn();
    }
}

void fail(const char* format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    failed = true;
    happens_before(block_end);
    for (;;) wait_for_turn();
}

bool run(const Launch& what, char* error, size_t error_len) {
    std::lock_guard<std::mutex> lock(one_at_a_time);
    launch = what;
    block_dim = what.block;
    grid_dim = what.grid;
    n_threads = what.block.x * what.block.y * what.block.z;
    random_state = 0x9e3779b97f4a7c15ull + what.seed;
    failed = false;
    if (n_threads == 0 || n_threads > MOST_THREADS || what.grid.x == 0 || what.grid.y == 0 ||
        what.grid.z == 0 || what.grid.y > 65535 || what.grid.z > 65535) {
        say("no grid of %ux%ux%u blocks of %u threads", what.grid.x, what.grid.y, what.grid.z,
            n_threads);
    }
    if (threads.size() < MOST_THREADS) threads.resize(MOST_THREADS);
#if defined(EVZ_THREAD)
    scheduler.tsan = __tsan_get_current_fiber();
#endif
    for (unsigned z = 0; z < what.grid.z && !failed; z++)
        for (unsigned y = 0; y < what.grid.y && !failed; y++)
            for (unsigned x = 0; x < what.grid.x && !failed; x++) {
                block_index = {x, y, z};
                run_block();
            }
    if (failed) snprintf(error, error_len, "%s", message);
    return !failed;
}

}  // namespace evzshim
