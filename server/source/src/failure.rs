//! What Git says when it fails, as one of the reasons people are told.

use child::ChildError;
use data_encoding::HEXLOWER;
use domain::reason::Reason;
use engine::port::source::SourceError;
use outbound::OutboundError;

use crate::scrub::scrub;

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Nothing when Git's words say neither that the host nor that the limits are the cause: then it may be the
    /// mirror.
    pub(crate) reason: Option<Reason>,
    pub(crate) detail: Option<String>,
    pub(crate) too_much_output: bool,
}

/// What a call was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Ask,
    Fetch,
    Push,
}

impl Failure {
    /// Whether a new mirror may help.
    pub(crate) fn may_be_the_mirror(&self) -> bool {
        matches!(self.reason, None | Some(Reason::RepositoryDamaged))
    }

    /// Whether the bytes that a fetch may bring ended it, and not time, memory or the disk.
    pub(crate) fn is_of_size(&self) -> bool {
        let said = self.detail.as_deref().unwrap_or_default();
        self.reason == Some(Reason::RepositoryLimit) && SIZE_WORDS.iter().any(|words| said.contains(words))
    }

    /// For people. Words that nobody foresaw are shown with the mildest reason.
    pub(crate) fn into_source_error(self) -> SourceError {
        SourceError { reason: self.reason.unwrap_or(Reason::RepositoryUnreachable), detail: self.detail }
    }
}

const UNPACKING_ENDED: &str = "invalid index-pack output";

/// What Git says when the system lets it write no more to a file, and when whoever unpacks ends at that without a word.
const SIZE_WORDS: &[&str] =
    &["died of signal 25", "File too large", "pack exceeds maximum allowed size", UNPACKING_ENDED];

