//! What the program prints to its own output.

/// Prints a line. A closed output (`| head`) must not end the process before its Envoy.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _closed = writeln!(std::io::stdout(), $($line)*);
    }};
}

pub(crate) use say;
