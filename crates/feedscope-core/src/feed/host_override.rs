//! [`HostOverride`]: addresses that replace the name lookup of a host, in the written form of curl.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Addresses of a host and port that replace the name lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOverride {
    /// Host as written in the URL.
    pub host: String,
    /// Port, even if it is the default of the scheme.
    pub port: u16,
    /// Addresses in the order in which they are tried.
    pub addresses: Vec<IpAddr>,
}

impl FromStr for HostOverride {
    type Err = String;

    /// Parses `HOST:PORT:ADDRESS[,ADDRESS]`, the form of curl's `--resolve`. IPv6 addresses may have brackets.
    ///
    /// # Errors
    ///
    /// Returns a sentence about the problem.
    fn from_str(typed: &str) -> Result<Self, String> {
        // An IPv6 address contains colons, so that only the first two separate parts.
        let mut parts = typed.splitn(3, ':');
        let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err("it is written HOST:PORT:ADDRESS".to_owned());
        };
        if host.is_empty() {
            return Err("it is written HOST:PORT:ADDRESS".to_owned());
        }
        let port = port
            .parse()
            .map_err(|_not_one| format!("`{port}` is no port"))?;
        let address = |text: &str| {
            let bare = text.trim_start_matches('[').trim_end_matches(']');
            bare.parse::<IpAddr>()
                .map_err(|_not_one| format!("`{text}` is no IP address"))
        };
        Ok(Self {
            host: host.to_owned(),
            port,
            addresses: addresses
                .split(',')
                .map(address)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl fmt::Display for HostOverride {
    /// Writes the form that `from_str` parses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.host, self.port)?;
        for (i, address) in self.addresses.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            write!(f, "{comma}{address}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_read_as_curl_writes_them() {
        let read: HostOverride = "a.test:443:127.0.0.1,[::1],::2".parse().unwrap();
        let addresses: Vec<String> = read.addresses.iter().map(IpAddr::to_string).collect();
        assert_eq!((read.host.as_str(), read.port), ("a.test", 443));
        assert_eq!(addresses, ["127.0.0.1", "::1", "::2"]);
        assert_eq!(read.to_string().parse(), Ok(read));
        for wrong in [
            "a.test",
            "a.test:443",
            ":1:::1",
            "a.test:x:::1",
            "a.test:1:b.test",
            "a.test:1:",
        ] {
            assert!(wrong.parse::<HostOverride>().is_err(), "{wrong}");
        }
    }
}
