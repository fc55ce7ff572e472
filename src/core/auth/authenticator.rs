//! Verifies credentials against the keys of a configuration.

use std::cell::OnceCell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::caller::{Caller, Claimed, SecretUsed, Unproven};
use super::checks::{
    Authorization, allowed_algorithm, check_dates, check_signed_names, find_caller, find_claimed,
};
use super::credential::Credential;
use super::date::LastDate;
use super::failure::Failure;
use super::last_verified::{LastVerified, Signed};
use super::mac::KeyedMac;
use super::string_to_sign::{Spelling, string_to_sign};
use crate::document::{Algorithm, Secret};
use crate::lookup::{Config, Key, KeyIndex, Route, Table};
use crate::request::{Headers, Request};
use crate::timestamp::Timestamp;

/// The secret whose MACs are made for their time alone. It verifies nothing, so it need not be secret.
pub(super) const DECOY: &str = "no key has this secret";

/// The MAC states of a key's current secret and of its previous secret, made when the key is first used: in
/// most workers most keys of a large document are not.
type Macs = OnceCell<Box<(KeyedMac, KeyedMac)>>;

/// The size in bytes of a buffer for a decoded signature: the 64 bytes of HMAC-SHA512, rounded up to base64's
/// groups of three.
const MAX_MAC: usize = 66;

/// Verifies credentials against a configuration's keys.
pub struct Authenticator {
    macs: Table<Key, Macs>,
    decoy: (Secret, KeyedMac),
    last_date: LastDate,
    last_verified: LastVerified,
}

/// A credential whose form, dates and signed headers were checked. Its key was not looked up yet.
struct Claim<'r> {
    credential: Credential<'r>,
    algorithm: Algorithm,
    /// The string to sign, with the names of headers in lower case.
    message: Vec<u8>,
    /// Whether the clock was compared with none of the signed dates.
    date_unchecked: bool,
    headers: Headers<'r>,
}

// === impl Claim ===

impl<'r> Claim<'r> {
    /// Makes every check of the credential that needs no key.
    #[inline]
    fn check(
        config: &Config,
        route: Route,
        request: &Request<'r>,
        credential: Credential<'r>,
        now: Timestamp,
        last_date: &LastDate,
    ) -> Result<Self, Failure> {
        let (options, headers) = (config.options(), request.headers);
        let algorithm = allowed_algorithm(options, &credential)?;
        check_signed_names(config.service(route.service), &credential)?;
        let message = string_to_sign(&credential.headers, headers, Spelling::LowerCase)?;
        let date_unchecked = check_dates(options, &credential, headers, now, last_date)?;
        Ok(Self { credential, algorithm, message, date_unchecked, headers })
    }

    /// The spelling of the signed headers' names in the string from which `secret` makes `signature`, if
    /// there is one.
    fn spelling_signed_with(&self, secret: &Secret, mac: &KeyedMac, signature: &[u8]) -> Option<Spelling> {
        let names = &self.credential.headers;
        let as_written = || string_to_sign(names, self.headers, Spelling::AsWritten);
        if mac.verify(secret, self.algorithm, &self.message, signature) {
            return Some(Spelling::LowerCase);
        }
        (names.has_upper_case()
            && as_written().is_ok_and(|message| mac.verify(secret, self.algorithm, &message, signature)))
        .then_some(Spelling::AsWritten)
    }
}

// === impl Authenticator ===

impl Authenticator {
    /// Makes a verifier for the keys of `config`; the MAC states are made at the first use of each key.
    pub fn new(config: &Config) -> Self {
        Self {
            macs: config.keys().map(|_| Macs::default()),
            decoy: (Secret::new(DECOY), KeyedMac::default()),
            last_date: LastDate::default(),
            last_verified: LastVerified::default(),
        }
    }

