//! What a watch sees of a document and of the files of its secrets.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

/// A directory, and the path of a document in it.
fn empty_directory() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("usage-plans.json");
    (directory, path)
}

fn seen(watched: &mut Watched) -> Option<Result<String, String>> {
    let look = watched.look()?;
    Some(look.map(|document| document.text().to_owned()).map_err(|unusable| unusable.to_string()))
}

#[test]
fn a_change_is_seen_once_even_if_length_and_time_stay_the_same() {
    let (_directory, path) = empty_directory();
    fs::write(&path, "{} ").expect("written");
    let modified = path.metadata().and_then(|metadata| metadata.modified()).expect("a time");
    let mut watched = Watched::new(path.clone(), false);
    for text in ["{} ", " {}", "{} "] {
        fs::write(&path, text).expect("written");
        fs::File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(modified))
            .expect("set");
        assert_eq!(seen(&mut watched), Some(Ok(text.to_owned())));
        assert_eq!(seen(&mut watched), None);
    }
}

#[test]
fn lasting_trouble_is_reported_once_and_so_is_its_end() {
    let (_directory, path) = empty_directory();
    let mut watched = Watched::new(path.clone(), false);
    let trouble = |watched: &mut Watched, expected: &str| {
        assert_eq!(seen(watched), None, "it may pass in a moment");
        let message = seen(watched).expect("an event").expect_err("trouble");
        assert!(message.contains(expected), "{message}");
        assert_eq!(seen(watched), None, "reported once");
    };
    trouble(&mut watched, "No such file");
    fs::write(&path, "{").expect("written");
    trouble(&mut watched, "document: ");
    fs::write(&path, "{}").expect("written");
    assert_eq!(seen(&mut watched), Some(Ok("{}".to_owned())));
    fs::remove_file(&path).expect("removed");
    trouble(&mut watched, "No such file");
    fs::write(&path, "{}").expect("written");
    assert_eq!(seen(&mut watched), Some(Ok("{}".to_owned())));
    assert_eq!(seen(&mut watched), None);
}

#[test]
fn trouble_for_a_moment_is_not_reported() {
    let (_directory, path) = empty_directory();
    fs::write(&path, "{}").expect("written");
    let mut watched = Watched::new(path.clone(), false);
    assert!(seen(&mut watched).is_some());
    fs::write(&path, "").expect("written");
    assert_eq!(seen(&mut watched), None);
    fs::write(&path, "{}").expect("written");
    assert_eq!(seen(&mut watched), None, "it is as it was before");
}

#[test]
fn a_document_that_could_not_be_published_is_seen_again() {
    let (_directory, path) = empty_directory();
    fs::write(&path, "{}").expect("written");
    let mut watched = Watched::new(path.clone(), false);
    assert!(seen(&mut watched).is_some());
    watched.look_again();
    assert!(seen(&mut watched).is_some());
}

/// A mounted Secret as Kubernetes lays it out, with the value `secret` for `acme`.
fn swap(directory: &Path, generation: &str, secret: &str) {
    fs::create_dir(directory.join(generation)).expect("made");
    fs::write(directory.join(generation).join("acme"), secret).expect("written");
    symlink(generation, directory.join("..data_tmp")).expect("linked");
    fs::rename(directory.join("..data_tmp"), directory.join("..data")).expect("swapped");
}

#[test]
fn a_secret_that_is_swapped_below_its_link_is_a_change_and_one_that_is_away_is_reported_once() {
    let (directory, path) = empty_directory();
    swap(directory.path(), "..one", "acme-secret-key-0001");
    symlink("..data/acme", directory.path().join("acme")).expect("linked");
    fs::write(&path, r#"{"keys": [{"secret_id": "AKIDacme0001", "secret_key_file": "acme"}]}"#)
        .expect("written");
    let mut watched = Watched::new(path.clone(), true);
    let shown = |seen: Option<Result<String, String>>| seen.expect("an event").expect("valid");
    assert!(shown(seen(&mut watched)).contains("acme-secret-key-0001"));
    assert_eq!(seen(&mut watched), None);
    swap(directory.path(), "..two", "acme-secret-key-0002");
    assert!(shown(seen(&mut watched)).contains("acme-secret-key-0002"));

    fs::remove_file(directory.path().join("..data")).expect("removed");
    assert_eq!(seen(&mut watched), None, "it may pass in a moment");
    let message = seen(&mut watched).expect("an event").expect_err("trouble");
    assert!(message.contains("keys[0].secret_key_file: the secret is kept in the file acme: "), "{message}");
    assert_eq!(seen(&mut watched), None, "reported once");
    swap(directory.path(), "..three", "acme-secret-key-0002");
    assert!(shown(seen(&mut watched)).contains("acme-secret-key-0002"));
    assert_eq!(seen(&mut watched), None);
}
