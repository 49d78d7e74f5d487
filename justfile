# Each recipe is one command that CONTRIBUTING.md prints too, so nobody needs `just`.

# The demo: a window with two live feeds.
demo:
    cargo run --release

# Everything that is checked before a change goes in.
test:
    scripts/test

# The tests alone.
unit:
    cargo test --workspace

# Core's tests alone: the fastest answer.
core:
    cargo test -p feedscope-core

# Lints, as strictly as scripts/test takes them.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Formatting, put right.
format:
    cargo fmt --all

# The language of the comments, for each folder.
words:
    scripts/plain-words

# The pages that the doc comments make.
doc:
    cargo doc --workspace --no-deps --open

# The real window on an invisible screen.
window:
    tests/real_window.sh

# Other people's clients against the demo server.
clients:
    tests/peers.sh clients

# A stranger's suites on raw sockets.
strangers:
    tests/peers.sh event-streams
    tests/peers.sh web-sockets

# Licenses, known faults, sources.
deny:
    cargo deny check

# The fonts, made anew from their packages.
fonts:
    scripts/make-fonts.sh

# The figures that are promised, each beside its peers' in the same run.
bench *STEPS:
    scripts/bench {{STEPS}}

# The fuzz targets of core, analysis and files: every target for a minute, or `just fuzz SECONDS TARGET`.
fuzz *ARGS:
    scripts/fuzz {{ARGS}}
