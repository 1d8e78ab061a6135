//! The device that the fake driver shows.

use libloading::os::unix::Symbol;

use crate::library::library;

/// What the device is like.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    /// Devices that there are; less than 0 where the driver finds none when it starts.
    pub count: i32,
    /// Bytes of memory.
    pub memory: usize,
    /// Bytes of the second cache.
    pub l2: usize,
    /// Bytes of shared memory that a block may have.
    pub shared: usize,
    /// The order in which threads run, as [`Kernel::seed`](crate::Kernel::seed).
    pub seed: u32,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            count: 1,
            memory: 1 << 30,
            l2: 1 << 20,
            shared: 99 << 10,
            seed: 0,
        }
    }
}

impl Device {
    /// Makes the library of this process the driver that the process finds, with such a device.
    ///
    /// # Panics
    /// If the library lacks the function.
    pub fn install(self) {
        // SAFETY: the type is that of the function in fake_driver.cpp.
        unsafe {
            let set: Symbol<unsafe extern "C" fn(i32, usize, usize, usize, u32)> = library()
                .get(b"evzshim_device")
                .expect("the library has it");
            set(self.count, self.memory, self.l2, self.shared, self.seed);
        }
    }
}

/// What was asked of the device since it was installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Bytes allocated now.
    pub now: usize,
    /// Bytes allocated at most.
    pub most: usize,
    /// Kernels launched.
    pub launches: usize,
}

impl Used {
    /// So far.
    ///
    /// # Panics
    /// If the library lacks the function.
    pub fn so_far() -> Self {
        let (mut now, mut most, mut launches) = (0, 0, 0);
        // SAFETY: the type is that of the function in fake_driver.cpp.
        unsafe {
            let get: Symbol<unsafe extern "C" fn(*mut usize, *mut usize, *mut usize)> =
                library().get(b"evzshim_used").expect("the library has it");
            get(&mut now, &mut most, &mut launches);
        }
        Self {
            now,
            most,
            launches,
        }
    }
}
