"""The rows of the table of costs, and of the table of hostile requests."""

from scenario import OURS_NATIVE, Scenario

# So many requests a second never come.
NO_LIMIT = 1_000_000
EMPTY, EMPTY_RESTRICTED = "empty", "empty-listed"


def wasm(name, title, outcome="allowed", **more):
    """A row of the filter as a WebAssembly module."""
    return Scenario(name, title, "wasm", outcome=outcome, **{"filters": ("wasm",), **more})


def native(name, title, outcome="allowed", **more):
    """A row of the filter as a dynamic module."""
    return Scenario(f"native-{name}", title, "native", ("native",), OURS_NATIVE, outcome=outcome, **more)


def other(name, title, *filters, **more):
    """A row of what Envoy has of its own, or of what somebody would write instead."""
    return Scenario(name, title, "other", filters, limit=NO_LIMIT, **more)


FORGED = {"forged": True, "status": 401, "outcome": "signature_mismatch"}
# The first request takes what the plan has, and the others come in the same second.
SPENT = {"limit": 1, "rate": 10_000, "status": 429, "outcome": "rate_limited"}
JOINED = {"identity_headers": ("x-usage-plan-identity",)}
TWO_PLANS = {"plans": 2, "rate": 200}
# One second of the plan passes while it is warmed up, so that the counter is as large as it gets.
LARGE = {"limit": 20_000, "rate": 10_000, "workers": 2, "warm_up": 12_000}
# In a fleet, so many tokens come with a call that hardly any request is the one that asks.
PLENTY = {"limit": NO_LIMIT, "rate": 10_000}

COSTS = [
    Scenario("none", "no filter", "yardstick"),
    Scenario(EMPTY, "empty wasm filter, stock SDK", "yardstick", ("wasm",), "empty-filter", restricted=False),
    Scenario(EMPTY_RESTRICTED, "the same, with our list of capabilities", "yardstick", ("wasm",), "empty-filter"),
    wasm("allowing", "allowing"),
    wasm("headers", "allowing, limit headers", limit_headers=True),
    wasm("plenty", "allowing, 10,000 a second of a plan of 1,000,000", **PLENTY),
    wasm("fleet", "the same, with tokens of a fleet's engine in hand", fleet=True, **PLENTY),
    wasm("plenty-headers", "allowing, 10,000 a second of a plan of 1,000,000, limit headers", limit_headers=True,
         **PLENTY),
    wasm("fleet-headers", "the same, with tokens of a fleet's engine in hand", limit_headers=True, fleet=True,
         **PLENTY),
    wasm("prefix", "allowing, limit headers, `/release/` removed from the path", limit_headers=True, path="/release/"),
    wasm("full", "allowing, limit headers, most of a plan of 256 a second used", limit_headers=True, limit=256,
         rate=250, most_left=0.25),
    wasm("signed-anew", "allowing, each request signed anew", texts=100),
    wasm("listed", "allowing, with the callback of responses in the list all the same", listed=True),
    wasm("joined", "allowing, one joined identity header", **JOINED),
    wasm("two-plans", "allowing, two plans in turn", **TWO_PLANS),
    wasm("two-workers", "allowing, two workers in turn, 900 a second of a plan of 1,000", rate=900, workers=2),
    wasm("two-workers-headers", "the same, limit headers", rate=900, workers=2, limit_headers=True),
    wasm("two-workers-20000", "allowing, two workers in turn, 10,000 a second of a plan of 20,000", **LARGE),
    wasm("guard", "allowing, with the guard of `envoy.yaml`", filters=("wasm", "guard")),
    wasm("guard-reply", "allowing, with the guard and its `local_reply_config`", filters=("wasm", "guard"),
         local_reply_config=True),
    wasm("spent", "refusing over a limit (429)", **SPENT),
    wasm("forged", "refusing a forged signature (401)", **FORGED),
    native("allowing", "allowing"),
    native("signed-anew", "allowing, each request signed anew", texts=100),
    native("headers", "allowing, limit headers", limit_headers=True),
    native("joined", "allowing, one joined identity header", **JOINED),
    native("two-plans", "allowing, two plans in turn", **TWO_PLANS),
    native("two-workers", "allowing, two workers in turn, 900 a second of a plan of 1,000", rate=900, workers=2),
    native("two-workers-20000", "allowing, two workers in turn, 10,000 a second of a plan of 20,000", **LARGE),
    native("spent", "refusing over a limit (429)", **SPENT),
    native("forged", "refusing a forged signature (401)", **FORGED),
    other("api-key", "`api_key_auth`", "api-key-auth", api_key=True),
    other("local", "`local_ratelimit`", "local-ratelimit"),
    other("api-key-local", "`api_key_auth` + `local_ratelimit`", "api-key-auth", "local-ratelimit", api_key=True),
    other("api-key-local-headers", "the same, with its `x-ratelimit-*`", "api-key-auth", "local-ratelimit",
          api_key=True, x_ratelimit="DRAFT_VERSION_03"),
    other("lua", "HMAC-SHA1 in Lua", "lua"),
    other("lua-local", "HMAC-SHA1 in Lua + `local_ratelimit`", "lua", "local-ratelimit"),
    other("ext-authz", "`ext_authz` over gRPC, Envoy's side", "ext-authz"),
]


def hostile(name, title, status, outcome, **request):
    """A large request, without the filter and with it. It costs so much that fewer are enough."""
    few = {"warm_up": 300, "counted": 50, "rate": 10, **request}
    without = Scenario(f"{name}-without", title, "hostile", **few)
    return without, Scenario(name, title, "hostile", ("wasm",), status=status, outcome=outcome, limit_headers=True,
                             beside=without.name, **few)


# The dearest requests of classes in tests/vectors/attacks/.
HOSTILE = [
    row for pair in (
        hostile("host", "a host of 50,000 bytes", 404, "service_not_found", host="a." * 25_000),
        hostile("segments", "a path of 10,000 segments", 200, "allowed", path="/" + "a/" * 10_000),
        hostile("escapes", "a path of 10,000 escapes", 200, "allowed", path="/" + "%41" * 10_000),
        hostile("spaces", "53,000 spaces in the list of signed headers", 401, "signed_header_missing",
                credential='hmac id="AKIDbench0000000", algorithm="hmac-sha1", '
                           f'headers="x-date{" " * 53_000}h0", signature="eA=="'),
        hostile("commas", "50,000 commas in the credential", 401, "credential_malformed",
                credential="hmac " + "," * 50_000),
        hostile("large-headers", "12 signed headers of 4 KiB, forged with HMAC-SHA256", 401, "signature_mismatch",
                forged=True, algorithm="sha256", fields=tuple((f"h{i}", "v" * 4096) for i in range(12))),
        hostile("many-headers", "25 signed headers", 200, "allowed", fields=tuple((f"h{i}", "v") for i in range(25))),
    ) for row in pair
]

ROWS = [*COSTS, *HOSTILE]
