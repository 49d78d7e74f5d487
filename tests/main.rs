//! Every test of the program as a whole, in one binary, because each further one would link egui once more.
//!
//! | module | asks |
//! |---|---|
//! | [`architecture`] | do the layers keep to themselves? |
//! | `window` | what do people see and do, by the accessibility tree? |
//! | [`cli`] | what does the built program print, and how does it end? |

// `cfg(test)` always holds here. It tells clippy that helpers in these files are test code too.
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod support;
#[cfg(test)]
#[cfg(feature = "window")]
mod window;
