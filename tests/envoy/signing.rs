//! The programs of `docs/signing.md`: a real Envoy admits what they sign, and refuses what they sign with a
//! wrong key.

mod browser;
mod docs;
mod process;

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use testbed::{Config, Envoy, Request, Shared, Signer, skip};

use self::docs::{PAGE, SECRET_ID, SECRET_KEY, blocks, document, read_docs};
use self::process::{LIMIT, is_installed, wait};

/// The shipped configuration with the service that the programs call.
static SHIPPED: Shared = Shared::new(|| Config::plain().document(document()));

/// The environment of a caller whose language is not English, whose time is not GMT, and who uses no proxy.
const ABROAD: [(&str, &str); 4] = [
    ("LC_ALL", "de_DE.UTF-8"),
    ("TZ", "Asia/Shanghai"),
    ("NO_PROXY", "127.0.0.1"),
    ("no_proxy", "127.0.0.1"),
];

/// `go` with its own cache, without the user's settings, and without network.
const GO: [(&str, &str); 6] = [
    ("GOCACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/signing/go-cache")),
    ("GOENV", "off"),
    ("GOFLAGS", ""),
    ("GOPROXY", "off"),
    ("GOTOOLCHAIN", "local"),
    ("GOWORK", "off"),
];

/// How the programs of a language are run.
struct Language {
    /// The tag of its code block.
    tag: &'static str,
    file: &'static str,
    /// The command before the file's name. It turns the runtime's warnings into errors.
    command: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    /// The commands that running it needs.
    tools: &'static [&'static str],
    /// Whether every machine that runs the tests has them.
    everywhere: bool,
}

/// The languages in the order of the docs. The page that follows them is run by a browser.
const LANGUAGES: [Language; 6] = [
    Language {
        tag: "bash",
        file: "sign.sh",
        command: &["bash"],
        environment: &[],
        tools: &["bash", "openssl", "curl"],
        everywhere: true,
    },
    Language {
        tag: "python",
        file: "sign.py",
        command: &["python3", "-W", "error"],
        environment: &[],
        tools: &["python3"],
        everywhere: true,
    },
    Language {
        tag: "javascript",
        file: "sign.mjs",
        command: &["node", "--throw-deprecation"],
        environment: &[],
        tools: &["node"],
        everywhere: false,
    },
    Language {
        tag: "go",
        file: "sign.go",
        command: &["go", "run"],
        environment: &GO,
        tools: &["go"],
        everywhere: false,
    },
    Language {
        tag: "java",
        file: "Sign.java",
        command: &["java", "-Duser.language=de", "-Duser.country=DE"],
        environment: &[],
        // A runtime without the compiler cannot run a source file.
        tools: &["java", "javac"],
        everywhere: false,
    },
    Language {
        tag: "php",
        file: "sign.php",
        command: &["php", "-derror_reporting=-1", "-ddisplay_errors=1", "-ddate.timezone=Asia/Shanghai"],
        environment: &[],
        tools: &["php"],
        everywhere: false,
    },
];

#[test]
fn the_docs_have_one_program_in_each_of_six_languages_and_a_page() {
    let docs = read_docs();
    let programs = blocks(&docs).filter(|(tag, _)| !tag.is_empty());
    let tags: Vec<_> = programs.map(|(tag, _)| tag).collect();
    let languages = LANGUAGES.iter().map(|language| language.tag);
    assert_eq!(tags, languages.chain([PAGE]).collect::<Vec<_>>());
}

#[test]
fn the_docs_example_has_the_signature_of_its_key() {
    let docs = read_docs();
    let example = blocks(&docs).find(|(_, text)| text.starts_with("X-Date: "));
    let lines = example.expect("the docs have an example").1.lines();
    let headers = lines.map(|line| line.split_once(": ").expect("a header"));
    let request =
        headers.fold(Request::bare("GET", "/"), |request, (name, value)| request.header(name, value));
    let signed = Signer::new(SECRET_ID, SECRET_KEY).headers(&["x-date", "source"]).authorization(&request);
    assert_eq!(request.value("authorization"), Some(signed.as_bytes()));
    assert!(docs.contains(&format!("`{SECRET_KEY}`")), "the key is not beside it");
}

