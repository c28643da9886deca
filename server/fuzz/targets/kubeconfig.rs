//! A kubeconfig that somebody uploads: read and chosen from, or refused; what is refused is not repeated whole.
#![no_main]

use cluster::kubeconfig::Kubeconfig;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(kubeconfig) = Kubeconfig::parse(text) else { return };
    for context in &kubeconfig.contexts {
        let chosen = kubeconfig.choose(&context.name);
        assert!(chosen.is_err() || context.can_be_chosen(), "{} may not be chosen and was", context.name);
    }
});
