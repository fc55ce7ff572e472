//! The rules of a document, each as it is said of the value that breaks it.

crate::phrases! {
    EMPTY: "must not be empty";
    MISSING: "is missing";
    MORE_THAN_ONCE: "is there more than once";
    UNKNOWN_FIELD: "unknown field; known are {0}";
    KIND: "must be {0}, not {1}";
    STRING: "a string";
    TRUE_OR_FALSE: "true or false";
    WHOLE_NUMBER: "a whole number";
    ARRAY: "an array";
    OBJECT: "an object";
    NULL: "null";
    BOOLEAN: "a boolean";
    NUMBER: "a number";
    BITS: "must be a whole number of at most 63 bits";
    WORD: "must be {0}";
    OR: "{0} or {1}";
    TIME: "must be a time as RFC 3339 writes it, such as \"2026-12-31T23:59:59Z\"";
    LIMIT: "must be -1 (no limit) or 1 to {0}";
    RANGE: "must be 1 to {0}";
    NOT_NEGATIVE: "must be 0 or more";
    AT_MOST: "must be at most {0}";
    CHARACTERS: "must be at most {0} characters";
    PRINTABLE: "must be 1 to {0} printable characters of ASCII";
    THERE_ALREADY: "is there already";
    ITEM_TOO: "is {0}[{1}] too";

    NOT_JSON: "must be JSON: {0} at line {1} column {2}";
    NO_TEXT: "the configuration is empty: it must be a JSON document";
    PROTOBUF: "must be JSON, and is binary protobuf: give the document as a google.protobuf.StringValue, \
               not as a google.protobuf.Struct";

    KEY_NAME: "must be up to 50 of A-Z a-z 0-9 _ -";
    SECRET_ID: "must be 5 to 50 of A-Z a-z 0-9 _ -";
    SECRET_KEY: "must be 10 to 50 of A-Z a-z 0-9 _ -";
    PLAN_NAME: "must be up to 50 of A-Z a-z 0-9 _";
    ID: "must be 1 to 64 of A-Z a-z 0-9 _ -";
    ENVIRONMENT: "must be a lower-case letter and up to 49 of a-z 0-9 _ -";
    HEADER_NAME: "must be the name of a header in lower case, of at most 64 characters";
    METHOD: "must be the name of a method in upper case";
    VARIABLE: "must be the name of a variable";
    FILE: "must be the path of a file";
    ID_TOO: "is the id of {0}[{1}] too";

    BOTH_SECRETS: "has both {0} and {1}: keep one";
    ALL_SECRETS: "has {0}: keep one";
    NO_SECRET: "needs secret_key, secret_key_env or secret_key_file";
    NO_PREVIOUS_SECRET: "has previous_secret_key_not_after and no previous secret key";
    NO_PREVIOUS_END: "needs previous_secret_key_not_after: the last time at which the previous secret key verifies";
    NOT_AFTER: "not_after is before not_before";
    SECRET_ID_TOO: "is the secret_id of keys[{0}] too";
    VALUE_OF: "the value of \"{0}\" {1}";
    NO_VARIABLE: "the filter's environment has no variable \"{0}\", or an empty one";
    NO_FILE: "the filter reads no file: the document has to be published with --resolve";

    DOMAIN: "must be a host name, an address, \"*.suffix\" or \"*\", without a port and of at most 253 \
             characters";
    MAPPING: "must be \"/\" or \"/segment/...\" in normal form: no \"/\" at the end, no empty or dot segment, \
              no \"?\" or \"#\"";
    MAPPED_TOO: "is mapped by path_mappings[{0}] too";
    DOMAIN_TOO: "\"{0}\" is a domain of services[{1}] already";
    NO_ENVIRONMENT: "service \"{0}\" has no environment \"{1}\"";

    BURST: "needs max_requests_per_second: the rate at which the bucket is refilled";
    OFFSET: "must be an offset such as \"+08:00\", from -12:00 to +14:00";
    SAME_QUOTA: "has the period and the offset of a quota before it";
    SAME_API: "has the methods and the path of an API before it";
    PATTERN: "must be \"/\", \"/segment/...\" or \"/segment/*\" in normal form: no empty or dot segment, no \
              \"?\" or \"#\"";
    NO_SERVICE: "no service has id \"{0}\"";
    NO_KEY: "no key has secret_id \"{0}\"";
    BOUND_AGAIN: "binds the same environment again";
    CONFLICT: "key \"{0}\" ({1}) would have two plans in environment \"{2}\" of service \"{3}\": \"{4}\" and \"{5}\"";
    RESET_KEY: "needs \"key\" in counter_per: the keys of the plan are counted together";
    RESET_UNBOUND: "key \"{0}\" is not bound to the plan";
    RESET_LIMIT: "the plan has no quota of period \"{0}\"";

    USAGE_PATH: "must be \"/segment/...\" in normal form: no \"/\" at the end, no empty or dot segment, no \
                 \"?\" or \"#\"";
    ENVOYS: "is missing: needed where the fleet counts rates";
    FLEET_BURST: "needs options.fleet.rates \"local\": an engine counts in seconds of the clock, and in no bucket";
    FLEET_LIMIT: "must be at most {0}, or options.fleet.{1} \"local\": an engine counts no more";
    FLEET_PERIOD: "is \"{0}\", which options.fleet.engine \"envoyproxy\" cannot count: none of its windows is so \
                   long";
}
