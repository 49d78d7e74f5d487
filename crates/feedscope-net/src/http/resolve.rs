//! Addresses of hosts. Those of `localhost` are fixed, and the system's resolver provides the others. This module does
//! not connect.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use super::route::is_localhost;

/// Addresses of `localhost` and of every name under it, independent of the system's resolver (RFC 6761 6.3).
///
/// curl and browsers try them in this order too.
const LOCALHOST: [IpAddr; 2] = [
    IpAddr::V6(Ipv6Addr::LOCALHOST),
    IpAddr::V4(Ipv4Addr::LOCALHOST),
];

/// Returns the addresses of a host in the order in which they are tried.
pub(super) async fn addresses(host: &str) -> io::Result<Vec<IpAddr>> {
    if is_localhost(host) {
        return Ok(LOCALHOST.to_vec());
    }
    let found = lookup_host((host, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

/// Resolver of the HTTP clients.
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = addresses(name.as_str()).await?;
            // The client replaces 0 with the port of the URL.
            let found = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}
