use super::*;

/// So little that many files can be tried.
const LITTLE: u8 = 4;

const PASSPHRASE: &str = "correct horse battery";

fn passphrase(words: &str) -> SecretString {
    SecretString::from(words)
}

fn locked(half: Half, content: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    lock_by_work(LITTLE, half, &passphrase(PASSPHRASE), content, &mut file).unwrap();
    file
}

fn unlocked(file: &[u8]) -> Result<(Half, Vec<u8>), UnlockError> {
    let unlocked = unlock(&passphrase(PASSPHRASE), file)?;
    let half = unlocked.half;
    let mut content = Vec::new();
    unlocked.copy(&mut content)?;
    Ok((half, content))
}

#[test]
fn each_half_comes_back_as_what_it_was() {
    let long = vec![7; 200_000];
    for (half, content) in [(Half::Database, &long[..]), (Half::Keys, b"a:key"), (Half::Keys, b"")] {
        assert_eq!(unlocked(&locked(half, content)).unwrap(), (half, content.to_vec()));
    }
}

#[test]
fn a_backup_as_people_make_it_opens() {
    let mut file = Vec::new();
    lock(Half::Keys, &passphrase(PASSPHRASE), &b"a:key"[..], &mut file).unwrap();
    assert_eq!(unlocked(&file).unwrap(), (Half::Keys, b"a:key".to_vec()));
}

#[test]
fn another_passphrase_opens_nothing() {
    let file = locked(Half::Keys, b"a:key");
    let refused = unlock(&passphrase("correct horse batterz"), &file[..]).err().unwrap();
    assert!(matches!(refused, UnlockError::Passphrase), "{refused}");
}

#[test]
fn a_short_passphrase_is_refused_before_anything_is_written() {
    let mut file = Vec::new();
    let refused = lock(Half::Keys, &passphrase("eleven char"), &b"a:key"[..], &mut file).unwrap_err();
    assert!(matches!(refused, LockError::Passphrase), "{refused}");
    assert!(file.is_empty());
}

#[test]
fn a_file_that_was_cut_off_or_changed_does_not_open() {
    let content = vec![7; 150_000];
    let file = locked(Half::Database, &content);
    for length in [0, 10, 100, 200, 65_000, 66_000, file.len() - 20, file.len() - 1] {
        assert!(unlocked(&file[..length]).is_err(), "cut to {length} of {}", file.len());
    }
    for place in [30, 100, 170, 230, 300, 70_000, file.len() - 1] {
        let mut changed = file.clone();
        changed[place] ^= 1;
        assert!(unlocked(&changed).is_err(), "changed at {place}");
    }
    let longer = [&file[..], b"x"].concat();
    assert!(unlocked(&longer).is_err(), "with a byte more");
}

#[test]
fn what_is_no_backup_is_said_to_be_none() {
    for content in [&b"SQLite format 3\0 and so on"[..], b"a:AAAA:active\n"] {
        let refused = unlocked(content).unwrap_err();
        assert!(matches!(refused, UnlockError::NoBackup | UnlockError::Damaged), "{refused}");
    }
    let mut other = Vec::new();
    let mut recipient = Recipient::new(passphrase(PASSPHRASE));
    recipient.set_work_factor(LITTLE);
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).unwrap();
    let mut writer = encryptor.wrap_output(&mut other).unwrap();
    writer.write_all(b"somebody's letter").unwrap();
    writer.finish().unwrap();
    assert!(matches!(unlocked(&other).unwrap_err(), UnlockError::Content));
}
