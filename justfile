# Each recipe is one command that CONTRIBUTING.md lists too, so that `just` is not required.

# The demo: a window with two live feeds.
demo:
    cargo run --release

# All checks that a change must pass.
test:
    scripts/test

# The tests alone.
unit:
    cargo test --workspace

# Core's tests alone: the fastest answer.
core:
    cargo test -p feedscope-core

# Lints, as strict as in scripts/test.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Formatting of all files.
format:
    cargo fmt --all

# The language of the comments, for each folder.
words:
    scripts/plain-words

# The pages that are built from the doc comments.
doc:
    cargo doc --workspace --no-deps --open

# The real window on an invisible screen.
window:
    tests/real_window.sh

# Other people's clients against the demo server.
clients:
    tests/peers.sh clients

# Independent test suites on raw sockets.
strangers:
    tests/peers.sh event-streams
    tests/peers.sh web-sockets

# Licenses, known faults, sources.
deny:
    cargo deny check

# A new build of the fonts from their packages.
fonts:
    scripts/make-fonts.sh

# The promised figures, each beside those of other programs in the same run.
bench *STEPS:
    scripts/bench {{STEPS}}

# The fuzz targets of core, analysis and files: every target for a minute, or `just fuzz SECONDS TARGET`.
fuzz *ARGS:
    scripts/fuzz {{ARGS}}
