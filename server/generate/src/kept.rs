//! What kustomize printed, kept for as long as its input stays: a whole sync that finds nothing new runs nothing.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use engine::port::generate::Generation;

/// Bytes kept over all configurations: a few hundred of them, since most print some kilobytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// By the id of everything that was read. Equal ids mean equal files, so whoever has them may have the outcome.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    entries: Mutex<VecDeque<(String, Generation)>>,
}

impl Kept {
    pub(crate) fn get(&self, id: &str) -> Option<Generation> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let position = entries.iter().position(|(kept, _)| kept == id)?;
        // Used last is dropped last.
        let entry = entries.remove(position)?;
        let generation = entry.1.clone();
        entries.push_back(entry);
        Some(generation)
    }

    pub(crate) fn put(&self, id: String, generation: &Generation) {
        if size(generation) > MAX_BYTES {
            return;
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|(kept, _)| *kept != id);
        entries.push_back((id, generation.clone()));
        while entries.iter().map(|(_, generation)| size(generation)).sum::<usize>() > MAX_BYTES {
            entries.pop_front();
        }
    }
}

/// What little else there is of an entry counts like a small file.
fn size(generation: &Generation) -> usize {
    const ENTRY: usize = 512;
    ENTRY + generation.generated.iter().map(|generated| generated.bytes.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use engine::port::generate::Generated;

    use super::*;

    fn generation(bytes: usize) -> Generation {
        let generated = Generated { origin: "g".to_owned(), bytes: vec![b'#'; bytes] };
        Generation { scanned: None, generated: vec![generated] }
    }

    #[test]
    fn what_was_used_longest_ago_goes_first_and_too_much_is_not_kept() {
        let kept = Kept::default();
        let third = MAX_BYTES / 3;
        for id in ["a", "b"] {
            kept.put(id.to_owned(), &generation(third));
        }
        assert_eq!(kept.get("a"), Some(generation(third)));
        kept.put("c".to_owned(), &generation(third));
        assert!(kept.get("a").is_some() && kept.get("b").is_none() && kept.get("c").is_some());
        kept.put("d".to_owned(), &generation(MAX_BYTES));
        assert!(kept.get("d").is_none() && kept.get("a").is_some());
    }
}
