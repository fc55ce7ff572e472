//! `usage-plan sign --as curl`

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{URL, authorization, by_acme, cli};
use crate::cli::{Cli, EXAMPLE, quoted, run};

/// Runs `command` in a shell whose curl writes down its arguments.
fn curled(cli: &Cli, command: &str) -> Vec<String> {
    let curl = cli.path(cli.write("curl", "#!/bin/sh\nprintf '%s\\0' \"$@\"\n"));
    fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).expect("set");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).env("PATH", curl.parent().expect("a directory"));
    let ran = run(shell, "");
    assert_eq!(ran.status, 0, "{ran:?}");
    ran.stdout.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn the_curl_command_means_to_a_shell_what_was_signed() {
    let cli = cli(EXAMPLE);
    let value = r#"it's "$HOME" `id` \ *"#;
    let header = format!("Source: {value}");
    let options = format!("--as curl -H {} -H X-Empty: -X POST", quoted(&header));
    let arguments = curled(&cli, &cli.done(&by_acme(&options)));
    assert_eq!(arguments[..4], ["--include", "--request", "POST", URL]);
    let headers: Vec<&String> = arguments[4..].iter().filter(|argument| *argument != "--header").collect();
    assert_eq!((headers[0], headers[1].as_str()), (&header, "X-Empty;"));
    let date = headers[2].strip_prefix("X-Date: ").expect("a date");
    let string_to_sign = format!("x-date: {date}\nsource: {value}\nx-empty: ");
    assert_eq!(*headers[3], authorization("x-date source x-empty", &string_to_sign));
}

#[test]
fn the_curl_command_connects_to_another_address_with_the_hosts_name() {
    let cli = cli(EXAMPLE);
    for (url, options, expected) in [
        (
            URL,
            "--address 127.0.0.1:10000",
            "--connect-to ::127.0.0.1:10000 http://orders.example.com/release/orders/1?x=y",
        ),
        (
            "http://orders.example.com",
            "--address https://127.0.0.1:10443/",
            "--connect-to ::127.0.0.1:10443 https://orders.example.com/",
        ),
        (
            "https://orders.example.com:443/a/../{b}",
            "-X HEAD",
            "--head --path-as-is --globoff https://orders.example.com/a/../{b}",
        ),
    ] {
        let command = cli.run(&format!("sign '{url}' --key acme --as curl {options}")).stdout;
        let arguments = curled(&cli, &command);
        let end = arguments.iter().position(|argument| argument == "--header").expect("a header");
        assert_eq!(arguments[1..end].join(" "), expected);
    }
}
