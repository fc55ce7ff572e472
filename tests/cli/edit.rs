//! `usage-plan edit`

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use testbed::terminal::Terminal;

use crate::cli::{Cli, EXAMPLE, assert_contains, assert_text};

/// The example in a directory, and an editor: a script of the shell, whose last argument is the file.
fn cli(editor: &str) -> Cli {
    let cli = Cli::with(EXAMPLE);
    let scratch = cli.path("scratch");
    fs::create_dir(&scratch).expect("made");
    cli.write("editor.sh", editor);
    let (editor, scratch) = (cli.path("editor.sh"), scratch.display().to_string());
    cli.env("EDITOR", &format!("sh '{}'", editor.display())).env("VISUAL", "").env("TMPDIR", &scratch)
}

/// The texts that were kept, or left behind.
fn kept(cli: &Cli) -> Vec<PathBuf> {
    let entries = fs::read_dir(cli.path("scratch")).expect("listed");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn the_text_of_the_editor_becomes_the_document_as_it_was_written() {
    let cli = cli("sed -i 's/: 1000,/:   2000,/' \"$1\"");
    let (status, shown) = cli.on_terminal("edit").end();
    assert_eq!((status, shown.as_str()), (0, "./usage-plans.json is edited\n"));
    assert_text(&cli.text(), &EXAMPLE.replace(": 1000,", ":   2000,"));
    assert!(kept(&cli).is_empty());
    let (status, shown) = cli.on_terminal("edit").end();
    assert_eq!((status, shown.as_str()), (0, "nothing changed\n"));
}

#[test]
fn an_invalid_text_is_edited_again_with_the_errors_shown() {
    // The first time, the editor makes a mistake; the second time, it corrects it.
    let cli = cli("grep -q ': 0,' \"$1\" && sed -i 's/: 0,/: 5,/' \"$1\" || sed -i 's/: 1000,/: 0,/' \"$1\"");
    let mut terminal = cli.on_terminal("edit");
    terminal.wait_for("usage_plans[0].max_requests_per_second: must be");
    terminal.wait_for("(e = edit again, g = give up) ");
    assert_text(&cli.text(), EXAMPLE);
    terminal.type_line("x");
    terminal.wait_for("type e or g");
    terminal.type_line("e");
    let (status, shown) = terminal.end();
    assert_eq!(status, 0, "{shown}");
    assert_text(&cli.text(), &EXAMPLE.replace(": 1000,", ": 5,"));
    assert!(kept(&cli).is_empty());
}

#[test]
fn a_text_that_is_given_up_is_kept_in_a_file_that_is_named() {
    let cli = cli("sed -i 's/: 1000,/: 0,/' \"$1\"");
    let ends: [fn(&mut Terminal); 2] = [|terminal| terminal.type_line("g"), Terminal::type_end];
    for end in ends {
        let mut terminal = cli.on_terminal("edit");
        terminal.wait_for("(e = edit again, g = give up) ");
        end(&mut terminal);
        let (status, shown) = terminal.end();
        assert_eq!(status, 1, "{shown}");
        let kept = kept(&cli);
        assert_eq!(kept.len(), 1);
        assert_contains(&shown, &format!("\nyour text is kept in {}\n", kept[0].display()));
        assert_text(&fs::read_to_string(&kept[0]).expect("kept"), &EXAMPLE.replace(": 1000,", ": 0,"));
        assert_eq!(kept[0].metadata().expect("there").permissions().mode() & 0o777, 0o600);
        assert_text(&cli.text(), EXAMPLE);
        fs::remove_file(&kept[0]).expect("removed");
    }
}

#[test]
fn what_somebody_else_wrote_meanwhile_stays_and_the_text_is_kept() {
    let cli = cli("printf '{}' > usage-plans.json; sed -i 's/: 1000,/: 5,/' \"$1\"");
    let (status, shown) = cli.on_terminal("edit").end();
    assert_eq!(status, 1, "{shown}");
    assert_contains(&shown, "error: ./usage-plans.json has changed meanwhile, so it stays as it is\n");
    assert_text(&cli.text(), "{}");
    let kept = kept(&cli);
    assert_contains(&shown, &kept[0].display().to_string());
    assert_text(&fs::read_to_string(&kept[0]).expect("kept"), &EXAMPLE.replace(": 1000,", ": 5,"));
}

#[test]
fn an_editor_that_fails_changes_nothing_and_loses_nothing() {
    let cli = cli("exit 3");
    let (status, shown) = cli.on_terminal("edit").end();
    assert_eq!(status, 1, "{shown}");
    assert_contains(&shown, "failed: exit status: 3");
    assert!(kept(&cli).is_empty());
    cli.write("editor.sh", "echo half >> \"$1\"; exit 3");
    let (_, shown) = cli.on_terminal("edit").end();
    assert_contains(&shown, &kept(&cli)[0].display().to_string());
    assert_text(&cli.text(), EXAMPLE);
}

#[test]
fn a_document_that_is_not_valid_can_be_corrected() {
    let cli = cli("sed -i 's/: 0,/: 5,/' \"$1\"");
    cli.write_document(EXAMPLE.replace(": 1000,", ": 0,"));
    assert_eq!(cli.on_terminal("edit").end().0, 0);
    assert_text(&cli.text(), &EXAMPLE.replace(": 1000,", ": 5,"));
}

#[test]
fn without_a_terminal_or_for_a_read_only_document_no_editor_is_opened() {
    let cli = cli("touch opened");
    assert_contains(&cli.fails(2, "edit"), "error: edit needs a terminal");
    fs::set_permissions(cli.document_path(), fs::Permissions::from_mode(0o400)).expect("set");
    let (status, shown) = cli.on_terminal("edit").end();
    assert_eq!(status, 1, "{shown}");
    assert_contains(&shown, "is read-only");
    assert!(!cli.path("opened").exists());
    assert_eq!(cli.on_terminal("edit --force").end().0, 0);
    assert!(cli.path("opened").exists());
}
