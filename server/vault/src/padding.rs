//! Padding, so that the length of a ciphertext does not tell a token from a password.

use zeroize::Zeroizing;

/// Sizes of what is encrypted; larger values take multiples of the last.
const SIZES: [usize; 4] = [64, 256, 1024, 4096];

/// Bytes in front that say how long the value is.
const LENGTH: usize = 4;

/// The length, the value and zeros. `None` when the value is longer than four bytes can say.
pub(crate) fn pad(value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let length = u32::try_from(value.len()).ok()?;
    let size = padded_size(value.len().checked_add(LENGTH)?);
    let mut padded = Zeroizing::new(Vec::with_capacity(size));
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(value);
    padded.resize(size, 0);
    Some(padded)
}

/// The value. `None` when this was not made by [`pad`].
pub(crate) fn unpad(padded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (length, rest) = padded.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    Some(Zeroizing::new(rest.get(..length)?.to_vec()))
}

fn padded_size(length: usize) -> usize {
    let largest = SIZES[SIZES.len() - 1];
    SIZES.into_iter().find(|size| length <= *size).unwrap_or_else(|| length.next_multiple_of(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_any_length_come_back_and_take_one_of_a_few_sizes() {
        let cases = [
            (0, 64),
            (1, 64),
            (60, 64),
            (61, 256),
            (252, 256),
            (253, 1024),
            (1021, 4096),
            (4092, 4096),
            (4093, 8192),
            (100_000, 102_400),
        ];
        for (length, size) in cases {
            let value = vec![b'x'; length];
            let padded = pad(&value).unwrap();
            assert_eq!(padded.len(), size, "{length} bytes");
            assert_eq!(*unpad(&padded).unwrap(), value, "{length} bytes");
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_refused() {
        assert_eq!(unpad(&[0, 0, 0, 2, b'x']), None);
        assert_eq!(unpad(&[0, 0, 0]), None);
    }
}
