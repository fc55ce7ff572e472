//! What Envoys counted over time, kept beside the document for 31 days in a file of bounded size.
//!
//! | module | |
//! |---|---|
//! | `sampler` | asks every Envoy at a steady interval |
//! | `counting` | what was counted since the question before; restarts and gaps |
//! | `engine` | what the engine has granted of quotas |
//! | `slot`, `codec` | what was counted in a step of time, and as bytes |
//! | `ring` | how long steps are, and how many are kept |
//! | `store` | the file |
//! | `keeper`, `quotas` | what is asked of all that; what was used of quotas |
//! | `group`, `buckets` | outcomes by what one does about them; sums in equal parts of a span of time |
//!
//! Nothing here knows how it is shown.

mod buckets;
mod codec;
mod counting;
mod engine;
mod group;
mod keeper;
mod quotas;
mod ring;
mod sampler;
mod slot;
mod store;

use std::path::{Path, PathBuf};

pub use self::buckets::{Bucket, Buckets, Range};
pub use self::codec::View;
pub use self::group::Group;
pub use self::keeper::{Look, Samples};
pub use self::quotas::{PlanQuota, Used};
pub use self::ring::{FINE, MINUTES, QUARTERS, Ring};
pub(crate) use self::sampler::Sampler;
pub use self::slot::{ADMITTED, Amount, Kind, OBSERVED, Series};

/// What stands after the document's name.
const ENDING: &str = ".samples";

/// The file of the samples of a document.
pub(crate) fn beside(document: &Path) -> PathBuf {
    let mut path = document.as_os_str().to_owned();
    path.push(ENDING);
    path.into()
}
