//! Flux v1 flags in a line: what is accepted means the same when it is read again, as it is at every sync.
#![no_main]

use domain::operator_params::OperatorParams;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let Ok(params) = OperatorParams::parse(line) else { return };
    let again = OperatorParams::parse(params.line());
    assert_eq!(again.as_ref(), Ok(&params), "{line:?} was stored as {:?}", params.line());
});
