//! The names under which Envoy's filter state has a request's verdict. Access logs read them as
//! `%FILTER_STATE(wasm.<name>)%` (`docs/rules.md#telemetry`).
//!
//! Envoy adds `wasm.` to the names that a proxy-wasm filter sets. [`prefixed`] has them with it.

macro_rules! names {
    ($($(#[$comment:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$comment])* pub const $name: &str = $text;)*

        /// The names as access logs read them.
        pub mod prefixed {
            $($(#[$comment])* pub const $name: &str = concat!("wasm.", $text);)*
        }
    };
}

names! {
    /// The id of the caller's plan.
    USAGE_PLAN = "usage_plan";

    /// The word of the outcome.
    OUTCOME = "usage_plan_outcome";

    /// The id of the key that sent a request which was not allowed, or that the request claims to be of.
    KEY = "usage_plan_key";

    /// Set in place of [`KEY`], with an empty value, when no key has the id. Without it, such a refusal would
    /// make one call into Envoy less than that of a disabled key, and time would tell the two apart.
    NO_KEY = "usage_plan_no_key";

    /// The secret that the caller signed with, `current` or `previous`, if its key has both.
    SECRET = "usage_plan_secret";
}
