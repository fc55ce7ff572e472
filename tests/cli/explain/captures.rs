//! How `usage-plan explain` reads a request: in every form in which one is captured.

use testbed::Request;

use super::{DATE, cli, explain, signed, signer};
use crate::cli::{Cli, EXAMPLE, assert_contains, shown};

/// The request as curl 7.88, curl 8.5 and others print it.
#[test]
fn a_request_is_read_in_every_form_in_which_it_is_captured() {
    let cli = cli(EXAMPLE);
    let head = String::from_utf8(signed().bytes()).expect("text");
    let lines: Vec<&str> = head.trim_end().split("\r\n").collect();
    let sent = |end: &str| lines.iter().map(|line| format!("> {line}{end}")).collect::<String>();
    let fields = |before: &str| {
        let pseudo =
            [":method: GET", ":scheme: https", ":authority: orders.example.com", ":path: /release/orders/1"];
        let all = pseudo.iter().chain(&lines[2..]);
        all.map(|field| format!("* {before}[{field}]\n")).collect::<String>()
    };
    let absolute = head.replace("/release/orders/1", "http://orders.example.com/release/orders/1");
    let over_http2 = sent("\n").replace("HTTP/1.1", "HTTP/2");
    let forms = [
        head.clone(),
        head.replace("\r\n", "\n"),
        head.trim_end().to_owned(),
        format!("\n{head}{{\"a body\": 1}}"),
        absolute.replace("Host: orders.example.com", "Host: nobody.example.com"),
        format!(
            "*   Trying 127.0.0.1:80...\n{}> \n< HTTP/1.1 401 Unauthorized\n{{ [2 bytes data]\n",
            sent("\n")
        ),
        format!("{}> \r\n", sent("\r\n")),
        format!("{}* Using Stream ID: 1\n{over_http2}>\n< HTTP/2 401\n", fields("h2h3 ")),
        fields("[HTTP/2] [1] "),
        fields("h2 "),
        format!("> CONNECT proxy:443 HTTP/1.1\n> Host: proxy:443\n>\n< HTTP/1.1 200\n{}>\n", sent("\n")),
    ];
    for form in &forms {
        let ran = explain(&cli, form.as_bytes());
        assert_eq!(ran.status, 0, "{form}\n{}", shown(&ran));
        assert_eq!(
            ran.stderr.contains("the capture has 2 requests: this explains the last one"),
            form.contains("CONNECT"),
            "{form}\n{}",
            shown(&ran)
        );
    }
}

#[test]
fn text_that_is_not_a_request_is_refused_with_what_to_give() {
    let cli = Cli::with(EXAMPLE);
    for text in
        ["", "\n\n", "hello", "GET /x HTTP/1.1\nno colon", "< HTTP/1.1 401 Unauthorized\n", "\u{1}\u{2}"]
    {
        let error = cli.fails_with_input(1, "explain", text);
        assert!(error.ends_with("give what curl -v prints, or the head of a request\n"), "{text:?}: {error}");
    }
    assert!(cli.fails(3, "explain nowhere").starts_with("error: nowhere: "));
    assert_contains(&Cli::with("{").refused("explain"), "breaks these rules");
}

#[test]
fn bytes_that_cannot_be_printed_are_shown_escaped() {
    let request = Request::get("orders.example.com", "/release")
        .header("x-date", DATE)
        .header("source", b"\xff\ta\\\x80");
    let ran = explain(&cli(EXAMPLE), &signer().sign(request).bytes());
    assert_eq!(ran.status, 0, "{}", shown(&ran));
    assert_contains(&ran.stdout, "source: \\xff\\ta\\\\\\x80\n");
}
