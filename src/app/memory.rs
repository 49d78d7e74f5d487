//! How the system's allocator treats what records lie in. It allocates nothing itself.

/// Has memory of the size of a store's chunks given back to the system as soon as it is free.
///
/// glibc starts out like that, and then learns from the first large block that is freed to keep such blocks for later:
/// a feed that was cleared would go on taking its memory, and a full budget would be exceeded by what lies between
/// blocks. Other systems' allocators give large blocks back as they are.
pub fn give_back_at_once() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use libc::{M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, c_int, mallopt};

        /// From here on blocks lie apart, in bytes: below a chunk's two large parts, its bytes and its rows.
        const LARGE: c_int = 128 << 10;
        /// Smaller ones are kept up to here, in bytes: a pass of the window takes and frees the same ones each time.
        const KEPT: c_int = 32 << 20;
        #[expect(
            unsafe_code,
            reason = "the C library has no other way to set this while it runs"
        )]
        // SAFETY: it takes two numbers and may be called at any time. Naming a threshold is what ends the learning;
        // where one is refused, everything stays as it was.
        unsafe {
            mallopt(M_MMAP_THRESHOLD, LARGE);
            mallopt(M_TRIM_THRESHOLD, KEPT);
        }
    }
}
