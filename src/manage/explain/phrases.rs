//! What the steps say, for whoever says it in another language.

usage_plan_core::phrases! {
    REQUEST: "{0} {1} of host {2}, headers: {3}";
    NO_REQUEST: "there is no request";
    NOT_HTTP: "this is not the head of an HTTP/1.1 request ({0})";

    BY_DOMAIN: "{0}, by its domain \"{1}\"";
    NO_SERVICE: "no service has the host {0} among its domains";
    NO_HOST: "{0} is no host, so that no domain matches it, not even *";
    DOMAINS: "the document has {0}";
    NO_ENVIRONMENT: "the path {0} begins with none of the service's {1}, and the service has no default environment";
    NOT_DEFAULT: "the path {0} begins with none of the service's {1}; the default environment does not take a \
                  path that has a dot segment, or an empty segment, an escaped slash or a backslash where an \
                  environment is named";
    ALL_MAPPED: "{0}, to which all other paths are mapped";
    DEFAULT: "{0}, the service's default: the path names none";
    BY_PATH: "{0}, by the path's {1}";
    MAPPED: "{0}, to which the path's {1} is mapped";
    USAGE_PATH: "the filter answers it itself: it needs a credential, and is not counted on the plan";
    ANONYMOUS: "the request has none and the service asks for none: it is let through and not counted";
    PLANS: "there are plans bound to this environment";
    NO_PLANS: "no plan at all is bound to this environment";

    OTHER_SCHEME: "Authorization has the scheme {0}, not hmac";
    NO_AUTHORIZATION: "there is no Authorization header";
    AUTHORIZATIONS: "there is more than one Authorization header";
    INCOMPLETE: "one of its four parameters is missing";
    EMPTY: "its id or its signature is empty";
    MALFORMED: "it does not have this form: each parameter once and in double quotes, nothing after the last, \
                up to 32 names of headers and none of them twice";
    WELL_FORMED: "well formed";
    ALLOWED_ONLY: "the options allow only {0}";
    NO_ALGORITHM: "{0} is none of {1}, in lower case";
    SIGNED_ONCE: "each is in the request exactly once";
    NO_DATE_SIGNED: "neither x-date nor date is among them";
    NOT_SIGNED: "the service requires {0} to be signed too";
    TOO_LONG: "{0} is longer than 4 KiB";
    ABSENT: "{0} is not in the request";
    REPEATED: "one is in the request more than once: a signature covers one value";
    UNCHECKED: "{0} {1} is not compared with the clock: options.date_header is unchecked";
    NO_DATE: "{0} {1} is not a date such as \"{2}\"";
    SAME_TIME: "{0} is the same as the clock; up to {1} is allowed";
    BEFORE: "{0} is {2} before the clock; up to {1} is allowed";
    AFTER: "{0} is {2} after the clock; up to {1} is allowed";

    NO_KEY: "no key has the secret_id {0}";
    DID_YOU_MEAN: "did the caller mean \"{0}\"?";
    KEY_DISABLED: "{0} is disabled";
    KEY_ENABLED: "{0}, enabled{1}";
    NOT_NOW: "{0}{1}: not at the time of the clock";
    VALID_FROM: ", valid from {0}";
    VALID_UNTIL: ", valid until {0}";
    VALID_BETWEEN: ", valid from {0} until {1}";
    ON_PLAN: "{0} is bound to the key and to {1} of {2}";
    NO_PLAN: "the key has no plan in {0} of {1}";
    UNBOUND: "the key is bound to no plan";
    PLANS_ELSEWHERE: "the key's plans ({0}) are bound to no environment of {1}";
    PLANS_IN: "in {0} the key has plans in {1}";

    NOT_BUILT: "cannot be built";
    SIGNED_TEXT: "a line feed between lines, none after the last";
    MADE_WITH: "made with the key's {0}";
    SECRET: "secret";
    PREVIOUS: "previous secret";
    AS_WRITTEN: "{0}, over the names as they are written";
    NOT_CHECKED: "cannot be checked: {0}";
    OTHER_SIGNATURE: "is not the one that the key makes";
    BECAUSE: "it was made with {0}";
    NO_MISTAKE: "no usual mistake explains it: it was made with another secret, or from other values than those \
                 received";

    UPSTREAM_CUT: "{0}, without the environment's prefix";
    NO_LIMIT: "{0} has no limit on all requests";
    ADMITS: "{0} admits {1}";
    API_NO_LIMIT: "{0}: no limit besides the plan's";
    OF: "{0} of {1}";
    ONE_COUNTER: "one for the whole plan";
    COUNTER_OF_KEY: "one for key {0}";
    COUNTER_OF: "one for {0}";
    COUNTER_OF_KEY_IN: "one for key {0} in {1}";
    OBSERVED: "a request over a limit is let through, and counted as would_...";

    ENVOY: "as configured by this project, Envoy {0}";
    AS_CAPTURED: "the steps below are about the request as captured";
    UNDERSCORE: "refuses the header {0} with 400 (headers_with_underscores_action)";
    REPLACED: "replaces the value of the signed header {0} before the filter sees it";
    REMOVED: "removes the signed header {0} before the filter sees it";
    NOT_ROOTED: "refuses a path that does not begin with / or that has a # in it";
    ESCAPED_SLASH: "refuses an escaped slash in the path with 400 (path_with_escaped_slashes_action)";
    NORMALIZED: "changes the path before the filter sees it: it resolves dot segments, merges slashes and decodes \
                 needless escapes (normalize_path, merge_slashes)";
}
