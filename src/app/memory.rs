//! How the system's allocator treats what records lie in. It allocates nothing itself.

/// Has memory of the size of a store's chunks given back to the system as soon as it is free.
///
/// glibc starts out like that, and then learns from the first large block that is freed to keep such blocks for later:
/// a feed that was cleared would go on taking its memory, and a full budget would be exceeded by what lies between
/// blocks. Other systems' allocators give large blocks back as they are.
pub fn give_back_at_once() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// Below a chunk's two large parts, its bytes and its rows (see `feedscope_core::store`).
        const LARGE: libc::c_int = 128 << 10;
        #[expect(
            unsafe_code,
            reason = "the C library has no other way to set this while it runs"
        )]
        // SAFETY: it takes two numbers, and may be called at any time. Naming a threshold, whichever, is what ends the
        // learning; where it is refused, everything stays as it was.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        }
    }
}
