"""What a row of the tables is: what runs in Envoy, what is asked, and what must come back."""

import base64
import dataclasses
import email.utils
import hmac

API_KEY = "bench-api-key-0001"
# The filters that read the usage plans' document.
OURS, OURS_NATIVE = "envoy-usage-plan", "libenvoy_usage_plan.so"
# The cluster of the engine that counts for a fleet.
ENGINE = "usage-plan-engine"
SECOND = 1_000_000_000


def secret_id(key):
    """The id of a key, by its number."""
    return f"AKIDbench{key:07}"


def secret_key(key):
    """The secret of a key, by its number."""
    return f"bench-secret-key-{key:07}"


def document(plans, keys, limit, options):
    """A document of `plans` usage plans with `limit` requests a second each, among which `keys` keys are divided."""
    numbers = range(keys)
    return {
        "services": [{"id": "service-bench", "name": "bench", "domains": ["*"],
                      "environments": ["release", "prepub", "test"], "default_environment": "release"}],
        "keys": [{"name": f"bench{key}", "secret_id": secret_id(key), "secret_key": secret_key(key)}
                 for key in numbers],
        "usage_plans": [{"id": f"usagePlan-{plan}", "name": f"bench{plan}", "max_requests_per_second": limit,
                         "keys": [secret_id(key) for key in numbers if key % plans == plan],
                         "environments": [{"service": "service-bench", "environment": "release"}]}
                        for plan in range(plans)],
        "options": options,
    }


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One row: how Envoy is configured, the requests, the status that each must get, and how many are counted."""

    name: str
    title: str
    group: str
    # Files of envoy/ below this folder, in the order of the chain; `guard` is that of envoy/envoy.yaml.
    filters: tuple = ()
    # Of the wasm filter: whose module, and whether it may do only what envoy/envoy.yaml allows, or anything. Without
    # limit headers, `render` leaves the callback of responses out of the list, unless it is `listed`.
    package: str = OURS
    restricted: bool = True
    listed: bool = False
    local_reply_config: bool = False
    x_ratelimit: str = "OFF"
    # Of the document.
    limit: int = 1000
    keys: int = 1
    plans: int = 1
    limit_headers: bool = False
    identity_headers: tuple | None = None
    # Whether an engine counts, beside Envoy, whose work is not measured.
    fleet: bool = False
    # Requests in turn go to every worker, and call on every plan. `rate` is how many all plans get in a second of
    # Envoy's wall clock.
    workers: int = 1
    rate: int = 100
    # The request.
    path: str = "/"
    host: str = "orders.example.com"
    caller: int = 0
    # One header more, for the filter that looks for an API key.
    api_key: bool = False
    forged: bool = False
    fields: tuple = ()
    credential: str | None = None
    algorithm: str = "sha1"
    # How many different texts are signed, in turn.
    texts: int = 1
    # What must come back, and what the filter counts it as.
    status: int = 200
    outcome: str | None = None
    # After warming up, at most this share of the plan is left.
    most_left: float | None = None
    warm_up: int = 1000
    counted: int = 500
    # What the table compares it with: a row with the same bytes and without the filter.
    beside: str | None = None

    def document(self):
        """The filter's configuration."""
        options = {} if self.limit_headers else {"rate_limit_headers": []}
        if self.identity_headers is not None:
            options["identity_headers"] = self.identity_headers
        if self.fleet:
            # Under callgrind an answer takes longer than a caller would wait.
            options["fleet"] = {"cluster": ENGINE, "expected_envoys": 1, "timeout_ms": 10_000}
        return document(self.plans, max(self.keys, self.plans), self.limit, options)

    def unlisted(self):
        """What the list of capabilities lacks, as `usage-plan render` leaves it out."""
        is_left_out = self.package == OURS and not self.limit_headers and not self.listed
        return ("proxy_on_response_headers",) if is_left_out else ()

    def requests(self):
        """The requests that are sent in turn, one for each plan, signed now with the right key or with a wrong one."""
        return [self.request(self.caller + plan, self.forged, text)
                for text in range(self.texts) for plan in range(self.plans)]

    def request(self, key, forged, text=0):
        """A request with the credential of a key."""
        signed = {"x-date": email.utils.formatdate(usegmt=True), "source": f"bench{text:03}", **dict(self.fields)}
        to_sign = "\n".join(f"{name}: {value}" for name, value in signed.items())
        secret = "another-secret-key" if forged else secret_key(key)
        signature = base64.b64encode(hmac.digest(secret.encode(), to_sign.encode(), self.algorithm)).decode()
        authorization = self.credential or (
            f'hmac id="{secret_id(key)}", algorithm="hmac-{self.algorithm}", headers="{" ".join(signed)}", '
            f'signature="{signature}"')
        api_key = "wrong" if forged else API_KEY
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {self.host}", "User-Agent: curl/8.5.0", "Accept: */*",
                 *(f"{name}: {value}" for name, value in signed.items()), f"Authorization: {authorization}",
                 *([f"X-Api-Key: {api_key}"] if self.api_key else [])]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def step(self):
        """The nanoseconds of Envoy's wall clock between two requests."""
        return SECOND // self.rate
