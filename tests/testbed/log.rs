//! The important lines of Envoy's log.

/// The warnings and errors of the filter in `log`, or of Envoy if the filter has none. Each line once.
pub(crate) fn complaints(log: &str) -> String {
    let (mut filter, mut envoy) = (Vec::new(), Vec::new());
    let mut wanted = false;
    for line in log.lines() {
        // [time][thread][level][component] [file:line] message
        let message = match line.strip_prefix('[') {
            None => line,
            Some(prefixed) => {
                let level = prefixed.split(']').nth(2).unwrap_or_default();
                wanted = ["[warning", "[error", "[critical"].contains(&level);
                line.splitn(3, "] ").last().unwrap_or(line)
            }
        };
        // wasm log plugin root-id: message
        let said = message.strip_prefix("wasm log ").and_then(|rest| rest.split_once(": "));
        let (who, message) = said.map_or((&mut envoy, message), |(_, message)| (&mut filter, message));
        if wanted && !who.contains(&message) {
            who.push(message);
        }
    }
    if filter.is_empty() { envoy.join("\n") } else { filter.join("\n") }
}

/// The last lines of `log`, without those that every Envoy logs. Long lines are cut.
pub(crate) fn tail(log: &str) -> String {
    let ordinary = |line: &&str| line.contains("[info]") && !line.contains("[wasm]");
    let lines: Vec<String> =
        log.lines().filter(|line| !ordinary(line)).map(|line| line.chars().take(400).collect()).collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_shown_as_the_filter_logged_it() {
        let log = "[2026-11-22 04:22:50.033][10259][info][config] [source/a.cc:1] starting\n\
            [2026-11-22 04:22:50.036][10259][error][wasm] [source/b.cc:1157] wasm log a b: keys[0]: [no] such\n\
            [2026-11-22 04:22:50.036][10259][error][wasm] [source/b.cc:1157] wasm log a b: keys[1]: none\n\
            [2026-11-22 04:22:50.036][10259][error][wasm] [source/b.cc:1157] wasm log a b: keys[1]: none\n\
            [2026-11-22 04:22:50.037][10267][critical][wasm] [source/c.cc:479] failed to load\n";
        assert_eq!(complaints(log), "keys[0]: [no] such\nkeys[1]: none");
    }

    #[test]
    fn without_errors_of_the_filter_those_of_envoy_are_shown() {
        let log = "[2026-11-22 04:22:50.037][10267][critical][wasm] [source/c.cc:479] failed to load\n\
            and a second line\n\
            [2026-11-22 04:22:50.037][10266][critical][wasm] [source/c.cc:479] failed to load\n\
            [2026-11-22 04:22:50.037][10266][info][wasm] [source/c.cc:479] done\n";
        assert_eq!(complaints(log), "failed to load\nand a second line");
    }

    #[test]
    fn the_end_of_a_log_is_what_is_not_ordinary() {
        let log = "[2026-11-22 04:22:50.033][10259][info][main] [source/a.cc:1] starting\n\
            [2026-11-22 04:22:50.033][10259][info][wasm] [source/b.cc:1] said\nbacktrace\n";
        assert_eq!(tail(log), "[2026-11-22 04:22:50.033][10259][info][wasm] [source/b.cc:1] said\nbacktrace");
    }
}
