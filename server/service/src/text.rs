//! Names that people choose.

use domain::violation::Rule;
use unicode_security::RestrictionLevel;
use unicode_security::restriction_level::RestrictionLevelDetection;

/// One line of 1 to `max` characters, without control characters, without the marks that turn the direction of writing and
/// without words that mix scripts whose letters look alike: a name must read like what it is, wherever it is shown.
pub(crate) fn single_line(text: &str, max: usize) -> Result<(), Rule> {
    match text.chars().count() {
        0 => Err(Rule::Required),
        length if length > max => Err(Rule::TooLong { max }),
        _ if text.chars().any(is_hidden) => Err(Rule::ControlCharacter),
        _ => {
            match text.split(|character: char| !character.is_alphanumeric()).find(|word| mixes_scripts(word))
            {
                Some(word) => Err(Rule::MixedScripts { word: word.to_owned() }),
                None => Ok(()),
            }
        }
    }
}

/// Latin goes with the scripts of Chinese, Japanese and Korean, and with nothing else (UTS 39, "highly restrictive").
fn mixes_scripts(word: &str) -> bool {
    !word.check_restriction_level(RestrictionLevel::HighlyRestrictive)
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

    #[test]
    fn a_word_that_could_be_taken_for_another_is_refused_and_words_of_every_script_are_not() {
        for name in ["админ", "Ελλάδα team", "チームA", "A组", "팀1", "équipe", "Straße", "فريق", "team β"]
        {
            assert_eq!(single_line(name, 20), Ok(()), "{name}");
        }
        // Cyrillic а, о and р; Greek ο.
        for word in ["\u{430}dmin", "r\u{43e}ot", "su\u{440}port", "r\u{3bf}ot"] {
            let refused = Err(Rule::MixedScripts { word: word.to_owned() });
            assert_eq!(single_line(&format!("{word} (team)"), 30), refused, "{word}");
        }
    }
}
