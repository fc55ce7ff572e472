//! Who runs this process, from where and with which words, as the log of edits says it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal};

use rustix::process::getuid;
use rustix::system::uname;
use usage_plan_manage::audit::Author;

/// The flag whose value may be a secret.
const SECRET_FLAG: &str = "--secret-key";

/// What stands in the place of a secret.
const HIDDEN: &str = "(secret)";

/// The longest command that is kept whole, in characters. An import may name thousands of files.
const MAX_COMMAND: usize = 1000;

/// Who runs this process with these arguments.
pub(crate) fn of_process(arguments: &[OsString]) -> Author {
    Author { who: who(), from: from(), what: command(arguments) }
}

/// The user by the name that the system has for it. Whoever became root by sudo is named. Only root's
/// environment is believed, because anybody else can write such a variable.
fn who() -> String {
    let uid = getuid();
    let number = uid.as_raw();
    let name = fs::read_to_string("/etc/passwd").ok().and_then(|passwd| name_of(number, &passwd));
    let name = name.unwrap_or_else(|| format!("uid {number}"));
    match env::var("SUDO_USER") {
        Ok(user) if uid.is_root() && !user.is_empty() && user != name => format!("{user} (as {name})"),
        _ => name,
    }
}

/// The name of a user in the text of /etc/passwd.
fn name_of(uid: u32, passwd: &str) -> Option<String> {
    let uid = uid.to_string();
    let names = passwd.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        (number == uid && !name.is_empty()).then(|| name.to_owned())
    });
    { names }.next()
}

/// The machine, the terminal, the address that a remote shell was opened from, and the process.
fn from() -> String {
    let machine = uname();
    let terminal = io::stdin().is_terminal().then(|| fs::read_link("/proc/self/fd/0").ok()).flatten();
    let terminal = terminal.map(|path| path.strip_prefix("/dev").unwrap_or(&path).display().to_string());
    let ssh = env::var("SSH_CONNECTION").ok();
    let ssh = ssh.as_deref().and_then(|ssh| ssh.split(' ').next()).filter(|address| !address.is_empty());
    let parts = [
        Some(format!("command line on {}", machine.nodename().to_string_lossy())),
        terminal,
        ssh.map(|address| format!("ssh from {address}")),
        Some(format!("process {}", std::process::id())),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The command as it was typed, without secrets, and quoted as a shell needs it.
fn command(arguments: &[OsString]) -> String {
    let mut words = Vec::new();
    let mut is_secret = false;
    for word in arguments.iter().skip(1).map(|word| word.to_string_lossy()) {
        let joined = word.split_once('=').filter(|(flag, _)| *flag == SECRET_FLAG);
        words.push(match joined {
            Some((flag, value)) => format!("{flag}={}", shown(value)),
            None if is_secret => shown(&word),
            None => quoted(&word),
        });
        is_secret = word == SECRET_FLAG && !is_secret;
    }
    let command = words.join(" ");
    match command.char_indices().nth(MAX_COMMAND) {
        Some((end, _)) => format!("{}…", command.get(..end).unwrap_or_default()),
        None => command,
    }
}

/// The value of the flag, unless it is a secret itself.
fn shown(value: &str) -> String {
    if value == "-" || value.starts_with("env:") { quoted(value) } else { HIDDEN.to_owned() }
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command_of(line: &str) -> String {
        let words = shlex::split(&format!("usage-plan {line}")).expect("quoted as a shell reads it");
        command(&words.into_iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_command_is_as_it_was_typed() {
        for line in [
            "key disable acme",
            "key edit acme --remark 'contract 4711'",
            "plan edit gold --quota ''",
            "plan create --name gold --quota 100000/day@+08:00",
            r"key edit acme --remark 'it'\''s'",
        ] {
            assert_eq!(command_of(line), line);
        }
        let long = command_of(&format!("import tencent {}", "é".repeat(2000)));
        assert_eq!((long.chars().count(), long.ends_with("é…")), (MAX_COMMAND + 1, true));
    }

    #[test]
    fn a_secret_that_was_typed_is_hidden_and_where_one_comes_from_is_not() {
        for (line, expected) in [
            ("key create --secret-key secret-0001 --name x", "key create --secret-key (secret) --name x"),
            ("key create --secret-key=secret-0001", "key create --secret-key=(secret)"),
            ("key create --secret-key -", "key create --secret-key -"),
            ("key create --secret-key env:ACME", "key create --secret-key env:ACME"),
            ("key rotate acme --secret-key --secret-key", "key rotate acme --secret-key (secret)"),
            ("key create --secret-key-env ACME", "key create --secret-key-env ACME"),
        ] {
            assert_eq!(command_of(line), expected);
        }
    }

    #[test]
    fn a_user_has_the_name_of_the_system() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(name_of(1000, passwd).as_deref(), Some("ada"));
        assert_eq!(name_of(0, passwd).as_deref(), Some("root"));
        assert_eq!(name_of(100, passwd), None);
    }
}
