//! Words for a POSIX shell.

/// A text as one word of a command.
pub(super) fn quote(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:@%+,=".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        // Nothing is special in single quotes but the single quote itself.
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_runs_nothing() {
        assert_eq!(quote("https://host/a_b.git"), "https://host/a_b.git");
        assert_eq!(quote("--git-readonly --git-path=a"), "'--git-readonly --git-path=a'");
        assert_eq!(quote("$(touch x)"), "'$(touch x)'");
        assert_eq!(quote("a'b;c"), r"'a'\''b;c'");
        assert_eq!(quote("~"), "'~'");
        assert_eq!(quote(""), "''");
    }
}