    /// Verifies the request's credential and returns the caller, who has a plan in the environment of
    /// `route`.
    ///
    /// # Errors
    ///
    /// The first check of `docs/rules.md#refusals` that the request fails, and the key that the credential
    /// names.
    #[inline]
    pub fn authenticate(
        &self,
        config: &Config,
        route: Route,
        request: &Request<'_>,
        authorization: Authorization<'_>,
        now: Timestamp,
    ) -> Result<Caller, Unproven> {
        let credential =
            authorization.credential().map_err(|failure| Unproven { failure, claimed: Claimed::Nothing })?;
        let claimed = find_claimed(config, credential.id);
        self.verify(config, route, request, credential, claimed, now)
            .map_err(|failure| Unproven { failure, claimed })
    }

    /// Verifies a credential that was parsed, and which names `claimed`.
    #[inline]
    fn verify(
        &self,
        config: &Config,
        route: Route,
        request: &Request<'_>,
        credential: Credential<'_>,
        claimed: Claimed,
        now: Timestamp,
    ) -> Result<Caller, Failure> {
        let claim = Claim::check(config, route, request, credential, now, &self.last_date)?;
        let found = find_caller(config, config.environment(route.environment), claimed, now);
        let key = found.as_ref().ok().map(|(key, _)| *key);
        let secret = self.secret_used(&claim, config, key, now);
        let (key, usage_plan) = found?;
        let secret = secret.ok_or(Failure::SignatureMismatch)?;
        let secret = config.key(key).has_previous_secret().then_some(secret);
        Ok(Caller { key, usage_plan, secret, date_unchecked: claim.date_unchecked })
    }

    /// Which secret of the key made the signature. Where there is no such secret, a decoy is tried in its
    /// place: every refusal makes as many MACs as any other at that time, so that time tells neither which
    /// ids exist nor which key is rotated.
    fn secret_used(
        &self,
        claim: &Claim<'_>,
        config: &Config,
        index: Option<KeyIndex>,
        now: Timestamp,
    ) -> Option<SecretUsed> {
        let key = index.map(|index| config.key(index));
        let previous = || key.and_then(|key| key.previous_secret_at(now));
        let signed = Signed {
            key: index,
            algorithm: claim.algorithm,
            text: &claim.message,
            signature: claim.credential.signature,
        };
        match self.last_verified.find(&signed) {
            Some(SecretUsed::Previous) if previous().is_none() => {}
            Some(secret) => return Some(secret),
            None => {}
        }
        let mut decoded = [0; MAX_MAC];
        let length = STANDARD.decode_slice(signed.signature, &mut decoded).unwrap_or_default();
        let signature = decoded.get(..length).unwrap_or_default();
        let macs = index.map(|index| self.macs.get(index).get_or_init(Box::default));
        let current = key.zip(macs).map(|(key, macs)| (key.secret(), &macs.0));
        let used = if let Some(spelling) = self.spelling_of(current, claim, signature) {
            Some((spelling, SecretUsed::Current))
        } else if config.is_rotated_at(now) {
            let previous = previous().zip(macs).map(|(secret, macs)| (secret, &macs.1));
            self.spelling_of(previous, claim, signature).map(|spelling| (spelling, SecretUsed::Previous))
        } else {
            None
        };
        let (spelling, secret) = used?;
        // A text of another spelling is not the one that a later request is compared by.
        if spelling == Spelling::LowerCase {
            self.last_verified.keep(&signed, secret);
        }
        Some(secret)
    }

    /// The spelling in which the secret makes the signature. Without a secret, the decoy is tried, and there
    /// is none.
    fn spelling_of(
        &self,
        secret: Option<(&Secret, &KeyedMac)>,
        claim: &Claim<'_>,
        signature: &[u8],
    ) -> Option<Spelling> {
        let (decoy, decoy_mac) = &self.decoy;
        let (tried, mac) = secret.unwrap_or((decoy, decoy_mac));
        let spelling = claim.spelling_signed_with(tried, mac, signature)?;
        secret.map(|_| spelling)
    }
}
