//! The address of a tenant's host.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The common gateway's host (field-notes.md, WAPI).
pub(super) const GATEWAY: &str = "https://api.8x8.com";

/// The host of a platform (field-notes.md, "Phone calls": AP1, AU1, CA1-2, EU2-21, NA1-40, SB1).
pub(super) fn of_platform(platform: &str) -> String {
    format!("https://vcc-{}.8x8.com", platform.to_ascii_lowercase())
}

/// Takes a base address: `https://host[:port][/path]`, or plain HTTP to this machine, since
/// credentials travel in the requests (rulings.md, HTTP_TLS). Gives it without a `/` at the end.
pub(super) fn check(address: &str) -> Result<String, &'static str> {
    let (scheme, rest) = address.split_once("://").ok_or("it has no `https://`")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if rest.contains(['?', '#']) {
        return Err("it has a `?` or `#`");
    }
    if authority.contains('@') {
        return Err("it holds a user name; credentials stand under `tokens` and `wapi`");
    }
    let host = host_of(authority).ok_or("its host or port is not valid")?;
    if path.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("it holds white space");
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" => return Err("plain HTTP is for this machine only (`localhost`, `127.0.0.1`)"),
        _ => return Err("it does not begin with `https://`"),
    }
    Ok(address.trim_end_matches('/').to_owned())
}

/// The host without port and brackets.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, port)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            let valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
            if host.is_empty() || !host.chars().all(valid) {
                return None;
            }
            (host, port)
        }
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Some(host),
        Some(port) if port.parse::<u16>().is_ok_and(|port| port > 0) => Some(host),
        _ => None,
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_to_this_machine_only() {
        for good in [
            "https://vcc-na12.8x8.com",
            "https://vcc.example.com:8443/prefix",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://[::1]:8080",
            "HTTPS://example.com",
        ] {
            assert_eq!(check(good), Ok(good.to_owned()), "{good}");
        }
        for bad in [
            "http://example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost@example.com",
            "http://[::2]",
            "ftp://example.com",
            "example.com",
            "https://",
            "https://ex ample.com",
            "https://user:pass@example.com",
            "https://example.com?x=1",
            "https://example.com:99999",
            "https://example.com/a b",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_slash_at_the_end_is_taken_away() {
        assert_eq!(check("https://example.com/"), Ok("https://example.com".to_owned()));
    }

    #[test]
    fn a_platform_is_a_host_of_the_vendor() {
        assert_eq!(of_platform("NA12"), "https://vcc-na12.8x8.com");
    }
}
