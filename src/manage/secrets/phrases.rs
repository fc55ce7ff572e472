//! Why a secret is not here, for whoever says it in another language.

usage_plan_core::phrases! {
    NO_VARIABLE: "the secret is kept in the variable {0}, which this environment does not have";
    INVALID_VARIABLE: "the value of the variable {0} {1}";
    NO_FILE: "the secret is kept in the file {0}: {1}";
    INVALID_FILE: "what the file {0} holds {1}";
    NO_SECRET: "there is no secret";
}
