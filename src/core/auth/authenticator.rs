//! Verifies credentials against the keys of a configuration.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::caller::{Caller, Claimed, SecretUsed, Unproven};
use super::checks::{
    Authorization, allowed_algorithm, check_dates, check_signed_names, find_caller, find_claimed,
};
use super::credential::Credential;
use super::date::LastDate;
use super::failure::Failure;
use super::mac::KeyedMac;
use super::string_to_sign::{Spelling, string_to_sign};
use crate::document::{Algorithm, Secret};
use crate::lookup::{Config, Key, KeyIndex, Route, Table};
use crate::request::{Headers, Request};
use crate::timestamp::Timestamp;

/// The buffer size in bytes for a decoded signature: the 64 bytes of HMAC-SHA512, rounded up to base64's
/// groups of three.
const MAX_MAC_LEN: usize = 66;

/// The secret whose MACs are made for their time alone. It verifies nothing, so it need not be secret.
pub(super) const DECOY: &str = "no key has this secret";

/// Verifies credentials against a configuration's keys.
pub struct Authenticator {
    /// The MAC states of each key's current secret and of its previous secret.
    macs: Table<Key, (KeyedMac, KeyedMac)>,
    decoy: (Secret, KeyedMac),
    last_date: LastDate,
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

    /// Whether `secret` makes `signature` from the signed headers. Their names may have been signed in lower
    /// case or as written.
    fn is_signed_with(&self, secret: &Secret, mac: &KeyedMac, signature: &[u8]) -> bool {
        let names = &self.credential.headers;
        let as_written = || string_to_sign(names, self.headers, Spelling::AsWritten);
        mac.verify(secret, self.algorithm, &self.message, signature)
            || (names.has_upper_case()
                && as_written().is_ok_and(|message| mac.verify(secret, self.algorithm, &message, signature)))
    }
}

// === impl Authenticator ===

impl Authenticator {
    /// Makes a verifier for the keys of `config`; the MAC states are made at the first use of each key.
    pub fn new(config: &Config) -> Self {
        Self {
            macs: config.keys().map(|_| Default::default()),
            decoy: (Secret::new(DECOY), KeyedMac::default()),
            last_date: LastDate::default(),
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
        let id = credential.id;
        self.verify(config, route, request, credential, now)
            .map_err(|failure| Unproven { failure, claimed: find_claimed(config, id) })
    }

    /// Verifies a credential that was parsed.
    #[inline]
    fn verify(
        &self,
        config: &Config,
        route: Route,
        request: &Request<'_>,
        credential: Credential<'_>,
        now: Timestamp,
    ) -> Result<Caller, Failure> {
        let claim = Claim::check(config, route, request, credential, now, &self.last_date)?;
        let mut signature = [0; MAX_MAC_LEN];
        let length = STANDARD.decode_slice(claim.credential.signature, &mut signature).unwrap_or_default();
        let signature = signature.get(..length).unwrap_or_default();
        let found = find_caller(config, config.environment(route.environment), claim.credential.id, now);
        let key = found.as_ref().ok().map(|(key, _)| *key);
        let secret = self.secret_used(&claim, config, key, signature, now);
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
        key: Option<KeyIndex>,
        signature: &[u8],
        now: Timestamp,
    ) -> Option<SecretUsed> {
        let known = key.map(|index| (config.key(index), self.macs.get(index)));
        let current = known.map(|(key, (current, _))| (key.secret(), current));
        if self.is_signed_with(current, claim, signature) {
            return Some(SecretUsed::Current);
        }
        if !config.is_rotated_at(now) {
            return None;
        }
        let previous = known.and_then(|(key, (_, previous))| Some((key.previous_secret_at(now)?, previous)));
        self.is_signed_with(previous, claim, signature).then_some(SecretUsed::Previous)
    }

    /// Whether the secret makes `signature`. Without one, the decoy is tried, and it is not.
    fn is_signed_with(
        &self,
        secret: Option<(&Secret, &KeyedMac)>,
        claim: &Claim<'_>,
        signature: &[u8],
    ) -> bool {
        let (decoy, decoy_mac) = &self.decoy;
        let (tried, mac) = secret.unwrap_or((decoy, decoy_mac));
        claim.is_signed_with(tried, mac, signature) && secret.is_some()
    }
}
