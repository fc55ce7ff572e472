//! Why a request cannot be signed, for whoever says it in another language.

usage_plan_core::phrases! {
    NO_ADDRESS: "this is no address: {0}";
    SCHEME: "must begin with http:// or https://";
    USER: "must be without a user: the signature identifies the caller";
    ONE_HEADER: "must be one header, such as 'Source: my-app'";
    CANNOT_SIGN: "key {0} cannot sign here: {1}";
    NO_SECRET: "key {0} has no secret";
    SECRET_ID: "the secret id {0}";
    SECRET_KEY: "the secret key {0}";
    METHOD: "the method must be the name of a method, such as POST";
    AUTHORIZATION: "Authorization is what signing adds";
    HOSTS: "Host is given more than once";
    NAMES: "the headers to sign must be up to 32 names separated by spaces, none of them twice";
    NO_DATE: "{0} or {1} must be among the headers to sign";
    DATE_UNUSED: "a date is given, and the headers have it already";
    HEADER_MISSING: "the header {0} is to be signed: it must be given, and at most 4 KiB long";
    HEADER_REPEATED: "a header that is to be signed is given more than once";
}
