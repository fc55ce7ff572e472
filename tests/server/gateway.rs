//! A real Envoy on what is published of a document.

use std::time::{Duration, Instant};

use testbed::{Client, Config, Envoy, FilterKind, Request, Signer, Version};

use crate::fixture::{Place, Server};

/// How long a document may take to be in force: longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two calls.
const PAUSE: Duration = Duration::from_millis(20);

/// The domain of the service.
pub(crate) const HOST: &str = "orders.example.com";

/// An Envoy that watches a directory, and what a server needs to publish there.
pub(crate) struct Gateway {
    envoy: Envoy,
    publish: Vec<String>,
}

impl Gateway {
    /// Publishes the document of `place`, and starts an Envoy on it.
    pub(crate) fn start(place: &Place) -> Self {
        let kind = FilterKind::of_tests();
        // The published filter names its module by this path.
        let module = place.path(kind.link());
        std::os::unix::fs::symlink(kind.module(), &module).expect("a link");
        std::fs::create_dir(place.path("published")).expect("a directory");
        let mut publish = format!("--to published --module {}", module.display());
        let version = Version::of_envoy().expect("a version");
        if version < Version::SHIPPED {
            publish = format!("{publish} --envoy {}", version.name());
        }
        place.run(&format!("publish {publish}"));
        let config = Config::hot_reload().concurrency(1).watching(place.path("published"));
        let envoy = Envoy::start(&config);
        publish = format!("{publish} --admin {}", envoy.admin());
        Self { envoy, publish: testbed::console::words(&publish) }
    }

    /// A server that publishes each edit to the Envoy before it answers.
    pub(crate) fn serve(&self, place: &Place) -> Server {
        let arguments: Vec<&str> = self.publish.iter().map(String::as_str).collect();
        place.serve(&arguments)
    }

    /// Asserts that a call of `orders` with this key is soon answered with this status. A document that Envoy
    /// has accepted is in force as soon as its worker takes it.
    #[track_caller]
    pub(crate) fn answers(&self, place: &Place, key: &[String; 2], status: u16) {
        let signer = Signer::new(&key[0], &key[1]);
        let mut client = Client::new(self.envoy.ingress());
        let deadline = Instant::now() + PATIENCE;
        loop {
            let request = signer.sign(Request::get(HOST, "/release/orders/42"));
            let response = client.send(&request).expect("Envoy answers");
            if response.status == status {
                return;
            }
            let told = || format!("expected {status}: {} {}", response.status, response.text());
            if Instant::now() >= deadline {
                std::fs::write(place.path("call.txt"), request.bytes()).expect("a file");
                let explained = place.try_run("explain call.txt").stdout;
                panic!("{}{explained}{}", told(), place.document());
            }
            std::thread::sleep(PAUSE);
        }
    }
}
