//! Values as YAML that readers of YAML 1.1 and of YAML 1.2 read alike.

use serde_json::Value;

/// `text` as a scalar.
pub(super) fn quoted(text: &str) -> String {
    printable(&Value::from(text).to_string())
}

/// `items` as a list on one line.
pub(super) fn list(items: &[&str]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

/// The lines of a JSON text, for a block literal that reads as the same document.
pub(super) fn literal(json: &str) -> String {
    let text = printable(json.trim()).replace("\r\n", "\n");
    // A JSON string holds no raw line break, so blanks at the ends of lines have no meaning.
    let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim_end).collect();
    lines.join("\n")
}

/// A JSON text as a YAML flow mapping. It is serialized again, because `"\ud83d\ude00"` is one character in
/// JSON and two broken ones in YAML.
pub(super) fn flow(json: &str) -> String {
    let tree: Value = serde_json::from_str(json).unwrap_or_default();
    printable(&format!("{tree:#}"))
}

/// Escapes the characters of a JSON text that YAML reads as a line break or rejects. In JSON they occur in
/// strings only.
fn printable(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            printable => text.push(printable),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Every character with a meaning in YAML, and some that readers of text often get wrong.
    const NASTY: &str = " - a: b, {{c}} [d] # e %f &g *h !i |j >k ' \" \\ \u{0} \u{7} \t \r\n \u{7f} \
        \u{85} \u{a0} \u{2028} \u{2029} \u{feff} \u{fffe} é 漢 😀 --- ... ~ null ";

    fn read(yaml: &str) -> Value {
        serde_saphyr::from_str(yaml).unwrap_or_else(|error| panic!("{error}: {yaml}"))
    }

    #[test]
    fn scalars_and_lists_are_read_back_unchanged() {
        for text in [NASTY, "", "null", "true", "no", "1e3", "0x10", "1:20", "~", "a: b", "@a"] {
            assert_eq!(read(&format!("a: {}", quoted(text))), json!({"a": text}));
            assert_eq!(read(&format!("{{ a: {} }}", list(&[text, "x"]))), json!({"a": [text, "x"]}));
        }
        assert_eq!(list(&[]), "[]");
    }

    #[test]
    fn a_document_is_the_same_in_a_literal_and_as_a_mapping_however_it_is_written() {
        let document = json!({"remark": NASTY, NASTY: [1, {"a": null}, []], "large": u64::MAX});
        let pretty = format!("{document:#}");
        // Escapes that only JSON has, and every character raw that JSON accepts raw.
        let escaped: String = document.to_string().replace('😀', "\\ud83d\\ude00").replace('é', "\\u00e9");
        let odd = format!("\r\n\t  {}\r\r\n \t", pretty.replace('\n', "  \r\n\t\r\n\t"));
        for json in [&pretty, &escaped, &odd] {
            let indented: String = literal(json).lines().map(|line| format!("    {line}\n")).collect();
            let text = read(&format!("a:\n  b: |\n{indented}  c: 1\n"));
            assert_eq!(text["a"]["c"], 1, "{text}");
            let text = text["a"]["b"].as_str().unwrap_or_default();
            assert_eq!(serde_json::from_str::<Value>(text).ok().as_ref(), Some(&document), "{text}");
            let indented: String = flow(json).lines().map(|line| format!("    {line}\n")).collect();
            assert_eq!(read(&format!("a:\n  b: # the document\n{indented}  c: 1\n"))["a"]["b"], document);
        }
    }

    #[test]
    fn no_character_is_left_that_a_reader_of_yaml_may_reject() {
        for text in [quoted(NASTY), literal(&json!([NASTY]).to_string()), flow(&json!([NASTY]).to_string())] {
            let is_printable = |c: char| matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..);
            assert!(text.chars().all(is_printable), "{text:?}");
            assert!(!text.contains(['\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}']), "{text:?}");
        }
    }
}
