//! Questions about the spelling of a path (RFC 3986). The document's rules and the look-up of a request share
//! them.

/// `path` without its query and fragment.
pub fn without_query(path: &[u8]) -> &[u8] {
    path.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default()
}

/// Whether a segment has a second spelling: an escaped character that needs no escape (RFC 3986 section
/// 6.2.2.2), or a backslash.
pub fn is_spelled_otherwise(segment: &[u8]) -> bool {
    let needs_no_escape = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/\\".contains(&byte);
    segment.contains(&b'\\') || escapes(segment).any(needs_no_escape)
}

/// Whether any segment is `.` or `..`, escaped or not (RFC 3986 section 5.2.4). Parameters are ignored: Envoy
/// resolves `..;` too.
pub fn has_dot_segment(path: &[u8]) -> bool {
    let is_dots = |segment: &[u8]| {
        let plain = segment.iter().filter(|byte| **byte == b'.').count();
        let escaped = escapes(segment).filter(|byte| *byte == b'.').count();
        let spelled = plain.saturating_add(escaped.saturating_mul(3));
        spelled == segment.len() && matches!(plain.saturating_add(escaped), 1 | 2)
    };
    let mut segments = path.split(|byte| matches!(byte, b'/' | b'\\'));
    segments.any(|segment| is_dots(segment.split(|byte| *byte == b';').next().unwrap_or_default()))
}

/// The bytes that a segment escapes as `%XX`, decoded.
pub fn escapes(segment: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    segment.windows(3).filter_map(move |window| match *window {
        [b'%', high, low] => Some(digit(high)?.wrapping_mul(16).wrapping_add(digit(low)?)),
        _ => None,
    })
}
