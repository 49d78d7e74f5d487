//! Settings of the system's allocator for a program that only serves. This module allocates nothing.
//!
//! When the first large block is freed, glibc begins to keep such blocks for later, in each of its arenas, and returns
//! pages only from their ends. The allocators of other systems do neither.

use std::sync::atomic::{AtomicBool, Ordering};

/// True after the program requested that freed memory is returned.
static RETURNS: AtomicBool = AtomicBool::new(false);

/// Makes the allocator return freed memory to the system, so that a crowd of clients leaves no memory occupied.
///
/// This applies to the whole process. Therefore the program calls it and not the server.
pub fn return_freed_memory() {
    return_pages_of_crowds();
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use libc::{M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, c_int, mallopt};

        /// Size in bytes from which a block has its own pages. The buffers of the connections have this size.
        const LARGE: c_int = 128 << 10;
        /// Largest number of free bytes that are kept at the end of an arena.
        const KEPT: c_int = 256 << 10;
        #[expect(
            unsafe_code,
            reason = "the C library has no other way to set this while it runs"
        )]
        // SAFETY: the function takes two numbers and may be called at any time. If it rejects a value, the settings do
        // not change.
        unsafe {
            mallopt(M_MMAP_THRESHOLD, LARGE);
            mallopt(M_TRIM_THRESHOLD, KEPT);
        }
    }
}

/// Makes the server return free pages to the system whenever a crowd of clients has left.
///
/// It leaves the settings of the allocator alone, for a program with settings of its own. The call is needed because
/// the small blocks of many clients leave free pages between blocks that are still in use.
pub fn return_pages_of_crowds() {
    RETURNS.store(true, Ordering::Relaxed);
}

/// Returns the free pages between blocks that are in use, where the program has asked for it.
pub(crate) fn return_free_pages() {
    if !RETURNS.load(Ordering::Relaxed) {
        return;
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the C library offers this to C only")]
    // SAFETY: the function may be called at any time and by any thread. The number is the size that is left at the end
    // of the heap.
    unsafe {
        libc::malloc_trim(0);
    }
}
