//! The body of ARM's PUT of a configuration: read, or refused with what is wrong; what is accepted is given back in answers
//! and means the same when it is sent again.
#![no_main]

use domain::configuration::ConfigurationDraft;
use inbound::body::object;
use inbound::configuration::{Refused, Sent, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = object(bytes) else { return };
    match read("fuzz", body) {
        Ok(Sent { draft, credential }) => {
            let Ok(spec) = draft.validate() else { return };
            let again = ConfigurationDraft::from_spec(&spec).validate();
            assert_eq!(again.as_ref(), Ok(&spec), "{draft:?} is another one when it is sent back");
            let _ = credential.validate(&spec.repository_url, Default::default());
        }
        Err(Refused::Faults(faults)) => assert!(!faults.is_empty()),
        Err(Refused::Violations(violations)) => assert!(!violations.0.is_empty()),
    }
});
