//! A command as a list of words, split as a shell splits them. What a shell would do beyond that is refused: there is
//! none.

/// Characters that mean something to a shell wherever they stand without quotes.
const SPECIAL: &str = "|&;<>()$`*?[]{}~!#\n\r";

/// Characters that mean something even between double quotes.
const SPECIAL_QUOTED: &str = "$`";

/// The words, or what is in the way as a sentence.
pub(crate) fn words(command: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                quoted(&mut characters, '\'', word)?;
            }
            '"' => {
                let word = word.get_or_insert_default();
                quoted(&mut characters, '"', word)?;
            }
            '\\' => match characters.next() {
                Some(next) if next != '\n' => word.get_or_insert_default().push(next),
                _ => return Err("the command ends with a backslash".to_owned()),
            },
            // A home folder is meant only at the beginning of a word, a comment too.
            '~' | '#' if word.is_some() => word.get_or_insert_default().push(character),
            special if SPECIAL.contains(special) => return Err(no_shell(special)),
            control if control.is_control() => {
                return Err("the command holds a control character".to_owned());
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    match words.first() {
        None => Err("the command is empty".to_owned()),
        Some(first) if first.contains('=') => {
            Err("a command begins with a program; variables cannot be set, for there is no shell".to_owned())
        }
        Some(_) => Ok(words),
    }
}

fn quoted(characters: &mut std::str::Chars<'_>, quote: char, word: &mut String) -> Result<(), String> {
    while let Some(character) = characters.next() {
        match character {
            end if end == quote => return Ok(()),
            '\\' if quote == '"' => match characters.next() {
                Some(next @ ('"' | '\\' | '$' | '`')) => word.push(next),
                Some(next) => word.extend(['\\', next]),
                None => break,
            },
            special if quote == '"' && SPECIAL_QUOTED.contains(special) => return Err(no_shell(special)),
            control if control.is_control() => {
                return Err("the command holds a control character".to_owned());
            }
            other => word.push(other),
        }
    }
    Err("a quotation mark has no counterpart".to_owned())
}

fn no_shell(special: char) -> String {
    let special = special.escape_debug();
    format!(
        "commands are run without a shell, so `{special}` has no meaning: give one program with its arguments, \
         several commands as several generators, and put the character in single quotes if it is meant as it is"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        for (command, expected) in [
            ("kustomize build .", &["kustomize", "build", "."][..]),
            ("  a\tb  ", &["a", "b"]),
            ("a 'b c' \"d e\"", &["a", "b c", "d e"]),
            ("a 'b'\"c\"d", &["a", "bcd"]),
            ("a '' \"\"", &["a", "", ""]),
            (r"a b\ c \\ \'", &["a", "b c", "\\", "'"]),
            (r#"a "b\"c\d""#, &["a", "b\"c\\d"]),
            ("a '$x | `y` > z;'", &["a", "$x | `y` > z;"]),
            ("a x~y x#y --flag=b", &["a", "x~y", "x#y", "--flag=b"]),
        ] {
            assert_eq!(words(command).unwrap(), expected, "{command}");
        }
    }

    #[test]
    fn what_only_a_shell_could_do_is_refused_in_words() {
        for command in [
            "a | b",
            "a && b",
            "a; b",
            "a > b",
            "a < b",
            "a $HOME",
            "a `b`",
            "a $(b)",
            "a *.yaml",
            "a ?",
            "a [b]",
            "a {b,c}",
            "~/a",
            "a #b",
            "a\nb",
            "a \"$b\"",
            "a \"`b`\"",
            "! a",
            "(a)",
        ] {
            let error = words(command).unwrap_err();
            assert!(error.contains("without a shell"), "{command}: {error}");
        }
        for (command, expected) in [
            ("", "empty"),
            ("   ", "empty"),
            ("a 'b", "no counterpart"),
            ("a \"b", "no counterpart"),
            ("a \\", "ends with a backslash"),
            ("A=b c", "variables cannot be set"),
            ("a \u{7}", "control character"),
        ] {
            let error = words(command).unwrap_err();
            assert!(error.contains(expected), "{command}: {error}");
        }
    }
}
