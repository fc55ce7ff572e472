//! Hosts, and what is none.

use proptest::prelude::*;

use super::*;

/// The host of `authority` in the spelling in which hosts are compared.
fn spelled(authority: &str) -> Option<String> {
    let host = of_authority(authority.as_bytes()).and_then(canonical)?;
    Some(String::from_utf8(host.into_owned()).expect("ASCII"))
}

#[test]
fn port_case_and_one_dot_at_the_end_are_ignored() {
    for authority in [
        "a.example.com",
        "A.Example.COM",
        "a.example.com.",
        "a.example.com:80",
        "a.example.com.:80",
        "a.example.com:",
    ] {
        assert_eq!(spelled(authority).as_deref(), Some("a.example.com"), "{authority}");
    }
    for authority in ["10.0.0.1", "10.0.0.1.", "10.0.0.1:10000"] {
        assert_eq!(spelled(authority).as_deref(), Some("10.0.0.1"), "{authority}");
    }
    for authority in ["localhost", "a-b_c", "_x.-y", "1a", "1.a", "xn--caf-dma.example", "0x7f.1x"] {
        assert_eq!(spelled(authority).as_deref(), Some(authority));
    }
}

#[test]
fn an_ipv6_address_has_one_spelling() {
    for authority in ["[::1]", "[0::1]", "[0:0:0:0:0:0:0:1]:80", "[0000:0::0001]", "[::0.0.0.1]:"] {
        assert_eq!(spelled(authority).as_deref(), Some("[::1]"), "{authority}");
    }
    assert_eq!(spelled("[2001:DB8::A]").as_deref(), Some("[2001:db8::a]"));
    assert_eq!(spelled("[::FFFF:10.0.0.1]"), spelled("[::ffff:a00:1]"));
}

#[test]
fn what_is_neither_a_host_name_nor_an_address_is_no_host() {
    for authority in [
        "",
        ".",
        ":",
        ":80",
        ".:80",
        "a..",
        ".a",
        "a..b",
        "a:8x",
        "a:80:80",
        "a::80",
        "a:80.",
        "a:-1",
        "a:+80",
        "u@a",
        "u:p@a",
        "a%2eb",
        "a%00",
        "a b",
        " a",
        "a\t",
        "a\0",
        "a/b",
        "a\\b",
        "a?b",
        "a#b",
        "a,b",
        "a;b",
        "*",
        "*.a",
        "é.com",
        "[::1",
        "::1",
        "[]",
        "[::1]x",
        "x[::1]",
        "[[::1]]",
        "[::1%eth0]",
        "[::1%25eth0]",
        "[:::1]",
        "[1::2::3]",
        "[1:2:3]",
        "[10.0.0.1]",
        "[v1.a]",
        "[::01.0.0.1]",
        "1",
        "10.1",
        "010.0.0.1",
        "10.0.0.256",
        "10.0.0.0.1",
        "a.1",
        "8080",
    ] {
        assert_eq!(spelled(authority), None, "{authority}");
    }
    assert_eq!(of_authority(b"\xff.example.com").and_then(canonical), None);
}

#[test]
fn a_host_is_at_most_as_long_as_a_name_in_the_dns() {
    let longest = format!("{}a", "a.".repeat(126));
    assert_eq!(longest.len(), MAX_LEN);
    for authority in [longest.clone(), format!("{longest}."), format!("{longest}.:{}", "8".repeat(9000))] {
        assert_eq!(spelled(&authority).as_deref(), Some(&*longest));
    }
    for authority in
        [format!("a{longest}"), format!("a{longest}.:80"), "a.".repeat(25_000), "8".repeat(25_000)]
    {
        assert_eq!(of_authority(authority.as_bytes()), None);
    }
}

#[test]
fn a_domain_is_spelled_as_the_hosts_that_match_it() {
    for (domain, expected) in [
        ("*", "*"),
        ("*.Example.com.", "*.example.com"),
        ("Orders.example.com.", "orders.example.com"),
        ("[0::A]", "[::a]"),
        ("127.0.0.1", "127.0.0.1"),
        ("*.0.1", "*.0.1"),
        ("*.1", "*.1"),
    ] {
        assert_eq!(canonical_domain(domain).as_deref(), Some(expected), "{domain}");
    }
}

#[test]
fn a_string_that_no_host_can_match_is_no_domain() {
    for domain in [
        "",
        "*.",
        "*..a",
        "*a.com",
        "a.*",
        "a.com:80",
        "a:",
        "a b",
        "http://a",
        "*.*",
        ".a",
        "a..b",
        "a..",
        "[]",
        "[a]",
        "*.[::1]",
        "a/b",
        "é.com",
        "10.1",
        "*.10.0.0.1",
        "*.010",
        "*.256",
        "a.1",
        "*.a.1",
        "1",
    ] {
        assert_eq!(canonical_domain(domain), None, "{domain}");
    }
    let suffix = format!("a{}", ".a".repeat(125));
    assert_eq!(suffix.len(), 251);
    assert!(canonical_domain(&format!("*.{suffix}.")).is_some());
    assert!(canonical_domain(&format!("*.a{suffix}")).is_none());
    assert!(canonical_domain(&format!("a.{suffix}.")).is_some());
    assert!(canonical_domain(&format!("aa.{suffix}")).is_none());
}

proptest! {
    #[test]
    fn no_bytes_panic_and_the_spelling_of_a_host_is_its_own(authority in "\\PC{0,20}|[a0.:\\[\\]-]{0,12}") {
        if let Some(host) = spelled(&authority) {
            prop_assert_eq!(spelled(&host), Some(host.clone()));
            prop_assert_eq!(canonical_domain(&host), Some(host));
        }
    }

    #[test]
    fn every_spelling_of_an_ipv6_address_is_the_same_host(address in any::<u128>(), mask in any::<u128>()) {
        let address = Ipv6Addr::from(address & mask);
        let groups = address.segments().map(|group| format!("{group:04X}")).join(":");
        let [.., high, low] = address.segments();
        let [a, b, c, d] = [high >> 8, high & 255, low >> 8, low & 255];
        let mixed = format!("{}:{a}.{b}.{c}.{d}", address.segments()[..6].iter().map(|group| format!("{group:x}")).collect::<Vec<_>>().join(":"));
        for text in [address.to_string(), groups, mixed] {
            prop_assert_eq!(spelled(&format!("[{text}]:80")), Some(format!("[{address}]")), "{}", text);
        }
    }
}
