// The functions of the CUDA driver that evz-cuda calls, over the fibers. Memory of the device is
// memory of the host. What is asked of a stream waits until somebody waits for it, so that a host
// that reads too early, or changes memory that is still to be copied, is found out.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "fibers.h"
#include "registry.h"

namespace {

enum Result {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    NO_BINARY_FOR_GPU = 209,
    NOT_FOUND = 500,
    LAUNCH_FAILED = 719,
};

// What the device is like; set by tests.
struct Device {
    int count = 1;
    size_t memory = size_t(1) << 30;
    unsigned seed = 0;
    size_t l2 = 1 << 20;
    size_t shared = 99 << 10;
    size_t launches = 0, most_memory = 0;
} device;

std::mutex guard;
std::map<uintptr_t, size_t> device_memory, pinned;
size_t allocated;

struct Stream {
    std::mutex guard;
    std::vector<std::function<int()>> work;

    int drain() {
        std::lock_guard<std::mutex> lock(guard);
        int result = SUCCESS;
        // Behind what failed a device does nothing more.
        for (auto& step : work)
            if (result == SUCCESS) result = step();
        work.clear();
        return result;
    }
    void push(std::function<int()> step) {
        std::lock_guard<std::mutex> lock(guard);
        work.push_back(std::move(step));
    }
};

struct Module {
    std::set<std::string> entries;
};

// What is wrong with the device, for programs that are started with these set: the kernel whose
// polarities have a wrong one, the kernel that faults, and that no code but PTX is taken.
const char* const wrong_kernel = getenv("EVZ_SHIM_WRONG");
const char* const faulty_kernel = getenv("EVZ_SHIM_FAULT");
const bool only_ptx = getenv("EVZ_SHIM_ONLY_PTX") != nullptr;
// Ten times the major version and the minor one, as in the names of architectures.
const int capability = getenv("EVZ_SHIM_SM") ? atoi(getenv("EVZ_SHIM_SM")) : 90;

// The entry points in PTX.
bool read_ptx(const char* text, std::set<std::string>& entries) {
    if (!strstr(text, ".version 8.0\n.target sm_70")) return false;
    const char mark[] = ".entry ";
    for (const char* at = text; (at = strstr(at, mark)) != nullptr;) {
        at += sizeof mark - 1;
        entries.insert(std::string(at, strcspn(at, "(")));
    }
    return true;
}

template <class T> T number_at(const char* at) {
    T value;
    memcpy(&value, at, sizeof value);
    return value;
}

// Those in code for an architecture, an ELF file: they have sections of their names.
int read_code(const char* image, std::set<std::string>& entries) {
    const uint16_t EM_CUDA = 190;
    if (number_at<uint16_t>(image + 18) != EM_CUDA) return INVALID_IMAGE;
    // In the lowest byte of the flags, or in the second one from sm_100 on.
    uint32_t flags = number_at<uint32_t>(image + 48);
    int sm = (flags & 0xff) >= 50 ? int(flags & 0xff) : int(flags >> 8 & 0xff);
    if (only_ptx || sm / 10 != capability / 10 || sm > capability) return NO_BINARY_FOR_GPU;
    const char* sections = image + number_at<uint64_t>(image + 40);
    size_t len = number_at<uint16_t>(image + 58), count = number_at<uint16_t>(image + 60);
    size_t of_names = number_at<uint16_t>(image + 62);
    const char* names = image + number_at<uint64_t>(sections + of_names * len + 24);
    for (size_t i = 0; i < count; i++) {
        std::string name = names + number_at<uint32_t>(sections + i * len);
        if (name.rfind(".text.", 0) == 0) entries.insert(name.substr(6));
    }
    return SUCCESS;
}

// A stretch of the allocations of one kind.
bool within(const std::map<uintptr_t, size_t>& memory, uintptr_t at, size_t len) {
    std::lock_guard<std::mutex> lock(guard);
    auto next = memory.upper_bound(at);
    if (next == memory.begin()) return false;
    auto [start, size] = *std::prev(next);
    return at + len <= start + size;
}

int allocate(std::map<uintptr_t, size_t>& memory, void** out, size_t len) {
    std::lock_guard<std::mutex> lock(guard);
    bool counted = &memory == &device_memory;
    if (len == 0) return INVALID_VALUE;
    if (counted && allocated + len > device.memory) return OUT_OF_MEMORY;
    // As on a device, what is behind the end is somebody else's.
    if (posix_memalign(out, 256, len)) return OUT_OF_MEMORY;
    memset(*out, 0xa5, len);
    memory[uintptr_t(*out)] = len;
    if (counted) {
        allocated += len;
        if (allocated > device.most_memory) device.most_memory = allocated;
    }
    return SUCCESS;
}

int release(std::map<uintptr_t, size_t>& memory, void* at) {
    std::lock_guard<std::mutex> lock(guard);
    auto found = memory.find(uintptr_t(at));
    if (found == memory.end()) return INVALID_VALUE;
    if (&memory == &device_memory) allocated -= found->second;
    memory.erase(found);
    free(at);
    return SUCCESS;
}

// Changes the first polarity that a kernel wrote.
void spoil(const evzshim::Entry& entry, const std::vector<void*>& params) {
    struct Columns {
        void *t, *x, *y;
        unsigned char* p;
    };
    for (size_t i = 0; i < params.size(); i++) {
        if (entry.param_sizes[i] == sizeof(Columns)) static_cast<Columns*>(params[i])->p[0] ^= 1;
    }
}

}  // namespace

