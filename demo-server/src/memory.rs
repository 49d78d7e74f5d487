//! Settings of the system's allocator for a program that only serves. Allocates nothing itself.

/// Makes the system's allocator return freed memory at once, so that a crowd of clients leaves nothing behind.
///
/// glibc learns from the first large block that is freed to keep such blocks for later, in each of its arenas. Other
/// systems' allocators do not. The setting holds for the whole process, so it is the program that calls this and not the
/// server.
pub fn return_freed_memory() {
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
