//! What Git and its hosts say, made fit to be stored and shown.

/// Longest text kept, in bytes: a few sentences. A host can send anything in its name.
const LIMIT: usize = 1000;

/// Standard error without credentials, control characters and advice meant for a terminal, not longer than
/// [`LIMIT`]; nothing when nothing is left.
pub(crate) fn scrub(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<String> = text
        .lines()
        // What a terminal would have overwritten is the progress of something.
        .map(|line| line.rsplit('\r').next().unwrap_or_default())
        .map(|line| line.chars().filter(|character| !character.is_control()).collect::<String>())
        .filter(|line| !line.trim().is_empty() && !line.starts_with("hint:") && !line.starts_with("From "))
        .map(|line| hide_credentials(line.trim_end()))
        .collect();
    let text = lines.join("\n");
    if text.is_empty() { None } else { Some(cut(text)) }
}

/// Takes what stands between `://` and `@`, and everything from `?` on, out of each URL of a line.
fn hide_credentials(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = after.find(|character: char| character.is_whitespace() || "'\"<>".contains(character));
        let (url, next) = after.split_at(end.unwrap_or(after.len()));
        // Up to the last one: a password may hold `/` and `@`, and losing a part of a path does no harm.
        let url = url.rsplit_once('@').map_or(url, |(_, location)| location);
        shown.push_str(url.split('?').next().unwrap_or_default());
        rest = next;
    }
    shown + rest
}

fn cut(mut text: String) -> String {
    if text.len() > LIMIT {
        let end = (0..=LIMIT).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(text: &str) -> String {
        scrub(text.as_bytes()).unwrap_or_default()
    }

    #[test]
    fn no_credential_of_a_url_is_left() {
        assert_eq!(
            scrubbed(
                "fatal: unable to access 'https://me:s3cret@host/x?token=abc': refused, see http://a@b@c/"
            ),
            "fatal: unable to access 'https://host/x': refused, see http://c/"
        );
        assert_eq!(scrubbed("https://u:p@ss/word@host/x"), "https://host/x");
        assert_eq!(scrubbed("fatal: no URL here: me@host"), "fatal: no URL here: me@host");
    }

    #[test]
    fn a_host_cannot_write_to_the_terminal_of_a_reader() {
        let text =
            scrubbed("remote: \u{1b}[31mred\u{1b}[0m\u{7}\nReceiving:  10%\rReceiving: 20%\r\nfatal: x\0y\n");
        assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
        assert!(text.ends_with("fatal: xy"), "{text:?}");
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let text = scrubbed(&"ü".repeat(5000));
        assert!(text.len() <= LIMIT + '…'.len_utf8() && text.ends_with("ü…"), "{}", text.len());
    }

    #[test]
    fn silence_is_no_detail() {
        assert_eq!(scrub(b"\n  \r\n"), None);
    }
}
