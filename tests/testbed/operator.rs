//! An operator of the management API: signs its requests with TC3-HMAC-SHA256, as the official clients do,
//! independently of the server's code.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Context, Result};
use crate::http::{Client, Request};

/// The version of the management API.
pub const VERSION: &str = "2018-08-08";

/// An operator's credentials, and what it signs with them.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The id that it sends.
    pub secret_id: String,
    /// The key that it signs with.
    pub secret_key: String,
    /// The service in the scope of its signatures.
    pub service: String,
    /// The date in that scope, when it is not the one of the time.
    pub date: Option<String>,
    /// The names of the signed headers, in this order and spelling.
    pub headers: Vec<String>,
    /// What is signed in place of the body.
    pub payload: Option<Vec<u8>>,
}

impl Operator {
    /// An operator that signs what the SDKs sign.
    pub fn new(secret_id: &str, secret_key: &str) -> Self {
        Self {
            secret_id: secret_id.to_owned(),
            secret_key: secret_key.to_owned(),
            service: "apigateway".to_owned(),
            date: None,
            headers: vec!["content-type".to_owned(), "host".to_owned()],
            payload: None,
        }
    }

    /// `request` with the time `seconds`, and the signature of all of it.
    #[must_use]
    pub fn sign(&self, request: Request, seconds: i64) -> Request {
        let request = request.header("X-TC-Timestamp", seconds.to_string());
        let authorization = self.authorization(&request, seconds);
        request.header("Authorization", authorization)
    }

    /// The value of `Authorization` for `request` as it is.
    pub fn authorization(&self, request: &Request, seconds: i64) -> String {
        let date = self.date.clone().unwrap_or_else(|| date_of(seconds));
        let (service, names) = (&self.service, self.headers.join(";"));
        let scope = format!("{date}/{service}/tc3_request");
        let text = format!("TC3-HMAC-SHA256\n{seconds}\n{scope}\n{}", hash(&self.canonical(request)));
        let key = mac(format!("TC3{}", self.secret_key).as_bytes(), date.as_bytes());
        let key = mac(&mac(&key, service.as_bytes()), b"tc3_request");
        let signature = hex(&mac(&key, text.as_bytes()));
        format!(
            "TC3-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.secret_id
        )
    }

    fn canonical(&self, request: &Request) -> Vec<u8> {
        let query = request.target.iter().position(|&byte| byte == b'?');
        let query = query.map_or(&[][..], |at| &request.target[at + 1..]);
        let mut text = [request.method.as_bytes(), b"\n/\n", query, b"\n"].concat();
        for name in &self.headers {
            let name = name.to_ascii_lowercase();
            let value = request.value(&name).unwrap_or_default().trim_ascii();
            // The one value that clients write in another case than they send it.
            let value = if name == "x-tc-action" { value.to_ascii_lowercase() } else { value.to_owned() };
            text.extend([name.as_bytes(), b":", &value, b"\n"].concat());
        }
        let payload = self.payload.as_deref().unwrap_or(&request.body);
        text.extend(format!("\n{}\n{}", self.headers.join(";"), hash(payload)).as_bytes());
        text
    }

    /// What the server at `address` answers to `action`: what is in `Response`.
    ///
    /// # Errors
    /// It does not answer, or not in this form.
    pub fn ask(&self, address: SocketAddr, action: &str, body: &Value) -> Result<Value> {
        self.ask_on(&mut Client::new(address), address, action, body)
    }

    /// The same on a connection that may be open already.
    ///
    /// # Errors
    /// It does not answer, or not in this form.
    pub fn ask_on(
        &self,
        client: &mut Client,
        address: SocketAddr,
        action: &str,
        body: &Value,
    ) -> Result<Value> {
        let request = self.sign(unsigned(&address.to_string(), action, body), now());
        let response = client.send(&request)?;
        let mut answer: Value = serde_json::from_slice(&response.body).context(format_args!(
            "{action}: {} {}",
            response.status,
            response.text()
        ))?;
        Ok(answer["Response"].take())
    }
}

/// The request for `action` as the SDKs send it, without a time and a signature.
pub fn unsigned(host: &str, action: &str, body: &Value) -> Request {
    Request::bare("POST", "/")
        .header("Host", host)
        .header("Content-Type", "application/json")
        .header("X-TC-Action", action)
        .header("X-TC-Version", VERSION)
        .header("X-TC-Region", "ap-guangzhou")
        .body(body.to_string())
}

/// The time, in seconds since 1970.
#[allow(clippy::disallowed_methods, reason = "a signature has the present time")]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}

/// The date of a time in UTC.
fn date_of(seconds: i64) -> String {
    // A date of HTTP is `Sun, 29 Nov 2026 05:30:00 GMT`.
    let time = UNIX_EPOCH + std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    let text = httpdate::fmt_http_date(time);
    let words: Vec<&str> = text.split(' ').collect();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months.iter().position(|&month| month == words[2]).map_or(0, |index| index + 1);
    format!("{}-{month:02}-{}", words[3], words[1])
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let keyed = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("a key of any length is allowed");
    keyed.chain_update(text).finalize().into_bytes().to_vec()
}

fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tencent's own example (its documentation of signature v3). It publishes the hashes, not the keys.
    #[test]
    fn a_canonical_request_is_that_of_the_published_example() {
        let body =
            r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        let mut operator = Operator::new("AKID", "key");
        operator.headers.push("x-tc-action".to_owned());
        let request = Request::bare("POST", "/")
            .header("content-type", "application/json; charset=utf-8")
            .header("host", "cvm.tencentcloudapi.com")
            .header("x-tc-action", "DescribeInstances")
            .body(body);
        let expected = "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84";
        assert_eq!(hash(&operator.canonical(&request)), expected);
    }

    #[test]
    fn a_date_is_that_of_the_day() {
        assert_eq!(date_of(1_551_113_065), "2019-02-25");
    }
}
