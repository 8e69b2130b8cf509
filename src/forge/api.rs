//! Where the API is: one origin, which alone gets the token.

use crate::error::Error;
use ureq::http::Uri;

/// The address of an API, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Api {
    base: String,
    origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    fn of(uri: &Uri) -> Option<Self> {
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let default = if scheme == "https" { 443 } else { 80 };
        Some(Self {
            host: uri.host()?.to_ascii_lowercase(),
            port: uri.port_u16().unwrap_or(default),
            scheme,
        })
    }

    /// Whether what is sent there stays on this machine.
    fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let address: Option<std::net::IpAddr> = host.parse().ok();
        host == "localhost" || address.is_some_and(|address| address.is_loopback())
    }
}

impl Api {
    /// Takes an address to which a token may be sent: https, or http on this machine.
    pub(super) fn new(url: &str) -> Result<Self, Error> {
        let base = url.trim().trim_end_matches('/');
        let wrong = |what: &str| {
            Error::new(format!("the API's address {what}"))
                .help("such as https://api.github.com, https://HOST/api/v3 or https://HOST/api/v4")
        };
        let uri: Uri = base.parse().map_err(|_| wrong("is no URL"))?;
        let origin = Origin::of(&uri).ok_or_else(|| wrong("is not a whole URL"))?;
        let plain = !uri.authority().is_some_and(|it| it.as_str().contains('@'));
        if !plain || uri.query().is_some() {
            return Err(wrong("has more than scheme, host, port and path"));
        }
        match &*origin.scheme {
            "https" => {}
            "http" if origin.is_loopback() => {}
            "http" => return Err(wrong("is plain http: the token could be read on the way")),
            _ => return Err(wrong("is neither https nor http")),
        }
        Ok(Self {
            base: base.to_owned(),
            origin,
        })
    }

    /// The address of something in the API.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address without a piece at its end.
    pub(super) fn without(&self, end: &str) -> &str {
        self.base.strip_suffix(end).unwrap_or(&self.base)
    }

    /// Whether requests stay on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.origin.is_loopback()
    }

    /// Where a redirect leads, if it stays with this very host: no other gets the token.
    pub(super) fn follow(&self, location: &str) -> Option<String> {
        let uri: Uri = location.parse().ok()?;
        if uri.scheme().is_some() {
            let stays = Origin::of(&uri).as_ref() == Some(&self.origin);
            return stays.then(|| location.to_owned());
        }
        let Origin { scheme, host, port } = &self.origin;
        // Two slashes begin another host.
        let inside = location.starts_with('/') && !location.starts_with("//");
        inside.then(|| format!("{scheme}://{host}:{port}{location}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Api;

    #[test]
    fn a_token_is_sent_over_https_or_within_this_machine() {
        for good in [
            "https://api.github.com",
            "https://git.example/api/v4/",
            "http://127.0.0.1:8080/api",
            "http://localhost",
            "http://[::1]:80/x",
        ] {
            assert!(Api::new(good).is_ok(), "{good}");
        }
        for wrong in [
            "http://git.example/api/v4",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "ftp://git.example",
            "git.example/api",
            "/api/v4",
            "https://user:secret@git.example",
            "https://git.example/?token=secret",
            "",
        ] {
            let error = Api::new(wrong).expect_err(wrong);
            assert!(!error.message().contains("secret"), "{error}");
        }
    }

    #[test]
    fn redirects_are_followed_within_the_host_only() {
        let api = Api::new("https://api.github.com").expect("an address");
        for inside in [
            "https://api.github.com/repositories/1",
            "https://API.github.com:443/x",
        ] {
            assert_eq!(api.follow(inside).as_deref(), Some(inside));
        }
        assert_eq!(
            api.follow("/repositories/1").as_deref(),
            Some("https://api.github.com:443/repositories/1")
        );
        for outside in [
            "http://api.github.com/x",
            "https://api.github.com:8443/x",
            "https://api.github.com.evil.example/x",
            "https://api.github.com@evil.example/x",
            "//evil.example/x",
            "x",
            "",
        ] {
            assert_eq!(api.follow(outside), None, "{outside}");
        }
    }
}