#[test]
fn the_shell_script_signs_what_envoy_admits() {
    signs_what_envoy_admits("bash");
}

#[test]
fn the_python_program_signs_what_envoy_admits() {
    signs_what_envoy_admits("python");
}

#[test]
fn the_javascript_program_signs_what_envoy_admits() {
    signs_what_envoy_admits("javascript");
}

#[test]
fn the_go_program_signs_what_envoy_admits() {
    signs_what_envoy_admits("go");
}

#[test]
fn the_java_program_signs_what_envoy_admits() {
    signs_what_envoy_admits("java");
}

#[test]
fn the_php_program_signs_what_envoy_admits() {
    signs_what_envoy_admits("php");
}

fn signs_what_envoy_admits(tag: &str) {
    let language = LANGUAGES.iter().find(|language| language.tag == tag).expect("a language");
    let Some(program) = Program::write(language) else { return };
    let envoy = SHIPPED.envoy();

    let admitted = program.run(&envoy, SECRET_KEY);
    assert_eq!(admitted.status, 200, "{admitted:?}");
    assert_eq!(admitted.body["x-secret-id"], SECRET_ID, "{admitted:?}");
    assert_eq!(admitted.body["x-usage-plan-id"], "gold", "{admitted:?}");
    let credential = admitted.body["authorization"].as_str().expect("forwarded");
    assert!(credential.contains(r#"headers="x-date source""#), "{credential}");

    let refused = program.run(&envoy, "another-secret-key-0001");
    assert_eq!(refused.status, 401, "{refused:?}");
    assert_eq!(refused.body["message"], "HMAC signature does not match", "{refused:?}");
}

/// A program of the docs in a file.
struct Program {
    language: &'static Language,
    directory: PathBuf,
}

/// The answer that a program printed.
#[derive(Debug)]
struct Answer {
    status: u16,
    body: Value,
}

// === impl Program ===

impl Program {
    /// The docs' program in that language, or `None` when this machine cannot run it.
    fn write(language: &'static Language) -> Option<Self> {
        if let Some(tool) = language.tools.iter().find(|tool| !is_installed(tool)) {
            let Language { tag, everywhere, .. } = language;
            assert!(!everywhere, "{tag}: {tool} is missing, and is needed everywhere");
            skip(format_args!("{tag}: {tool} is missing"));
            return None;
        }
        let docs = read_docs();
        let (_, text) = blocks(&docs).find(|(tag, _)| *tag == language.tag).expect("a program");
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("signing").join(language.tag);
        fs::create_dir_all(&directory).expect("a directory");
        fs::write(directory.join(language.file), format!("{text}\n")).expect("the program is written");
        Some(Self { language, directory })
    }

    /// Runs it with that key.
    fn run(&self, envoy: &Envoy, secret_key: &str) -> Answer {
        let (words, file) = (self.language.command, self.language.file);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(file).current_dir(&self.directory);
        command.envs(ABROAD).envs(self.language.environment.iter().copied());
        command.env("URL", format!("http://{}/release/orders/1", envoy.ingress()));
        command.env("SECRET_ID", SECRET_ID).env("SECRET_KEY", secret_key);
        command.stdin(Stdio::null()).stdout(self.create("stdout")).stderr(self.create("stderr"));
        let status = wait(&mut command.process_group(0).spawn().expect("its runtime starts"));
        let (output, errors) = (self.read("stdout"), self.read("stderr"));
        let status = status.unwrap_or_else(|| panic!("{file} took over {LIMIT:?}\n{output}\n{errors}"));
        assert!(status.success(), "{file}: {status}\n{output}\n{errors}");
        Answer::parse(&output).unwrap_or_else(|| panic!("{file}: no status and JSON\n{output}\n{errors}"))
    }

    /// An empty file for what it prints.
    fn create(&self, name: &str) -> File {
        File::create(self.directory.join(name)).expect("a file")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).expect("text")
    }
}

// === impl Answer ===

impl Answer {
    /// Parses a first line with the status, and a last line with the body.
    fn parse(output: &str) -> Option<Self> {
        let status = output.lines().next()?.split_whitespace().find_map(|word| word.parse().ok())?;
        let body = serde_json::from_str(output.trim_end().lines().last()?).ok()?;
        Some(Self { status, body })
    }
}
