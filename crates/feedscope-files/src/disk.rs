//! Free space of the disk that a file is on.

use std::fs::File;

/// Returns the disk space available to this user, or `None` where the system does not report it.
#[cfg(target_os = "linux")]
pub(crate) fn free_bytes(file: &File) -> Option<u64> {
    let disk = rustix::fs::fstatvfs(file).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Returns `None`, because only Linux is asked.
#[cfg(not(target_os = "linux"))]
pub(crate) fn free_bytes(_: &File) -> Option<u64> {
    None
}
