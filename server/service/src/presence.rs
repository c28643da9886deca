//! Who is there at once, so that nobody takes all places.

use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::sync::{Arc, Mutex, PoisonError};

/// Bits of an IPv6 address that one customer of a network has for themselves.
const NETWORK_BITS: u32 = 64;

/// Counts who is present, by name.
#[derive(Clone, Debug)]
pub struct Presence {
    max: usize,
    present: Arc<Mutex<HashMap<String, usize>>>,
}

/// One who is present, until it is dropped.
#[derive(Debug)]
pub struct Present {
    presence: Presence,
    who: String,
}

impl Presence {
    /// Each may be there this often.
    pub fn new(max: usize) -> Self {
        Self { max, present: Arc::default() }
    }

    /// One more of this name; `None` when that is too many.
    pub fn enter(&self, who: String) -> Option<Present> {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        let number = present.entry(who.clone()).or_default();
        if *number >= self.max {
            return None;
        }
        *number += 1;
        Some(Present { presence: self.clone(), who })
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut present = self.presence.present.lock().unwrap_or_else(PoisonError::into_inner);
        let left = present.get_mut(&self.who).map(|number| {
            *number = number.saturating_sub(1);
            *number
        });
        if left == Some(0) {
            present.remove(&self.who);
        }
    }
}

/// Whom an address stands for: itself, or the network of an IPv6 address, whose owner has as many as they like.
pub(crate) fn network(address: &str) -> String {
    let Ok(long) = address.parse::<Ipv6Addr>() else { return address.to_owned() };
    Ipv6Addr::from_bits(long.to_bits() & (u128::MAX << NETWORK_BITS)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_alone_and_forgotten_when_gone() {
        let presence = Presence::new(2);
        let enter = |who: &str| presence.enter(who.to_owned());
        let (first, second) = (enter("a"), enter("a"));
        assert!(first.is_some() && second.is_some() && enter("a").is_none());
        assert!(enter("b").is_some());
        drop(first);
        assert!(enter("a").is_some(), "one has gone");
        drop(second);
        assert!(presence.present.lock().unwrap().is_empty());
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        for (address, stands_for) in [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
            ("", ""),
        ] {
            assert_eq!(network(address), stands_for);
        }
    }
}
