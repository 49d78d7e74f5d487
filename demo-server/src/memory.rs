//! The system's allocator, set up for a program that only serves. Allocates nothing itself.
//!
//! glibc learns from the first large block that is freed to keep such blocks for later, in each of its arenas, and gives
//! pages back only from their ends. Other systems' allocators do neither.

use std::sync::atomic::{AtomicBool, Ordering};

/// The program has asked for freed memory to be returned.
static RETURNS: AtomicBool = AtomicBool::new(false);

/// Makes the allocator return freed memory to the system, so that a crowd of clients leaves nothing behind.
///
/// This holds for the whole process. Therefore the program calls it and not the server.
pub fn return_freed_memory() {
    RETURNS.store(true, Ordering::Relaxed);
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use libc::{M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, c_int, mallopt};

        /// Size in bytes from which a block has pages of its own. The buffers of the connections have it.
        const LARGE: c_int = 128 << 10;
        /// Most free bytes that are kept at the end of an arena.
        const KEPT: c_int = 256 << 10;
        #[expect(
            unsafe_code,
            reason = "the C library has no other way to set this while it runs"
        )]
        // SAFETY: it takes two numbers and may be called at any time. Where one is refused, everything stays as it was.
        unsafe {
            mallopt(M_MMAP_THRESHOLD, LARGE);
            mallopt(M_TRIM_THRESHOLD, KEPT);
        }
    }
}

/// Returns the free pages between blocks that are in use, where the program has asked for it.
pub(crate) fn return_free_pages() {
    if !RETURNS.load(Ordering::Relaxed) {
        return;
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the C library offers this to C only")]
    // SAFETY: it may be called at any time and by any thread. The number is what to leave at the end of the heap.
    unsafe {
        libc::malloc_trim(0);
    }
}