extern "C" {

// For tests.
void evzshim_device(int count, size_t memory, size_t l2, size_t shared, unsigned seed) {
    std::lock_guard<std::mutex> lock(guard);
    device.count = count;
    device.memory = memory;
    device.l2 = l2;
    device.shared = shared;
    device.seed = seed;
    device.launches = 0;
    device.most_memory = allocated;
}
void evzshim_used(size_t* now, size_t* most, size_t* launches) {
    std::lock_guard<std::mutex> lock(guard);
    *now = allocated;
    *most = device.most_memory;
    *launches = device.launches;
}

int cuInit(unsigned) { return device.count < 0 ? NO_DEVICE : SUCCESS; }
int cuDriverGetVersion(int* version) {
    *version = 12060;
    return SUCCESS;
}
int cuDeviceGetCount(int* n) {
    *n = device.count;
    return SUCCESS;
}
int cuDeviceGet(int* out, int ordinal) {
    *out = ordinal;
    return ordinal < device.count ? SUCCESS : INVALID_DEVICE;
}
int cuDeviceGetName(char* name, int len, int) {
    snprintf(name, size_t(len), "host shim");
    return SUCCESS;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
    *bytes = device.memory;
    return SUCCESS;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
    case 16: *value = 4; break;              // multiprocessors
    case 38: *value = int(device.l2); break; // bytes of the L2 cache
    case 75: *value = capability / 10; break; // compute capability
    case 76: *value = capability % 10; break;
    case 97: *value = int(device.shared); break;  // bytes of shared memory of a block
    default: *value = 0;
    }
    return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void** context, int) {
    *context = &device;
    return SUCCESS;
}
int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
int cuCtxSetCurrent(void*) { return SUCCESS; }
int cuCtxGetCurrent(void** context) {
    *context = &device;
    return SUCCESS;
}
int cuCtxSynchronize() { return SUCCESS; }
int cuMemGetInfo_v2(size_t* left, size_t* total) {
    std::lock_guard<std::mutex> lock(guard);
    *total = device.memory;
    *left = device.memory - allocated;
    return SUCCESS;
}

// Neither PTX nor code is run, but it must be one that the device takes, and have what is asked for.
int cuModuleLoadData(void** module, const void* image) {
    const char* bytes = static_cast<const char*>(image);
    Module read;
    int result = SUCCESS;
    if (memcmp(bytes, "\x7f" "ELF", 4) == 0) {
        result = read_code(bytes, read.entries);
    } else if (!read_ptx(bytes, read.entries)) {
        result = INVALID_IMAGE;
    }
    if (result == SUCCESS) *module = new Module(std::move(read));
    return result;
}
int cuModuleUnload(void* module) {
    delete static_cast<Module*>(module);
    return SUCCESS;
}
int cuModuleGetFunction(const void** function, void* module, const char* name) {
    if (!static_cast<Module*>(module)->entries.count(name)) return NOT_FOUND;
    *function = evzshim::find(name);
    return *function ? SUCCESS : NOT_FOUND;
}
int cuFuncSetAttribute(void*, int, int) { return SUCCESS; }

int cuMemAlloc_v2(void** out, size_t len) { return allocate(device_memory, out, len); }
int cuMemFree_v2(void* at) { return release(device_memory, at); }
int cuMemHostAlloc(void** out, size_t len, unsigned) { return allocate(pinned, out, len); }
int cuMemFreeHost(void* at) { return release(pinned, at); }

int cuStreamCreate(void** out, unsigned) {
    *out = new Stream;
    return SUCCESS;
}
int cuStreamSynchronize(void* stream) { return static_cast<Stream*>(stream)->drain(); }
int cuStreamDestroy_v2(void* stream) {
    static_cast<Stream*>(stream)->drain();
    delete static_cast<Stream*>(stream);
    return SUCCESS;
}

int cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t len, void* stream) {
    if (!within(device_memory, uintptr_t(to), len)) return INVALID_VALUE;
    if (within(pinned, uintptr_t(from), len)) {
        static_cast<Stream*>(stream)->push([=] {
            memcpy(to, from, len);
            return SUCCESS;
        });
    } else {
        // Memory that is not pinned is read before the call returns.
        std::vector<char> held(static_cast<const char*>(from), static_cast<const char*>(from) + len);
        static_cast<Stream*>(stream)->push([=, held = std::move(held)] {
            memcpy(to, held.data(), len);
            return SUCCESS;
        });
    }
    return SUCCESS;
}
int cuMemcpyDtoHAsync_v2(void* to, const void* from, size_t len, void* stream) {
    if (!within(device_memory, uintptr_t(from), len)) return INVALID_VALUE;
    static_cast<Stream*>(stream)->push([=] {
        memcpy(to, from, len);
        return SUCCESS;
    });
    return within(pinned, uintptr_t(to), len) ? SUCCESS : static_cast<Stream*>(stream)->drain();
}
int cuMemcpyDtoDAsync_v2(void* to, const void* from, size_t len, void* stream) {
    if (!within(device_memory, uintptr_t(to), len)) return INVALID_VALUE;
    if (!within(device_memory, uintptr_t(from), len)) return INVALID_VALUE;
    static_cast<Stream*>(stream)->push([=] {
        memcpy(to, from, len);
        return SUCCESS;
    });
    return SUCCESS;
}
int cuMemsetD8Async(void* at, unsigned char value, size_t len, void* stream) {
    if (!within(device_memory, uintptr_t(at), len)) return INVALID_VALUE;
    static_cast<Stream*>(stream)->push([=] {
        memset(at, value, len);
        return SUCCESS;
    });
    return SUCCESS;
}

int cuLaunchKernel(const void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                   unsigned by, unsigned bz, unsigned shared, void* stream, void** params, void**) {
    auto entry = static_cast<const evzshim::Entry*>(function);
    if (!gx || !gy || !gz || gy > 65535 || gz > 65535 || bx * by * bz > 1024 ||
        shared > device.shared)
        return INVALID_VALUE;
    struct alignas(16) Held {
        char bytes[256];
    };
    std::vector<Held> held(entry->n_params);
    for (size_t i = 0; i < entry->n_params; i++) memcpy(&held[i], params[i], entry->param_sizes[i]);
    unsigned seed;
    {
        std::lock_guard<std::mutex> lock(guard);
        seed = device.seed;
        device.launches++;
    }
    static_cast<Stream*>(stream)->push([=]() mutable {
        std::vector<void*> pointers;
        for (auto& param : held) pointers.push_back(&param);
        char error[512];
        evzshim::Launch launch{entry->call, pointers.data(), {gx, gy, gz}, {bx, by, bz}, shared, seed};
        if (faulty_kernel && !strcmp(faulty_kernel, entry->name)) return LAUNCH_FAILED;
        if (evzshim::run(launch, error, sizeof error)) {
            if (wrong_kernel && !strcmp(wrong_kernel, entry->name)) spoil(*entry, pointers);
            return SUCCESS;
        }
        fprintf(stderr, "%s: %s\n", entry->name, error);
        return LAUNCH_FAILED;
    });
    return SUCCESS;
}

// An event remembers its stream alone; nothing takes time here.
int cuEventCreate(void** event, unsigned) {
    *event = new Stream*(nullptr);
    return SUCCESS;
}
int cuEventDestroy_v2(void* event) {
    delete static_cast<Stream**>(event);
    return SUCCESS;
}
int cuEventRecord(void* event, void* stream) {
    *static_cast<Stream**>(event) = static_cast<Stream*>(stream);
    return SUCCESS;
}
int cuEventSynchronize(void* event) {
    Stream* stream = *static_cast<Stream**>(event);
    return stream ? stream->drain() : SUCCESS;
}
int cuEventElapsedTime(float* ms, void*, void*) {
    *ms = 1.0f;
    return SUCCESS;
}
int cuEventQuery(void*) { return SUCCESS; }
int cuStreamWaitEvent(void*, void*, unsigned) { return SUCCESS; }

int cuGetErrorName(int, const char** text) {
    *text = "FAKE_ERROR";
    return SUCCESS;
}
int cuGetErrorString(int code, const char** text) {
    switch (code) {
    case OUT_OF_MEMORY: *text = "out of memory"; break;
    case NO_DEVICE: *text = "no CUDA-capable device is detected"; break;
    case LAUNCH_FAILED: *text = "unspecified launch failure"; break;
    default: *text = "an error of the fake driver";
    }
    return SUCCESS;
}

}  // extern "C"
