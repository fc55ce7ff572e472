//! The labels that metrics were counted with. Envoy forgets a metric with labels together with the last
//! configuration that counted with them. So each configuration takes over those of the ones before it, as
//! long as these are there.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use hashbrown::{DefaultHashBuilder, HashTable};

/// The labels of all configurations of the process.
static OF_PROCESS: LazyLock<Arc<Counted>> = LazyLock::new(Arc::default);

/// The labels that metrics were counted with. There are as many as the documents have plans, keys and limits.
#[derive(Default)]
pub struct Counted {
    hashes: DefaultHashBuilder,
    labels: RwLock<HashTable<Labels>>,
}

/// Values of the labels of a metric.
struct Labels {
    metric: &'static str,
    values: Box<[Box<str>]>,
}

// === impl Counted ===

impl Counted {
    /// Those of the whole process.
    pub(crate) fn of_process() -> Arc<Self> {
        Arc::clone(&OF_PROCESS)
    }

    /// Remembers that a metric was counted with labels of these values.
    pub(crate) fn remember(&self, metric: &'static str, values: &[&str]) {
        let hash = self.hash(metric, values.iter().copied());
        let is_it = |known: &Labels| known.metric == metric && known.values().eq(values.iter().copied());
        if self.labels.read().unwrap_or_else(PoisonError::into_inner).find(hash, is_it).is_some() {
            return;
        }
        let mut labels = self.labels.write().unwrap_or_else(PoisonError::into_inner);
        if labels.find(hash, is_it).is_none() {
            let values = values.iter().map(|value| Box::from(*value)).collect();
            let new = Labels { metric, values };
            labels.insert_unique(hash, new, |known| self.hash(known.metric, known.values()));
        }
    }

    /// Calls `take` with the values of all labels that a metric was counted with.
    pub(crate) fn each(&self, metric: &str, mut take: impl FnMut(&[&str])) {
        let labels = self.labels.read().unwrap_or_else(PoisonError::into_inner);
        for known in labels.iter().filter(|known| known.metric == metric) {
            take(&known.values().collect::<Vec<_>>());
        }
    }

    fn hash<'v>(&self, metric: &str, values: impl Iterator<Item = &'v str>) -> u64 {
        let mut hasher = self.hashes.build_hasher();
        metric.hash(&mut hasher);
        values.for_each(|value| value.hash(&mut hasher));
        hasher.finish()
    }
}

// === impl Labels ===

impl Labels {
    fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| &**value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_labels_are_remembered_once_and_by_their_metric() {
        let counted = Counted::default();
        for _ in 0..2 {
            counted.remember("requests", &["gold", "rate_limited"]);
            counted.remember("requests", &["", "key_unknown"]);
            counted.remember("restarts", &["gold"]);
        }
        let mut found = Vec::new();
        counted.each("requests", |values| found.push(values.join(" ")));
        found.sort();
        assert_eq!(found, [" key_unknown", "gold rate_limited"]);
    }
}
