//! The files that a page needs: one style sheet, one icon and a small script. Their addresses have a digest
//! of their bytes, so that a browser keeps them until they change.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// The drawings that pages refer to.
pub(super) const SPRITE: &str = include_str!("assets/sprite.svg");

/// The style sheet.
pub(super) static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style.css", "text/css; charset=utf-8", include_str!("assets/style.css")));

/// The script.
pub(super) static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("console.js", "text/javascript", include_str!("assets/console.js")));

/// The icon.
pub(super) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")));

/// A file that a page needs.
pub(super) struct Asset {
    /// Its name, with the digest.
    pub(super) name: String,
    kind: &'static str,
    text: &'static str,
}

// === impl Asset ===

impl Asset {
    fn new(name: &str, kind: &'static str, text: &'static str) -> Self {
        let digest: String = Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { name: format!("{digest}-{name}"), kind, text }
    }

    /// Where a browser finds it.
    pub(super) fn address(&self) -> String {
        format!("/console/assets/{}", self.name)
    }
}

/// `GET /console/assets/{name}`
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let all = [&*STYLE, &*SCRIPT, &*ICON];
    match all.into_iter().find(|asset| asset.name == name) {
        Some(asset) => {
            let headers =
                [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, asset.text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
