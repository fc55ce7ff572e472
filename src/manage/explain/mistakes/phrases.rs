//! What mistakes are called, for whoever says it in another language.

usage_plan_core::phrases! {
    AND: "{0}, and {1}";
    ENDING: "{0} with {1} after it";
    LINE_FEED: "a line feed";
    CARRIAGE_RETURN: "a carriage return and a line feed";
    SPACE: "a space";
    SECRET: "the secret key";
    PREVIOUS: "the key's previous secret";
    ENDED: "the key's previous secret, which verified until {0}";
    SECRET_ID: "the secret_id in place of the secret key";
    OTHER_ALGORITHM: "{0}, not the {1} that the credential names";
    OTHER_KEY: "the secret of another key, {0}";

    OTHER_ORDER: "the headers in another order than headers=\"...\" says";
    ONLY: "only these of the headers: {0}";
    FEED_AT_END: "a string to sign with a line feed after its last line";
    NO_SPACE: "a string to sign with \"name:value\", without the space after the colon";
    CARRIAGE_RETURNS: "a string to sign with a carriage return before each line feed";
    BACKSLASH_N: "a string to sign with a backslash and an n between lines, not a line feed";
    SPACE_BETWEEN: "a string to sign with a space between lines, not a line feed";
    NOTHING_BETWEEN: "a string to sign with nothing between lines, not a line feed";
    VALUES_ALONE: "a string to sign of the values alone, without the names";
    NAMES_NOT_LOWER: "a string to sign whose names are not in lower case";
    WHITE_SPACE: "values with the white space around them";
    DECODED: "values that are percent-decoded";
    ENCODED: "values that are percent-encoded";
    LOWER: "values in lower case";
    CHARSET: "values in another character encoding";
    PORT: "a host with another port than the request has, or without its port";

    HEXADECIMAL: "a signature in hexadecimal digits, not base64";
    BASE64_OF_HEXADECIMAL: "a signature that is the base64 of hexadecimal digits, not of the bytes";
    BASE64_TWICE: "a signature in base64 twice";
    NO_PADDING: "a signature in base64 without its padding";
    URL_SAFE: "a signature in the URL-safe alphabet of base64, not the standard one";
    PLUS: "a signature whose + has become a space";
    SIGNATURE_ENCODED: "a signature that is percent-encoded";
    SPACE_AROUND: "a signature with white space around it";
    SPACE_IN: "a signature with white space in it";
}
