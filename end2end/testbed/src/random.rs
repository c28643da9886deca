//! Random names and tokens.

use crate::TestbedError;

/// A random number.
pub(crate) fn number() -> Result<u32, TestbedError> {
    getrandom::u32().map_err(TestbedError::Random)
}

/// Eight characters that keep names of different tests apart.
pub(crate) fn suffix() -> Result<String, TestbedError> {
    Ok(format!("{:08x}", number()?))
}

/// 128 bits as hexadecimal digits, for tokens.
pub(crate) fn token() -> Result<String, TestbedError> {
    let high = getrandom::u64().map_err(TestbedError::Random)?;
    let low = getrandom::u64().map_err(TestbedError::Random)?;
    Ok(format!("{high:016x}{low:016x}"))
}
