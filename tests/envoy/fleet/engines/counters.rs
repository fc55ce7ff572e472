//! Where an engine of the tests counts: in memory, or in Redis.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::lock::lock;

/// How long Redis may take: `REDIS_TIMEOUT` as `envoy/fleet` sets it.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Where it counts.
pub(crate) enum Counters {
    Memory(Mutex<Memory>),
    Redis(RedisClient),
}

/// Counters in memory.
#[derive(Default)]
pub(crate) struct Memory {
    counters: HashMap<String, u64>,
    /// What a counter begins with.
    spent: u64,
}

/// A connection to Redis, opened again when it is needed after it broke.
pub(crate) struct RedisClient {
    address: SocketAddr,
    connection: tokio::sync::Mutex<Option<BufReader<TcpStream>>>,
}

// === impl Counters ===

impl Counters {
    pub(crate) fn in_memory() -> Self {
        Self::Memory(Mutex::default())
    }

    pub(crate) fn in_redis(address: SocketAddr) -> Self {
        Self::Redis(RedisClient { address, connection: tokio::sync::Mutex::default() })
    }

    /// Uses up every counter.
    pub(super) fn spend_all(&self) {
        if let Self::Memory(memory) = self {
            *lock(memory) = Memory { spent: u64::from(u32::MAX), ..Memory::default() };
        }
    }

    /// Adds to a counter that lives for so many seconds; what it is then.
    pub(super) async fn add(&self, key: &str, hits: u64, seconds: u64) -> io::Result<u64> {
        match self {
            Self::Memory(memory) => {
                let mut memory = lock(memory);
                let spent = memory.spent;
                let counter = memory.counters.entry(key.to_owned()).or_insert(spent);
                *counter += hits;
                Ok(*counter)
            }
            Self::Redis(client) => client.add(key, hits, seconds).await,
        }
    }
}

// === impl RedisClient ===

impl RedisClient {
    async fn add(&self, key: &str, hits: u64, seconds: u64) -> io::Result<u64> {
        let mut connection = self.connection.lock().await;
        let mut stream = match connection.take() {
            Some(stream) => stream,
            None => BufReader::new(TcpStream::connect(self.address).await?),
        };
        let after = timeout(TIMEOUT, ask(&mut stream, key, hits, seconds)).await;
        let after = after.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        // A connection that failed is not used again: what it says next may be an old answer.
        *connection = Some(stream);
        Ok(after)
    }
}

/// The two commands of envoyproxy/ratelimit, in one pipeline.
async fn ask(stream: &mut BufReader<TcpStream>, key: &str, hits: u64, seconds: u64) -> io::Result<u64> {
    let commands =
        [command(["INCRBY", key, &hits.to_string()]), command(["EXPIRE", key, &seconds.to_string()])];
    stream.write_all(commands.concat().as_bytes()).await?;
    let after = integer(stream).await?;
    integer(stream).await?;
    Ok(after)
}

fn command(words: [&str; 3]) -> String {
    let words = words.map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), words.concat())
}

/// A reply that is an integer; everything else is an error.
async fn integer(stream: &mut BufReader<TcpStream>) -> io::Result<u64> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let number = line.strip_prefix(':').and_then(|number| number.trim_end().parse().ok());
    number.ok_or_else(|| io::Error::other(format!("Redis answers {line:?}")))
}
