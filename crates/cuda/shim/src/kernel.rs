//! A launch of a kernel on memory of the host.

use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::marker::PhantomData;

use libloading::os::unix::Symbol;

use crate::library::library;

/// Orders of the threads to try: in order, the last one first, and shuffled.
pub const SEEDS: [u32; 4] = [0, 1, 2, 3];

type Launch = unsafe extern "C" fn(
    *const c_char,
    *const c_uint,
    *const c_uint,
    usize,
    c_uint,
    *mut *mut c_void,
    *const usize,
    usize,
    *mut c_char,
    usize,
) -> c_int;

/// A kernel, how it is launched, and its parameters in their order.
///
/// The kernel is C++ that is not checked: where it strays from the memory it is given, tests under
/// a sanitizer end with a report.
pub struct Kernel<'a> {
    name: &'static str,
    grid: [u32; 3],
    block: [u32; 3],
    shared: usize,
    seed: u32,
    /// Parameters, each in memory that any of them may have, and their sizes.
    params: Vec<(Vec<u128>, usize)>,
    memory: PhantomData<&'a mut [u8]>,
}

impl<'a> Kernel<'a> {
    /// One block of 32 threads that run in order.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            grid: [1; 3],
            block: [32, 1, 1],
            shared: 0,
            seed: 0,
            params: Vec::new(),
            memory: PhantomData,
        }
    }

    /// So many blocks of so many threads.
    pub fn grid(mut self, blocks: u32, threads: u32) -> Self {
        self.grid = [blocks, 1, 1];
        self.block = [threads, 1, 1];
        self
    }

    /// Blocks in two dimensions.
    pub fn grid_2d(mut self, blocks: [u32; 2], threads: u32) -> Self {
        self.grid = [blocks[0], blocks[1], 1];
        self.block = [threads, 1, 1];
        self
    }

    /// Bytes of dynamic shared memory.
    pub fn shared(mut self, bytes: usize) -> Self {
        self.shared = bytes;
        self
    }

    /// The order in which threads run: 0 in order, 1 the one that could go on last runs first,
    /// others at random, also between atomic operations.
    pub fn seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }

    /// A parameter by value: a number, or a structure in the layout of C.
    pub fn arg<T: Copy>(mut self, value: T) -> Self {
        let mut memory = vec![0u128; size_of::<T>().div_ceil(16)];
        // SAFETY: the memory has room for a `T`, and is aligned for any that a kernel takes.
        unsafe { memory.as_mut_ptr().cast::<T>().write(value) };
        self.params.push((memory, size_of::<T>()));
        self
    }

    /// A pointer to memory that is only read.
    pub fn slice<T>(self, slice: &'a [T]) -> Self {
        self.arg(slice.as_ptr())
    }

    /// A pointer to memory that is written to.
    pub fn slice_mut<T>(self, slice: &'a mut [T]) -> Self {
        self.arg(slice.as_mut_ptr())
    }

    /// A pointer to nothing.
    pub fn null(self) -> Self {
        self.arg(0usize)
    }

    /// Runs it.
    ///
    /// # Errors
    /// What the kernel did that it must not; or that there is none of this name with such
    /// parameters.
    ///
    /// # Panics
    /// Never in tests that name the kernel with plain letters.
    pub fn launch(mut self) -> Result<(), String> {
        let name = CString::new(self.name).expect("a plain name");
        let sizes: Vec<usize> = self.params.iter().map(|p| p.1).collect();
        let mut params: Vec<*mut c_void> = self
            .params
            .iter_mut()
            .map(|p| p.0.as_mut_ptr().cast())
            .collect();
        let mut error = [0u8; 512];
        // SAFETY: the type is that of the function in launch.cpp, which compares number and sizes
        // of the parameters with the kernel's.
        let failed = unsafe {
            let launch: Symbol<Launch> = library()
                .get(b"evzshim_launch")
                .expect("the library has it");
            launch(
                name.as_ptr(),
                self.grid.as_ptr(),
                self.block.as_ptr(),
                self.shared,
                self.seed,
                params.as_mut_ptr(),
                sizes.as_ptr(),
                sizes.len(),
                error.as_mut_ptr().cast(),
                error.len(),
            )
        };
        if failed == 0 {
            return Ok(());
        }
        let text = error.split(|b| *b == 0).next().unwrap_or_default();
        Err(String::from_utf8_lossy(text).into_owned())
    }
}