/// Texts of Git 2.39 to 2.47 and curl (`LC_ALL=C`), most telling first: the first that occurs decides.
const WORDS: &[(&str, Reason)] = &[
    // limits
    ("died of signal 24", Reason::RepositoryLimit),
    ("died of signal 25", Reason::RepositoryLimit),
    ("File too large", Reason::RepositoryLimit),
    ("Out of memory", Reason::RepositoryLimit),
    ("Cannot allocate memory", Reason::RepositoryLimit),
    ("out of memory", Reason::RepositoryLimit),
    ("unable to create thread", Reason::RepositoryLimit),
    ("mmap failed", Reason::RepositoryLimit),
    ("No space left on device", Reason::RepositoryLimit),
    ("pack exceeds maximum allowed size", Reason::RepositoryLimit),
    // ssh, before what git says of a connection that ended: a key that the host does not take, one that nobody reads
    ("Permission denied (", Reason::RepositoryCredentialRefused),
    ("Permission denied, please try again", Reason::RepositoryCredentialRefused),
    ("Too many authentication failures", Reason::RepositoryCredentialRefused),
    ("does not appear to be a git repository", Reason::RepositoryNotFound),
    ("access denied or repository not exported", Reason::RepositoryNotFound),
    ("ERROR: Repository not found", Reason::RepositoryNotFound),
    // what came is not sound
    ("fsck error", Reason::RepositoryDamaged),
    // a connection cut in the middle also leaves half a pack
    ("RPC failed", Reason::RepositoryUnreachable),
    ("early EOF", Reason::RepositoryUnreachable),
    ("the remote end hung up", Reason::RepositoryUnreachable),
    ("unexpected disconnect", Reason::RepositoryUnreachable),
    // the rest of what is not sound
    ("bad pack header", Reason::RepositoryDamaged),
    ("pack has bad object", Reason::RepositoryDamaged),
    ("pack is corrupted", Reason::RepositoryDamaged),
    ("pack has junk", Reason::RepositoryDamaged),
    ("pack signature mismatch", Reason::RepositoryDamaged),
    ("inflate", Reason::RepositoryDamaged),
    ("unknown object type", Reason::RepositoryDamaged),
    ("unresolved delta", Reason::RepositoryDamaged),
    ("COLLISION", Reason::RepositoryDamaged),
    ("did not send all necessary objects", Reason::RepositoryDamaged),
    ("remote did not send", Reason::RepositoryDamaged),
    ("missing necessary objects", Reason::RepositoryDamaged),
    // whoever unpacks says what is wrong with a pack; only a limit of the system ends it without a word
    (UNPACKING_ENDED, Reason::RepositoryLimit),
    // a host that answers, but not with this repository; without a credential a private one looks the same
    ("could not read Username", Reason::RepositoryNotFound),
    ("could not read Password", Reason::RepositoryNotFound),
    ("Authentication failed", Reason::RepositoryNotFound),
    ("returned error: 301", Reason::RepositoryNotFound),
    ("returned error: 302", Reason::RepositoryNotFound),
    ("returned error: 303", Reason::RepositoryNotFound),
    ("returned error: 307", Reason::RepositoryNotFound),
    ("returned error: 308", Reason::RepositoryNotFound),
    ("returned error: 401", Reason::RepositoryNotFound),
    ("returned error: 403", Reason::RepositoryNotFound),
    ("returned error: 404", Reason::RepositoryNotFound),
    ("returned error: 410", Reason::RepositoryNotFound),
    ("fatal: repository '", Reason::RepositoryNotFound),
    // a host that is something else
    ("is this a git repository?", Reason::RepositoryNotGit),
    ("dumb http transport", Reason::RepositoryNotGit),
    ("invalid server response", Reason::RepositoryNotGit),
    ("invalid content-type", Reason::RepositoryNotGit),
    ("protocol error", Reason::RepositoryNotGit),
    ("bad line length", Reason::RepositoryNotGit),
    ("unexpected flush packet", Reason::RepositoryNotGit),
    ("unknown object format", Reason::RepositoryNotGit),
    // no answer
    ("Could not resolve host", Reason::RepositoryUnreachable),
    ("Failed to connect", Reason::RepositoryUnreachable),
    ("Couldn't connect", Reason::RepositoryUnreachable),
    ("Connection refused", Reason::RepositoryUnreachable),
    ("Connection reset", Reason::RepositoryUnreachable),
    ("Empty reply from server", Reason::RepositoryUnreachable),
    ("Connection timed out", Reason::RepositoryUnreachable),
    ("Connection closed by", Reason::RepositoryUnreachable),
    ("No route to host", Reason::RepositoryUnreachable),
    ("Network is unreachable", Reason::RepositoryUnreachable),
    ("Unable to negotiate with", Reason::RepositoryUnreachable),
    ("Host key verification failed", Reason::RepositoryUnreachable),
    ("Could not read from remote repository", Reason::RepositoryUnreachable),
    ("certificate", Reason::RepositoryUnreachable),
    ("SSL", Reason::RepositoryUnreachable),
    ("TLS", Reason::RepositoryUnreachable),
    ("gnutls", Reason::RepositoryUnreachable),
    ("returned error: ", Reason::RepositoryUnreachable),
    ("unable to access", Reason::RepositoryUnreachable),
];

/// Follows words that leave open what to do.
const ADVICE: &[(&str, &str)] = &[
    ("returned error: 30", "redirects are not followed: enter the address that this one leads to"),
    (UNPACKING_ENDED, "more came than a fetch may bring, or than can be unpacked with the memory allowed"),
    ("dumb http transport", "the host serves plain files: it needs Git's smart HTTP protocol"),
];

/// What a host says to whoever shows it no credential; with one, that it was refused.
const REFUSED: &[&str] = &[
    "could not read Username",
    "could not read Password",
    "Authentication failed",
    "returned error: 401",
    "returned error: 403",
];

/// Git ran and said no, although the host was shown a credential.
pub(crate) fn of_git_with_credential(stderr: &[u8]) -> Failure {
    let failure = of_git(stderr);
    let text = String::from_utf8_lossy(stderr);
    let refused = text
        .lines()
        .filter(|line| !line.starts_with("remote:"))
        .any(|line| REFUSED.iter().any(|words| line.contains(words)));
    if refused && failure.reason == Some(Reason::RepositoryNotFound) {
        return Failure { reason: Some(Reason::RepositoryCredentialRefused), ..failure };
    }
    failure
}

