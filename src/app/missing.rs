//! Desktop libraries that are loaded only when a window opens. It translates an error message about a missing library
//! into advice with the name of the Debian package.

/// Names of libraries as in error messages, with their packages. A name that starts with another name comes before it.
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

/// Returns advice on how to install the missing library that `message` names, or `None` if it names none.
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
