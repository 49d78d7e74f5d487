//! Desktop libraries that are looked for only when a window opens: told by what their absence is called, with the
//! Debian package that has them. It looks for nothing itself.

/// A library's name as it stands in messages, and its package. Longer names first: some begin with another's name.
const LIBRARIES: [(&str, &str); 15] = [
    ("libxkbcommon-x11", "libxkbcommon-x11-0"),
    ("libxkbcommon", "libxkbcommon0"),
    ("libX11-xcb", "libx11-xcb1"),
    ("libX11", "libx11-6"),
    ("libXcursor", "libxcursor1"),
    ("libXi", "libxi6"),
    ("libXrandr", "libxrandr2"),
    ("libXrender", "libxrender1"),
    ("libxcb", "libxcb1"),
    ("libwayland-egl", "libwayland-egl1"),
    ("libwayland-cursor", "libwayland-cursor0"),
    ("libwayland-client", "libwayland-client0"),
    ("libEGL", "libegl1"),
    ("libGLX", "libglx0"),
    ("libGL", "libgl1"),
];

/// What a message that names a missing library means for whoever can install it; `None` where it names none.
pub(super) fn advice(message: &str) -> Option<String> {
    let (library, package) = LIBRARIES
        .iter()
        .find(|(library, _)| message.contains(library))?;
    Some(format!(
        "the library {library} is missing; on Debian and Ubuntu it comes with the package {package}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_named_with_its_package() {
        for (message, library, package) in [
            (
                "Library libxkbcommon-x11.so could not be loaded.",
                "libxkbcommon-x11",
                "libxkbcommon-x11-0",
            ),
            (
                "Library libxkbcommon.so could not be loaded.",
                "libxkbcommon",
                "libxkbcommon0",
            ),
            (
                "libX11-xcb.so.1: cannot open shared object file",
                "libX11-xcb",
                "libx11-xcb1",
            ),
            (
                "opening library failed (libXcursor.so.1: cannot open)",
                "libXcursor",
                "libxcursor1",
            ),
        ] {
            let advice = advice(message).unwrap();
            assert!(
                advice.contains(&format!(" {library} ")) && advice.ends_with(package),
                "{advice}"
            );
        }
        assert_eq!(
            advice("neither WAYLAND_DISPLAY nor WAYLAND_SOCKET nor DISPLAY is set."),
            None
        );
    }
}
