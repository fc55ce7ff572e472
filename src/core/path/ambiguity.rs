//! Finds what others may read in another way in a path: the segments `.` and `..` (RFC 3986 section 5.2.4),
//! and separators that are not a plain slash. Each of their characters may be escaped.
//!
//! A caller chooses the length of a path, so its bytes must be cheap. A table with a row for each state costs
//! each byte two loads, whatever the path is made of.

/// What may precede the next byte of a path. The four high bits of a table's index are a state, and the four
/// low bits are a class.
type State = u8;

/// In a segment that is no dot segment.
const INSIDE: State = 0x00;
/// At the beginning of a segment.
const START: State = 0x10;
/// After a segment's only dot, and after its only two.
const DOT: State = 0x20;
const TWO_DOTS: State = 0x30;
/// What was looked for is there.
const FOUND: State = 0x40;
// In an escape: after `%`, and after the digit that is in the name.
const INSIDE_ESCAPE: State = 0x50;
const INSIDE_ESCAPE_2: State = 0x60;
const INSIDE_ESCAPE_5: State = 0x70;
const START_ESCAPE: State = 0x80;
const START_ESCAPE_2: State = 0x90;
const DOT_ESCAPE: State = 0xA0;
const DOT_ESCAPE_2: State = 0xB0;
const DOTS_ESCAPE_3: State = 0xC0;
const DOTS_ESCAPE_5: State = 0xD0;
const TWO_DOTS_ESCAPE: State = 0xE0;
const TWO_DOTS_ESCAPE_2: State = 0xF0;

/// What a byte can mean here.
type Class = u8;

const OTHER: Class = 0x0;
const SLASH: Class = 0x1;
const BACKSLASH: Class = 0x2;
const PERIOD: Class = 0x3;
const SEMICOLON: Class = 0x4;
const PERCENT: Class = 0x5;
const DIGIT_2: Class = 0x6;
const DIGIT_3: Class = 0x7;
const DIGIT_5: Class = 0x8;
const DIGIT_B: Class = 0x9;
const DIGIT_C: Class = 0xA;
const DIGIT_E: Class = 0xB;
const DIGIT_F: Class = 0xC;

/// The class of each byte.
static CLASSES: [Class; 256] = {
    let mut table = [OTHER; 256];
    let mut rest: &mut [Class] = &mut table;
    let mut byte: u8 = 0;
    while let [class, others @ ..] = rest {
        *class = class_of(byte);
        byte = byte.wrapping_add(1);
        rest = others;
    }
    table
};

/// The next state, by state and class, where only dot segments are looked for.
static NEXT: [State; 256] = table(false);

/// The next state, by state and class, where other separators than a plain slash are looked for as well.
static NEXT_WHERE_SLASHES_ARE_PLAIN: [State; 256] = table(true);

const fn table(slashes_are_plain: bool) -> [State; 256] {
    let mut table = [INSIDE; 256];
    let mut rest: &mut [State] = &mut table;
    let mut index: u8 = 0;
    while let [state, others @ ..] = rest {
        let (before, class) = (index & 0xF0, index & 0x0F);
        let is_other_separator = matches!(
            (before, class),
            (_, BACKSLASH)
                | (INSIDE_ESCAPE_2 | START_ESCAPE_2 | DOT_ESCAPE_2 | TWO_DOTS_ESCAPE_2, DIGIT_F)
                | (INSIDE_ESCAPE_5 | DOTS_ESCAPE_5, DIGIT_C)
        );
        *state = if slashes_are_plain && is_other_separator { FOUND } else { next(before, class) };
        index = index.wrapping_add(1);
        rest = others;
    }
    table
}

/// Whether any segment of `path` is `.` or `..`, between slashes or backslashes. Parameters are ignored:
/// Envoy resolves `..;` too.
pub fn has_dot_segment(path: &[u8]) -> bool {
    is_ambiguous(path, 0)
}

/// Whether `path` has a dot segment, or in its first `deciding` bytes, which end before a slash or with the
/// path, a backslash or an escaped separator.
pub fn is_ambiguous(path: &[u8], deciding: usize) -> bool {
    let (start, rest) = path.split_at_checked(deciding).unwrap_or((path, &[]));
    let state = follow(&NEXT_WHERE_SLASHES_ARE_PLAIN, START, start);
    matches!(follow(&NEXT, state, rest), FOUND | DOT | TWO_DOTS)
}

/// The state after `path`.
fn follow(next: &[State; 256], before: State, path: &[u8]) -> State {
    path.iter().fold(before, |state, byte| {
        let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(OTHER);
        next.get(usize::from(state | class)).copied().unwrap_or(INSIDE)
    })
}

const fn class_of(byte: u8) -> Class {
    match byte {
        b'/' => SLASH,
        b'\\' => BACKSLASH,
        b'.' => PERIOD,
        b';' => SEMICOLON,
        b'%' => PERCENT,
        b'2' => DIGIT_2,
        b'3' => DIGIT_3,
        b'5' => DIGIT_5,
        b'B' | b'b' => DIGIT_B,
        b'C' | b'c' => DIGIT_C,
        b'E' | b'e' => DIGIT_E,
        b'F' | b'f' => DIGIT_F,
        _ => OTHER,
    }
}

const fn next(state: State, class: Class) -> State {
    match (state, class) {
        (FOUND, _) => FOUND,
        (DOT | TWO_DOTS, SLASH | BACKSLASH | SEMICOLON) => FOUND,
        (DOT_ESCAPE_2 | TWO_DOTS_ESCAPE_2, DIGIT_F) => FOUND,
        (DOTS_ESCAPE_3, DIGIT_B) | (DOTS_ESCAPE_5, DIGIT_C) => FOUND,
        (START, PERIOD) | (START_ESCAPE_2, DIGIT_E) => DOT,
        (DOT, PERIOD) | (DOT_ESCAPE_2, DIGIT_E) => TWO_DOTS,
        (_, SLASH | BACKSLASH) => START,
        (INSIDE_ESCAPE_2 | START_ESCAPE_2, DIGIT_F) | (INSIDE_ESCAPE_5, DIGIT_C) => START,
        (START, PERCENT) => START_ESCAPE,
        (DOT, PERCENT) => DOT_ESCAPE,
        (TWO_DOTS, PERCENT) => TWO_DOTS_ESCAPE,
        // What is no escape is a segment's character, and so is its percent sign.
        (_, PERCENT) => INSIDE_ESCAPE,
        (INSIDE_ESCAPE, DIGIT_2) => INSIDE_ESCAPE_2,
        (INSIDE_ESCAPE | START_ESCAPE, DIGIT_5) => INSIDE_ESCAPE_5,
        (START_ESCAPE, DIGIT_2) => START_ESCAPE_2,
        (DOT_ESCAPE, DIGIT_2) => DOT_ESCAPE_2,
        (TWO_DOTS_ESCAPE, DIGIT_2) => TWO_DOTS_ESCAPE_2,
        (DOT_ESCAPE | TWO_DOTS_ESCAPE, DIGIT_3) => DOTS_ESCAPE_3,
        (DOT_ESCAPE | TWO_DOTS_ESCAPE, DIGIT_5) => DOTS_ESCAPE_5,
        _ => INSIDE,
    }
}
