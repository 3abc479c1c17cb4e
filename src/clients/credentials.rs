//! [`Credentials`]: which secret goes with a request, and no other request.
//!
//! A secret belongs to an address. It goes to requests of the same scheme, host and port whose path lies below that
//! of the address; the longest path wins. It can be sent, and never be shown.

use std::fmt;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use percent_encoding::percent_decode_str;
use thiserror::Error;
use url::Url;

use crate::package::RemoteAddress;
use crate::package::remote::AddressError;

/// How many secrets are kept, because each request looks at all of them.
const CREDENTIALS: usize = 1_000;

/// Base64 as people leave it: the padding may be missing.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Which secret goes with a request: by scheme, host, port and path.
#[derive(Clone, Debug, Default)]
pub struct Credentials(Vec<Credential>);

/// A secret and what it is for.
#[derive(Clone, Debug)]
struct Credential {
    address: RemoteAddress,
    secret: Secret,
}

/// The value of an `Authorization` header (RFC 9110, §11.6.2): visible ASCII and spaces.
///
/// Neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why a secret is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// There are enough of them.
    #[error("there are more than 1000 credentials, and this one is not used")]
    TooMany,
    /// It cannot stand in a header.
    #[error("the token holds characters that no request can carry, and is not used")]
    NotAHeader,
    /// It is not encoded as it should be.
    #[error("the credential is no base64, and is not used")]
    NotBase64,
    /// It is half of a user and a password.
    #[error("a user without a password, or a password without a user, is not used")]
    Incomplete,
}

impl Credentials {
    /// Returns the secret for a request; none if no address that has one covers it.
    pub fn for_address(&self, address: &Url) -> Option<Secret> {
        let covering = self
            .0
            .iter()
            .filter(|credential| credential.covers(address));
        // The last one of the longest is returned, and the first one that was added shall be.
        let closest = covering
            .rev()
            .max_by_key(|credential| credential.path().len());
        closest.map(|credential| credential.secret.clone())
    }

    /// Says whether there is no secret at all.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a secret; for an address that has one already, that one stays.
    pub(super) fn add(
        &mut self,
        address: RemoteAddress,
        secret: Secret,
    ) -> Result<(), CredentialError> {
        if self.0.len() >= CREDENTIALS {
            return Err(CredentialError::TooMany);
        }
        self.0.push(Credential { address, secret });
        Ok(())
    }
}

impl Credential {
    /// Returns the path without the `/` at its end.
    fn path(&self) -> &str {
        self.address.url().path().trim_end_matches('/')
    }

    fn covers(&self, address: &Url) -> bool {
        let own = self.address.url();
        let rest = address.path().strip_prefix(self.path());
        own.scheme() == address.scheme()
            && own.host() == address.host()
            && own.port_or_known_default() == address.port_or_known_default()
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Secret {
    /// Returns the value of the header, for a request only.
    pub fn header_value(&self) -> &str {
        &self.0
    }

    /// Takes a token as it is, as cargo sends it.
    pub(super) fn bare(token: &str) -> Result<Self, CredentialError> {
        let is_header = token.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if is_header && !token.trim().is_empty() {
            Ok(Self(token.trim().to_owned()))
        } else {
            Err(CredentialError::NotAHeader)
        }
    }

    /// Takes a bearer token (RFC 6750, §2.1).
    pub(super) fn bearer(token: &str) -> Result<Self, CredentialError> {
        let Self(token) = Self::bare(token)?;
        Ok(Self(format!("Bearer {token}")))
    }

    /// Takes a user and a password (RFC 7617, §2).
    pub(super) fn basic(user: &[u8], password: &[u8]) -> Self {
        let login = [user, b":", password].concat();
        Self(format!("Basic {}", STANDARD.encode(login)))
    }

    /// Takes a user and a password that are joined and encoded already.
    pub(super) fn basic_encoded(encoded: &str) -> Result<Self, CredentialError> {
        let login = decode(encoded)?;
        if login.contains(&b':') {
            Ok(Self(format!("Basic {}", STANDARD.encode(login))))
        } else {
            Err(CredentialError::Incomplete)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

/// Decodes base64 (RFC 4648, §4), with or without padding.
pub(super) fn decode(encoded: &str) -> Result<Vec<u8>, CredentialError> {
    LENIENT
        .decode(encoded)
        .map_err(|_| CredentialError::NotBase64)
}

/// Parts an address from the user and the password in it (RFC 3986, §3.2.1).
pub(super) fn without_login(text: &str) -> Result<(RemoteAddress, Option<Secret>), AddressError> {
    let mut url = Url::parse(text.trim()).map_err(|_| AddressError::NotAnAddress)?;
    let has_login = !url.username().is_empty() || url.password().is_some();
    let user: Vec<u8> = percent_decode_str(url.username()).collect();
    let password: Vec<u8> = percent_decode_str(url.password().unwrap_or_default()).collect();
    url.set_username("")
        .and_then(|()| url.set_password(None))
        .map_err(|()| AddressError::NotAnAddress)?;
    let address = RemoteAddress::new(url.as_str())?;
    Ok((address, has_login.then(|| Secret::basic(&user, &password))))
}

/// Returns the address of all that lies on the host and port of an address.
pub(super) fn whole_host(address: &RemoteAddress) -> Option<RemoteAddress> {
    let mut url = address.url().clone();
    url.set_path("/");
    RemoteAddress::new(url.as_str()).ok()
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
