//! Names that people choose.

use domain::violation::Rule;

/// One line of 1 to `max` characters, without control characters and without the marks that turn the direction of
/// writing: a name must read like what it is, wherever it is shown.
pub(crate) fn single_line(text: &str, max: usize) -> Result<(), Rule> {
    match text.chars().count() {
        0 => Err(Rule::Required),
        length if length > max => Err(Rule::TooLong { max }),
        _ if text.chars().any(is_hidden) => Err(Rule::ControlCharacter),
        _ => Ok(()),
    }
}

/// Control characters, line and paragraph separators, zero-width characters and marks of direction (Unicode bidi
/// controls): nobody sees them, and they make one name look like another.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_reads_like_what_it_is() {
        assert_eq!(single_line("Équipe 北京 (β)", 20), Ok(()));
        assert_eq!(single_line("", 20), Err(Rule::Required));
        assert_eq!(single_line("abc", 2), Err(Rule::TooLong { max: 2 }));
        for hidden in ["a\nb", "a\u{202e}b", "a\u{200b}b", "\u{feff}a", "a\u{2066}b", "\0"] {
            assert_eq!(single_line(hidden, 20), Err(Rule::ControlCharacter), "{hidden:?}");
        }
    }
}
