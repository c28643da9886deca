//! Which hosts the configurations and clusters of a subscription may lead to: what its owners keep as a list.
//!
//! A list narrows what the server allows and never widens it; an empty one leaves it as it is. A name on it stands for
//! wherever the server's own policy lets this name lead; a range stands for the addresses in it, whatever their names.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};

use crate::repository::host;
use crate::violation::Rule;

/// The most entries of one list.
pub const OUTBOUND_ENTRIES_MAX: usize = 100;
/// The most characters of one entry: a host name (RFC 1035) behind `*.`.
pub const OUTBOUND_ENTRY_MAX: usize = 255;
/// Bits before the v4 address in a v4-mapped v6 one.
const MAPPED_BITS: u8 = 96;

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboundEntry {
    /// This name and no other.
    Host(String),
    /// Every name below this one, but not itself.
    Below(String),
    /// Every address in this range; an address alone is the smallest one.
    Range(IpNet),
}

/// The list of one subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct Narrowing(Vec<OutboundEntry>);

impl OutboundEntry {
    /// From what somebody typed: `git.example.com`, `*.example.com`, `10.1.0.0/16`, `2001:db8::7`.
    ///
    /// # Errors
    ///
    /// [`Rule::OutboundEntry`] for anything else, ports, URLs and names in other letters than ASCII included.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let text = text.trim();
        let refused = || Rule::OutboundEntry { entry: shown(text) };
        if text.len() > OUTBOUND_ENTRY_MAX {
            return Err(refused());
        }
        if let Ok(range) = text.parse::<IpNet>() {
            return Ok(Self::Range(canonical(range.trunc())));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Range(address.to_canonical().into()));
        }
        let name = |text: &str| host::parse(text.strip_suffix('.').unwrap_or(text)).map_err(|_| refused());
        match text.strip_prefix("*.") {
            // Below an address is nothing.
            Some(above) if above.parse::<IpAddr>().is_err() && !above.starts_with('[') => {
                Ok(Self::Below(name(above)?))
            }
            Some(_) => Err(refused()),
            None => {
                let host = name(text)?;
                Ok(host.parse::<IpAddr>().map_or(Self::Host(host), |address| Self::Range(address.into())))
            }
        }
    }

    /// Whether it allows a name, which is in lower case and without a final full stop.
    pub fn covers_name(&self, name: &str) -> bool {
        match self {
            Self::Host(host) => host == name,
            Self::Below(above) => {
                name.strip_suffix(above.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            Self::Range(_) => false,
        }
    }

    /// Whether it allows an address, whatever name led to it.
    pub fn covers_address(&self, address: IpAddr) -> bool {
        matches!(self, Self::Range(range) if range.contains(&address.to_canonical()))
    }
}

impl fmt::Display for OutboundEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => formatter.write_str(host),
            Self::Below(above) => write!(formatter, "*.{above}"),
            Self::Range(range) if range.prefix_len() == range.max_prefix_len() => range.addr().fmt(formatter),
            Self::Range(range) => range.fmt(formatter),
        }
    }
}

impl Narrowing {
    /// From entries as they were typed; one that is there already counts once.
    ///
    /// # Errors
    ///
    /// [`Rule::OutboundEntry`] with the first entry that is none, [`Rule::TooManyEntries`].
    pub fn parse<Entry: AsRef<str>>(entries: &[Entry]) -> Result<Self, Rule> {
        if entries.len() > OUTBOUND_ENTRIES_MAX {
            return Err(Rule::TooManyEntries { max: OUTBOUND_ENTRIES_MAX });
        }
        let mut list = Vec::new();
        for entry in entries {
            let entry = OutboundEntry::parse(entry.as_ref())?;
            if !list.contains(&entry) {
                list.push(entry);
            }
        }
        Ok(Self(list))
    }

    /// What at least one of the lists allows: for somebody who has not said yet for which of the subscriptions.
    #[must_use]
    pub fn any_of(lists: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for list in lists {
            if list.is_empty() {
                return Self::default();
            }
            all.extend(list.0);
        }
        Self(all)
    }

    /// Narrows nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an entry allows a name, as [`OutboundEntry::covers_name`] has it.
    pub fn covers_name(&self, name: &str) -> bool {
        self.0.iter().any(|entry| entry.covers_name(name))
    }

    /// Whether an entry allows an address.
    pub fn covers_address(&self, address: IpAddr) -> bool {
        self.0.iter().any(|entry| entry.covers_address(address))
    }

    /// Whether a name that is not covered may still lead to an address that is.
    pub fn has_ranges(&self) -> bool {
        self.0.iter().any(|entry| matches!(entry, OutboundEntry::Range(_)))
    }

