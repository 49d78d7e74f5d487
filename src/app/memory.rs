//! Settings of the system's allocator for the memory of records.

/// Makes the allocator return memory blocks of the size of a store's chunks to the system when they are freed.
///
/// glibc does so at first. When the first large block is freed, however, it adapts its threshold and keeps such blocks
/// for later use. The memory of a cleared feed would then stay allocated, and fragmentation would exceed a full budget.
/// The allocators of other systems return large blocks without a setting.
pub fn give_back_at_once() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use libc::{M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, c_int, mallopt};

        /// Size in bytes from which blocks are mapped separately. It is below the two large parts of a chunk: its bytes
        /// and its rows.
        const LARGE: c_int = 128 << 10;
        /// Bytes of smaller blocks to keep for later use, because each pass of the window allocates and frees the same
        /// ones.
        const KEPT: c_int = 32 << 20;
        #[expect(
            unsafe_code,
            reason = "the C library has no other way to set this while it runs"
        )]
        // SAFETY: the function takes two numbers and may be called at any time. Setting a threshold ends the
        // adaptation. If the call fails, the former setting stays.
        unsafe {
            mallopt(M_MMAP_THRESHOLD, LARGE);
            mallopt(M_TRIM_THRESHOLD, KEPT);
        }
    }
}