/// Git ran and said no.
pub(crate) fn of_git(stderr: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(stderr);
    // What a host says of itself must not decide.
    let said: Vec<&str> = text.lines().filter(|line| !line.starts_with("remote:")).collect();
    let occurs = |words: &str| said.iter().any(|line| line.contains(words));
    let reason = WORDS.iter().find(|(words, _)| occurs(words)).map(|(_, reason)| reason.clone());
    let limit = reason == Some(Reason::RepositoryLimit);
    let advice = ADVICE.iter().find(|(words, _)| occurs(words) && (limit || *words != UNPACKING_ENDED));
    let advice = advice.map(|(_, advice)| *advice);
    let detail = match (scrub(stderr), advice) {
        (Some(detail), Some(advice)) => Some(format!("{detail} ({advice})")),
        (detail, _) => detail,
    };
    Failure { reason, detail, too_much_output: false }
}

/// Git was not connected; the relay knows why better than git.
pub(crate) fn of_connection(error: &OutboundError) -> Failure {
    let reason = match error {
        OutboundError::Refused { .. } => Reason::RepositoryAddressRefused,
        OutboundError::NotListed { .. } => Reason::RepositoryAddressNotListed,
        _ => Reason::RepositoryUnreachable,
    };
    Failure { reason: Some(reason), detail: Some(error.to_string()), too_much_output: false }
}

/// Git did not run to its end.
pub(crate) fn of_child(step: Step, error: &ChildError) -> Failure {
    let reason = match error {
        // A question and a tag are short: a host that has not answered is not there.
        ChildError::TimedOut { .. } if step != Step::Fetch => Reason::RepositoryUnreachable,
        error if error.is_limit() => Reason::RepositoryLimit,
        error => {
            let SourceError { reason, detail } = internal(error);
            return Failure { reason: Some(reason), detail, too_much_output: false };
        }
    };
    Failure {
        reason: Some(reason),
        detail: Some(error.to_string()),
        too_much_output: matches!(error, ChildError::OutputLimit { .. }),
    }
}

/// Something of ours failed: the person gets an id, the log gets the words.
pub(crate) fn internal(error: &dyn std::error::Error) -> SourceError {
    let mut bytes = [0; 6];
    // Without randomness the line is still found by its words.
    let _ = getrandom::fill(&mut bytes);
    let id = HEXLOWER.encode(&bytes);
    tracing::error!(error.id = %id, %error, "a repository could not be read because of an error of the server");
    SourceError { reason: Reason::Internal { id }, detail: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(stderr: &str) -> Option<Reason> {
        of_git(stderr.as_bytes()).reason
    }

    #[test]
    fn a_host_cannot_choose_the_reason() {
        let stderr =
            "remote: fsck error died of signal 25\nfatal: unable to access 'http://h/': Connection refused";
        assert_eq!(reason(stderr), Some(Reason::RepositoryUnreachable));
    }

    #[test]
    fn what_may_be_the_mirror_is_told_from_what_cannot() {
        assert!(of_git(b"fatal: bad object 0123").may_be_the_mirror());
        assert!(of_git(b"error: packfile .git/objects/pack/x.pack is truncated").may_be_the_mirror());
        assert!(
            !of_git(b"fatal: unable to access 'http://h/': Could not resolve host: h").may_be_the_mirror()
        );
        assert!(!of_git(b"fatal: repository 'http://h/x/' not found").may_be_the_mirror());
    }

    #[test]
    fn being_refused_with_a_credential_is_something_else_than_without() {
        let stderr = b"fatal: Authentication failed for 'https://host/x/'";
        assert_eq!(of_git(stderr).reason, Some(Reason::RepositoryNotFound));
        let refused = of_git_with_credential(stderr).reason;
        assert_eq!(refused, Some(Reason::RepositoryCredentialRefused));
        let missing = of_git_with_credential(b"fatal: repository 'https://host/x/' not found").reason;
        assert_eq!(missing, Some(Reason::RepositoryNotFound));
    }

    #[test]
    fn a_redirect_says_what_to_do() {
        let failure = of_git(b"fatal: unable to access 'http://h/x/': The requested URL returned error: 301");
        assert_eq!(failure.reason, Some(Reason::RepositoryNotFound));
        assert!(failure.detail.is_some_and(|detail| detail.ends_with("that this one leads to)")));
    }
}
