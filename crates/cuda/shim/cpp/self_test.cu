// Kernels for the tests of the shim itself.

// Reverses the values of each block through shared memory.
extern "C" __global__ void shim_reverse(int* values, int with_barrier) {
    __shared__ int held[64];
    int at = int(blockIdx.x * blockDim.x + threadIdx.x);
    held[threadIdx.x] = values[at];
    if (with_barrier) __syncthreads();
    values[at] = held[blockDim.x - 1 - threadIdx.x];
}

// A barrier that half of the threads do not come to, but come to another one.
extern "C" __global__ void shim_diverge() {
    if (threadIdx.x < 16) {
        __syncthreads();
    } else {
        __syncthreads();
    }
}

// Inclusive prefix sums over a warp, and votes.
extern "C" __global__ void shim_warp(const unsigned* values, unsigned* sums, unsigned* odd,
                                     unsigned mask) {
    unsigned lane = threadIdx.x, sum = values[lane];
    for (int by = 1; by < 32; by *= 2) {
        unsigned other = __shfl_up_sync(mask, sum, by);
        if (lane >= unsigned(by)) sum += other;
    }
    sums[lane] = sum;
    odd[lane] = __ballot_sync(mask, values[lane] & 1);
}

// Lane 0 does not come.
extern "C" __global__ void shim_absent_lane(unsigned* out) {
    if (threadIdx.x == 0) return;
    out[threadIdx.x] = __shfl_sync(0xffffffffu, threadIdx.x, 1);
}

// Writes to dynamic shared memory, and past its end if told.
extern "C" __global__ void shim_dynamic(unsigned* out, unsigned past) {
    EVZ_DYNAMIC_SHARED(bytes);
    unsigned* held = reinterpret_cast<unsigned*>(bytes);
    held[threadIdx.x + past] = threadIdx.x;
    __syncthreads();
    atomicAdd(out, held[blockDim.x - 1 - threadIdx.x]);
}
