//! Words and quotes of a line of flags.

use super::flag_table::{self, Kind};

/// A flag in a line, with its value when it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// The part before `=`, quotes removed; with its hyphens when it is a flag.
    pub(super) name: String,
    /// What follows `=`, or the next word.
    pub(super) value: Option<String>,
    /// As written, both words when the value is a word of its own.
    pub(super) written: String,
}

/// A quote that is not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenQuote;

/// A word: what it means, and where it stands in the line.
struct Word {
    text: String,
    start: usize,
    end: usize,
}

/// Takes a line apart: which words are values of the word before is told by the flag table.
pub(super) fn arguments(line: &str) -> Result<Vec<Argument>, OpenQuote> {
    let mut words = words(line)?.into_iter().peekable();
    let mut arguments = Vec::new();
    while let Some(word) = words.next() {
        let mut end = word.end;
        let (name, mut value) = match word.text.split_once('=') {
            Some((name, value)) if name.starts_with('-') => (name.to_owned(), Some(value.to_owned())),
            _ => (word.text, None),
        };
        let takes_next = value.is_none() && takes_value(&name);
        if takes_next && let Some(next) = words.next_if(|next| !next.text.starts_with("--")) {
            end = next.end;
            value = Some(next.text);
        }
        arguments.push(Argument { name, value, written: line[word.start..end].to_owned() });
    }
    Ok(arguments)
}

/// The words of a line, quotes removed.
pub(crate) fn split(line: &str) -> Result<Vec<String>, OpenQuote> {
    Ok(words(line)?.into_iter().map(|word| word.text).collect())
}

/// The line without blanks around it and without the pair of quotes that shells of other systems leave around
/// the whole of it.
pub(super) fn unwrap_quotes(line: &str) -> &str {
    let mut line = line.trim();
    for quote in ['\'', '"', '\''] {
        let inside = line.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        match inside {
            Some(inside) if !inside.contains(quote) => line = inside.trim(),
            _ => {}
        }
    }
    line
}

/// A text as one word: as it is where that is one word, else in quotes.
pub(crate) fn quote(text: &str) -> String {
    if !text.contains(|character: char| character.is_whitespace() || "'\"".contains(character)) {
        return text.to_owned();
    }
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    // Pieces without a double quote in double quotes, the double quotes themselves in single ones.
    let pieces: Vec<String> = text.split('"').map(|piece| format!("\"{piece}\"")).collect();
    pieces.join("'\"'")
}

/// An unknown flag takes its value too, so that it is one fault and not two.
fn takes_value(name: &str) -> bool {
    name.starts_with('-') && flag_table::find(name).is_none_or(|flag| flag.kind != Kind::Boolean)
}

fn words(line: &str) -> Result<Vec<Word>, OpenQuote> {
    let mut words = Vec::new();
    let mut current: Option<Word> = None;
    let mut open: Option<char> = None;
    for (at, character) in line.char_indices() {
        if open.is_none() && character.is_whitespace() {
            words.extend(current.take());
            continue;
        }
        let word = current.get_or_insert_with(|| Word { text: String::new(), start: at, end: at });
        word.end = at + character.len_utf8();
        match open {
            Some(quote) if character == quote => open = None,
            None if matches!(character, '\'' | '"') => open = Some(character),
            _ => word.text.push(character),
        }
    }
    words.extend(current);
    if open.is_some() { Err(OpenQuote) } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_hold_words_together_and_disappear() {
        let words = |line| split(line).map(|words| words.join("|"));
        assert_eq!(
            words(r#"--git-user="Weave Flux"  --x 'a b'c"#),
            Ok("--git-user=Weave Flux|--x|a bc".to_owned())
        );
        assert_eq!(words(r#"'' """#), Ok("|".to_owned()));
        assert_eq!(words("--git-user=O'Brien"), Err(OpenQuote));
    }

    #[test]
    fn one_pair_of_quotes_around_everything_is_dropped() {
        for line in ["'--a --b'", " \"--a --b\" ", "'\"--a --b\"'", "' --a --b '", "--a --b"] {
            assert_eq!(unwrap_quotes(line), "--a --b", "{line}");
        }
        for line in ["'--a' '--b'", "\"--a\" --b", "'"] {
            assert_eq!(unwrap_quotes(line), line, "{line}");
        }
    }

    proptest! {
        #[test]
        fn a_quoted_text_is_one_word(text in "[a-z '\"=]{1,12}") {
            prop_assert_eq!(split(&quote(&text)), Ok(vec![text]));
        }
    }
}
