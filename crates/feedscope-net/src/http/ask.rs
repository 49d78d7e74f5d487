//! Request before its URL is known, because a redirect can lead to another one.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::Url;

/// Request without its URL.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    /// Headers that are also sent to other origins. None of them was set by the user.
    pub(crate) own_headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
}

/// Returns the URL without its userinfo, which is sent as a header. The HTTP library would create a second header from
/// a userinfo in the URL.
pub(crate) fn without_userinfo(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_username("").ok();
    bare.set_password(None).ok();
    bare
}
