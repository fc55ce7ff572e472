//! What `make dist` made: the archive is unpacked and used, the image is pushed to a registry and pulled.
#![allow(clippy::disallowed_methods, reason = "these tests wait for a registry, and end")]

mod archive;
mod dist;
mod image;
mod installed;
