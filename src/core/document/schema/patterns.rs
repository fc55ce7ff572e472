//! Rules for strings as regular expressions that mean the same in ECMA-262 and in Rust. Tests compare each
//! with the reader's rule.

use super::super::names::NameRule;

/// The pattern of `keys[].secret_key_env`.
pub const VARIABLE: &str = r"^[^=\u0000]+$";

/// The pattern of `keys[].secret_key_file`.
pub const PATH: &str = r"^[^\u0000]+$";

/// The pattern of `usage_plans[].quotas[].utc_offset`.
pub const UTC_OFFSET: &str = r"^(\+(0[0-9]|1[0-3]):[0-5][0-9]|\+14:00|-(0[0-9]|1[01]):[0-5][0-9]|-12:00)$";

/// The hexadecimal digits of escaped characters that need no escape: A-Z a-z 0-9 - . _ ~ / \
const NEEDLESS: &str = "2[D-Fd-f]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[CFcf]|7[Ee]";

/// The pattern of `services[].domains[]`: `*`, `*.suffix`, a host name, an IPv4 address or an IPv6 address in
/// brackets.
pub fn domain() -> String {
    let octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    let name = r"(?!(.*\.)?[0-9]+\.?$)[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)*";
    let ipv4 = format!(r"({octet}\.){{3}}{octet}");
    let suffix = format!(r"\*\.(?=.{{1,251}}\.?$)({name}|({octet}\.){{0,2}}{octet})");
    let host = format!(r"(?=.{{1,253}}\.?$)({name}|{ipv4}|\[{}\])", ipv6(&ipv4));
    format!(r"^(\*|({suffix}|{host})\.?)$")
}

/// The pattern of an IPv6 address (RFC 3986 section 3.2.2): eight groups, or `::` in place of some.
fn ipv6(ipv4: &str) -> String {
    let group = "[0-9A-Fa-f]{1,4}";
    let last_two = format!("({group}:{group}|{ipv4})");
    let up_to = |groups: usize| match groups.checked_sub(1) {
        Some(others) => format!("(({group}:){{0,{others}}}{group})?"),
        None => String::new(),
    };
    let whole = format!("({group}:){{6}}{last_two}");
    let shortened = (0..=5_usize).map(|before| {
        let after = 5_usize.saturating_sub(before);
        format!("{}::({group}:){{{after}}}{last_two}", up_to(before))
    });
    let short = [format!("{}::{group}", up_to(6)), format!("{}::", up_to(7))];
    let forms: Vec<String> = std::iter::once(whole).chain(shortened).chain(short).collect();
    format!("({})", forms.join("|"))
}

/// The pattern of a path segment that is not a dot segment. `besides` has the characters that it may have in
/// addition.
fn segment(besides: &str) -> String {
    format!(r"(?!\.\.?(/|%3[Bb]|$))([!$&'()+,.0-9:<=>@A-Z\[\]^_`a-z{{|}}~{besides}-]|%(?!{NEEDLESS}))+")
}

/// The pattern of `services[].path_mappings[].path`.
pub fn mapping() -> String {
    format!("^/({segment}(/{segment})*)?$", segment = segment("*"))
}

/// The pattern of `options.usage_path`.
pub fn path() -> String {
    format!("^(/{})+$", segment("*"))
}

/// The pattern of `usage_plans[].apis[].path`.
pub fn api_path() -> String {
    format!(r"^(/|/\*|(/{segment})+(/\*)?)$", segment = segment(""))
}

/// The pattern of a name: its characters and its length.
pub fn of_name(rule: &NameRule) -> String {
    let all = class(rule.allowed);
    let first = class(|byte| (rule.allowed)(byte) && (rule.first)(byte));
    let NameRule { min, max, .. } = rule;
    if first == all {
        return format!("^{all}{{{min},{max}}}$");
    }
    format!("^{first}{all}{{{},{}}}$", min.saturating_sub(1), max.saturating_sub(1))
}

/// A bracket expression of the ASCII characters that `has` accepts.
fn class(has: impl Fn(u8) -> bool) -> String {
    let mut class = "[".to_owned();
    let mut next = 0;
    while let Some(first) = (next..128).find(|byte| has(*byte)) {
        let last = (first..127).find(|byte| !has(byte.saturating_add(1))).unwrap_or(127);
        for end in if first == last { vec![first] } else { vec![first, last] } {
            if end == last && last.saturating_sub(first) > 1 {
                class.push('-');
            }
            if matches!(end, b'\\' | b'[' | b']' | b'^' | b'-') {
                class.push('\\');
            }
            class.push(end.into());
        }
        next = last.saturating_add(1);
    }
    class.push(']');
    class
}
