//! Tokens of HTTP, such as the name of a header.

/// Returns true if `name` is a token of RFC 9110 5.6.2. Header names (5.1) and subprotocols (RFC 6455 4.1) are tokens.
pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
