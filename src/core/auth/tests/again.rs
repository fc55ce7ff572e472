//! What was verified once is verified again, and a clock that is set back changes which secrets verify.

use super::*;

/// A decoy is tried after the end of the previous secret. A clock that is set back makes that one verify
/// again, and the decoy not.
#[test]
fn what_is_signed_with_the_decoy_is_refused_also_when_the_clock_is_set_back() {
    let mut fixture = Fixture::new("{}");
    fixture.path = "/test";
    let signed = |secret: &str, date: &str| {
        let message = format!("x-date: {date}\nsource: xxxxxx");
        let mac = mac::mac(&Secret::new(secret), Algorithm::HmacSha1, message.as_bytes());
        let mut fields = k2_with("AKIDtestvector000000000000000000000000EX", "AKIDelsewhere");
        let credential = String::from_utf8(fields[2].1.clone()).expect("text");
        fields[0] = field("x-date", date);
        fields[2].1 = credential.replace("dm+Mu2rHkm7PRuqUkWnrgNKD0+g=", &STANDARD.encode(mac)).into_bytes();
        fields
    };
    for date in ["Tue, 20 Mar 2018 00:00:01 GMT", NOW] {
        fixture.now = at(date);
        let previous = fixture.run(&signed("9876543210", date)).map(|caller| caller.secret);
        let is_valid = date == NOW;
        let expected =
            if is_valid { Ok(Some(SecretUsed::Previous)) } else { Err(Failure::SignatureMismatch) };
        for _ in 0..2 {
            let decoy = fixture.run(&signed(authenticator::DECOY, date));
            assert_eq!(decoy, Err(Failure::SignatureMismatch), "{date}");
            assert_eq!(fixture.run(&signed("9876543210", date)).map(|caller| caller.secret), expected);
        }
        assert_eq!(previous, expected, "{date}");
    }
}

#[test]
fn what_verified_before_is_checked_again_in_all_but_its_mac() {
    let mut fixture = Fixture::new("{}");
    assert!(fixture.run(&k2()).is_ok());
    assert!(fixture.run(&k2()).is_ok());
    for (from, to, failure) in [
        ("dm+Mu2", "dm+Mu3", Failure::SignatureMismatch),
        ("+g=\"", "\"", Failure::SignatureMismatch),
        ("hmac-sha1", "hmac-sha256", Failure::SignatureMismatch),
        ("x-date source", "source x-date", Failure::SignatureMismatch),
        ("AKIDtestvector000000000000000000000000EX", "AKIDoff", Failure::KeyDisabled),
        ("AKIDtestvector000000000000000000000000EX", "AKIDelsewhere", Failure::KeyNotBound),
        ("AKIDtestvector000000000000000000000000EX", "AKIDnobody", Failure::KeyUnknown),
    ] {
        assert_eq!(fixture.run(&k2_with(from, to)), Err(failure), "{from} -> {to}");
    }
    fixture.now = at("Mon, 19 Mar 2018 12:23:41 GMT");
    assert_eq!(fixture.run(&k2()), Err(Failure::DateOutOfRange(DateName::XDate)));
}