    /// In their order, as they are shown.
    pub fn entries(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl From<Narrowing> for Vec<String> {
    fn from(narrowing: Narrowing) -> Self {
        narrowing.entries()
    }
}

/// An entry that cannot be read is an error: less of a list would allow more, or all.
impl TryFrom<Vec<String>> for Narrowing {
    type Error = String;

    fn try_from(entries: Vec<String>) -> Result<Self, String> {
        Self::parse(&entries).map_err(|rule| format!("{rule:?}"))
    }
}

/// The entries of a text that people typed into one field: apart by line breaks, blanks or commas.
pub fn split(text: &str) -> Vec<String> {
    let apart = |character: char| character.is_whitespace() || character == ',';
    text.split(apart).filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
}

/// The v4 range behind a v4-mapped one: addresses are compared as what a connection would go to.
fn canonical(range: IpNet) -> IpNet {
    if let IpNet::V6(mapped) = range
        && let Some(address) = mapped.addr().to_ipv4_mapped()
        && let Some(bits) = mapped.prefix_len().checked_sub(MAPPED_BITS)
        && let Ok(range) = Ipv4Net::new(address, bits)
    {
        return range.into();
    }
    range
}

/// What of an entry is repeated in a sentence.
fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(OUTBOUND_ENTRY_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_shown_in_the_one_spelling_that_is_compared() {
        for (typed, shown) in [
            ("git.example.com", "git.example.com"),
            (" Git.Example.COM. ", "git.example.com"),
            ("intranet", "intranet"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("*.Example.com", "*.example.com"),
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3/32", "10.1.2.3"),
            ("10.1.2.3/16", "10.1.0.0/16"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8:0::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7/32", "2001:db8::/32"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("::ffff:10.1.0.0/112", "10.1.0.0/16"),
        ] {
            let entry = OutboundEntry::parse(typed).unwrap_or_else(|rule| panic!("{typed}: {rule:?}"));
            assert_eq!(entry.to_string(), shown, "{typed}");
            assert_eq!(OutboundEntry::parse(shown), Ok(entry), "{typed}");
        }
    }

    #[test]
    fn what_is_no_name_address_or_range_is_named_in_the_rule() {
        for typed in [
            "",
            "*",
            "*.",
            "*example.com",
            "git.*.com",
            "*.*.com",
            "*.10.1.2.3",
            "*.[::1]",
            "https://git.example.com",
            "git.example.com:443",
            "git.example.com/team",
            "ada@git.example.com",
            "-git.example.com",
            "git..example.com",
            "bücher.example",
            "10.1.2.3/33",
            "10.1.2",
            "2130706433",
            "0x7f.1",
            "fe80::1%eth0",
        ] {
            let rule = Rule::OutboundEntry { entry: typed.to_owned() };
            assert_eq!(OutboundEntry::parse(typed), Err(rule), "{typed}");
        }
        assert!(OutboundEntry::parse(&"a".repeat(OUTBOUND_ENTRY_MAX + 1)).is_err());
    }

    #[test]
    fn a_name_covers_itself_and_a_star_what_is_below() {
        // (entry, name, whether it is covered)
        for (entry, name, covered) in [
            ("git.example.com", "git.example.com", true),
            ("git.example.com", "a.git.example.com", false),
            ("git.example.com", "example.com", false),
            ("git.example.com", "git.example.com.evil.test", false),
            ("*.example.com", "git.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.example.com", "evilexample.com", false),
            ("10.0.0.0/8", "10.example.com", false),
        ] {
            let parsed = OutboundEntry::parse(entry).unwrap();
            assert_eq!(parsed.covers_name(name), covered, "{entry} {name}");
        }
    }

    #[test]
    fn a_range_covers_addresses_as_what_they_lead_to() {
        for (entry, address, covered) in [
            ("10.1.0.0/16", "10.1.255.255", true),
            ("10.1.0.0/16", "::ffff:10.1.2.3", true),
            ("10.1.0.0/16", "10.2.0.0", false),
            ("10.1.0.0/16", "64:ff9b::10.1.2.3", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("0.0.0.0/0", "::1", false),
            ("git.example.com", "10.1.2.3", false),
        ] {
            let parsed = OutboundEntry::parse(entry).unwrap();
            assert_eq!(parsed.covers_address(address.parse().unwrap()), covered, "{entry} {address}");
        }
    }

    #[test]
    fn a_list_is_typed_in_one_field_and_keeps_its_order_without_what_is_there_twice() {
        let list =
            Narrowing::parse(&split("b.example.com, *.a.example.com\n\n10.0.0.0/8 B.example.com")).unwrap();
        assert_eq!(list.entries(), ["b.example.com", "*.a.example.com", "10.0.0.0/8"]);
        assert!(split(" \n,").is_empty());
        let many: Vec<String> = (0..=OUTBOUND_ENTRIES_MAX).map(|number| format!("h{number}.test")).collect();
        assert!(Narrowing::parse(&many[1..]).is_ok());
        assert_eq!(Narrowing::parse(&many), Err(Rule::TooManyEntries { max: OUTBOUND_ENTRIES_MAX }));
    }

    #[test]
    fn of_several_lists_what_one_allows_is_allowed_and_an_empty_one_allows_everything() {
        let list = |entries: &[&str]| Narrowing::parse(entries).unwrap();
        let both = Narrowing::any_of([list(&["a.test"]), list(&["b.test"])]);
        assert_eq!(both.entries(), ["a.test", "b.test"]);
        assert!(Narrowing::any_of([list(&["a.test"]), list(&[])]).is_empty());
    }

    #[test]
    fn a_stored_list_with_an_entry_that_cannot_be_read_is_no_list() {
        let list = Narrowing::parse(&["git.example.com", "10.0.0.0/8"]).unwrap();
        let stored = serde_json::to_string(&list).unwrap();
        assert_eq!(stored, r#"["git.example.com","10.0.0.0/8"]"#);
        assert_eq!(serde_json::from_str::<Narrowing>(&stored).unwrap(), list);
        assert!(serde_json::from_str::<Narrowing>(r#"["git.example.com","a b"]"#).is_err());
    }
}
