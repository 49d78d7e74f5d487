//! Tests of the whole program in one binary, because each further binary would link egui once more.
//!
//! | module | subject |
//! |---|---|
//! | [`architecture`] | the layers and their dependencies |
//! | `window` | the view and the actions of people, by the accessibility tree |
//! | [`documents`] | the files and codes that documents name |
//! | [`cli`] | the output and the exit status of the built program |

// `cfg(test)` is always true here. It marks the helpers in these files as test code for clippy.
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod support;
#[cfg(test)]
#[cfg(feature = "window")]
mod window;
