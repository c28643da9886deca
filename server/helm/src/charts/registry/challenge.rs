//! What a registry asks for when it lets nobody in: `WWW-Authenticate` (RFC 9110, section 11.6.1).

/// A way to sign in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password, for the registry itself.
    Basic,
    /// A token from another server.
    Bearer { realm: String, service: Option<String> },
}

impl Challenge {
    /// The first that is known.
    pub(super) fn first(values: &[&str]) -> Option<Self> {
        values.iter().find_map(|value| Self::parse(value))
    }

    fn parse(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service) = (None, None);
        for (name, value) in parameters(rest) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                _ => {}
            }
        }
        Some(Self::Bearer { realm: realm?, service })
    }
}

/// `name="value", name=value`; what does not look like this ends the list.
fn parameters(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_start_matches([' ', ',']).trim();
        let (value, next) = if let Some(quoted) = after.strip_prefix('"') {
            unquoted(quoted)
        } else {
            let end = after.find(',').unwrap_or(after.len());
            (after[..end].trim().to_owned(), &after[end..])
        };
        found.push((name, value));
        rest = next;
    }
    found
}

/// What stands up to the closing quote, and what comes after it.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return (value, &text[place + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_registries_ask_for_is_understood() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) })
        };
        for (value, challenge) in [
            (r#"Basic realm="x""#, Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a,b:pull""#,
                bearer("https://ghcr.io/token", Some("ghcr.io")),
            ),
            (
                r#"Bearer scope="a=b\"c", Realm=https://a.example/t , error=x"#,
                bearer("https://a.example/t", None),
            ),
            (r#"Bearer service="x""#, None),
            (r#"Bearer realm="unclosed"#, bearer("unclosed", None)),
            ("Bearer", None),
            ("Negotiate", None),
            ("", None),
        ] {
            assert_eq!(Challenge::parse(value), challenge, "{value}");
        }
        assert_eq!(Challenge::first(&["Negotiate", "Basic realm=x"]), Some(Challenge::Basic));
    }
}
