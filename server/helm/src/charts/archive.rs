//! What is in an archive with a chart: files alone, below one folder, and never more than a bound.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use super::error::{ChartError, shown};
use super::folder::{BYTES_MAX, FILE_BYTES_MAX, FILES_MAX};

/// Each file has a head and is filled up to a full block.
const OVERHEAD: u64 = 1_536;
/// More than this is unpacked of nothing.
const UNPACKED_MAX: u64 = BYTES_MAX + FILES_MAX as u64 * OVERHEAD;
/// Text is packed to a twentieth; more than this is made to be unpacked, once there is something of it.
const RATIO_MAX: u64 = 200;
const RATIO_COUNTS_FROM: u64 = 4 * 1024 * 1024;
/// Entries that are no files, such as folders.
const ENTRIES_MAX: usize = FILES_MAX * 2;

/// Gives each file with its path in the chart to `take`, in the archive's order.
pub(crate) fn read(
    packed: &[u8],
    mut take: impl FnMut(&str, &[u8]) -> Result<(), ChartError>,
) -> Result<(), ChartError> {
    let ratio = (packed.len() as u64).saturating_mul(RATIO_MAX).max(RATIO_COUNTS_FROM);
    let mut limited =
        Limited { inner: MultiGzDecoder::new(packed), left: UNPACKED_MAX.min(ratio), exceeded: false };
    let done = entries(&mut limited, &mut take);
    if limited.exceeded {
        return Err(ChartError::files(format!(
            "the archive unpacks to more than {UNPACKED_MAX} bytes, or to more than {RATIO_MAX} times its size"
        )));
    }
    done
}

fn entries(
    unpacked: &mut impl Read,
    take: &mut impl FnMut(&str, &[u8]) -> Result<(), ChartError>,
) -> Result<(), ChartError> {
    let mut archive = Archive::new(unpacked);
    let mut top: Option<String> = None;
    for (number, entry) in archive.entries().map_err(|error| broken(&error))?.enumerate() {
        let mut entry = entry.map_err(|error| broken(&error))?;
        if number >= ENTRIES_MAX {
            return Err(ChartError::files(format!("the archive has more than {ENTRIES_MAX} entries")));
        }
        let bytes = entry.path_bytes();
        let path = String::from_utf8_lossy(&bytes).into_owned();
        let refused =
            |problem: &str| ChartError::files(format!("{:?} in the archive {problem}", shown(&path)));
        match entry.header().entry_type() {
            // What a Git host writes in front: it speaks of the archive and not of a file.
            EntryType::XGlobalHeader => continue,
            EntryType::Directory => {
                inside(path.trim_end_matches('/')).map_err(refused)?;
                continue;
            }
            EntryType::Regular => {}
            EntryType::Symlink | EntryType::Link => {
                return Err(refused("is a link: a chart may not have any"));
            }
            _ => return Err(refused("is no file: a chart may have nothing else")),
        }
        if std::str::from_utf8(&bytes).is_err() {
            return Err(refused("has a name that is no UTF-8"));
        }
        if entry.size() > FILE_BYTES_MAX {
            return Err(refused(&format!("is larger than {FILE_BYTES_MAX} bytes")));
        }
        let path = inside(&path).map_err(refused)?;
        let Some((folder, rest)) = path.split_once('/') else {
            return Err(refused("lies beside the chart's folder"));
        };
        if top.get_or_insert_with(|| folder.to_owned()) != folder {
            return Err(refused("lies in a second folder: an archive has one chart"));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(|error| broken(&error))?;
        take(rest, &content)?;
    }
    Ok(())
}

/// A path that does not leave the archive. Some programs write `./` in front of each.
fn inside(path: &str) -> Result<&str, &'static str> {
    let path = path.strip_prefix("./").unwrap_or(path);
    if path.starts_with('/') {
        return Err("is an absolute path");
    }
    if path.split('/').any(|part| part == "..") {
        return Err("leads out of the archive");
    }
    Ok(path)
}

fn broken(error: &std::io::Error) -> ChartError {
    ChartError::files(format!("the archive is broken or no .tgz: {}", shown(&error.to_string())))
}

/// Reads so far and no further.
struct Limited<Inner> {
    inner: Inner,
    left: u64,
    exceeded: bool,
}

impl<Inner: Read> Read for Limited<Inner> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let Some(left) = self.left.checked_sub(length as u64) else {
            self.exceeded = true;
            return Err(std::io::Error::other("it is too large"));
        };
        self.left = left;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::Header;

    use super::*;
    use crate::charts::ChartFolder;

    const CHART: &[u8] = b"name: web\nversion: 1.0.0\n";

    /// An entry as a stranger may write it: the library would refuse some of these names.
    fn entry(archive: &mut Vec<u8>, kind: EntryType, path: &[u8], link: &str, content: &[u8]) {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..path.len()].copy_from_slice(path);
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o777);
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }

    fn packed(mut archive: Vec<u8>) -> Vec<u8> {
        archive.extend_from_slice(&[0; 1_024]);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&archive).unwrap();
        encoder.finish().unwrap()
    }

    fn with(entries: &[(EntryType, &[u8], &str, &[u8])]) -> Result<ChartFolder, ChartError> {
        let mut archive = Vec::new();
        entry(&mut archive, EntryType::Regular, b"web/Chart.yaml", "", CHART);
        for (kind, path, link, content) in entries {
            entry(&mut archive, *kind, path, link, content);
        }
        ChartFolder::unpack(&std::env::temp_dir(), &packed(archive))
    }

    #[test]
    fn an_archive_becomes_a_folder() {
        let chart = with(&[
            (EntryType::XGlobalHeader, b"pax_global_header", "", b"19 comment=0123456\n"),
            (EntryType::Directory, b"web/templates/", "", b""),
            (EntryType::Regular, b"./web/templates/a.yaml", "", b"a: 1"),
            (EntryType::Regular, b"web/charts/other-1.0.0.tgz", "", b"packed"),
        ])
        .unwrap();
        assert_eq!(std::fs::read(chart.path().join("templates/a.yaml")).unwrap(), b"a: 1");
        assert_eq!(
            (chart.description().name.as_str(), chart.description().version.as_str()),
            ("web", "1.0.0")
        );
    }

    // S-A4
    #[test]
    fn what_leads_out_of_the_folder_or_is_no_file_is_refused() {
        let file = EntryType::Regular;
        let cases: [(EntryType, &[u8], &str); 19] = [
            (file, b"../x", ""),
            (file, b"web/../../x", ""),
            (file, b"/etc/cron.d/x", ""),
            (file, b"web//etc/x", ""),
            (file, b"web/./x", ""),
            (file, b"web/a\\..\\x", ""),
            (file, b"web/a\x1b[2Jb", ""),
            (file, b"web/\xff\xfe", ""),
            (file, b"web/Chart.yaml", ""),
            (file, b"other/values.yaml", ""),
            (file, b"values.yaml", ""),
            (EntryType::Directory, b"../x/", ""),
            (EntryType::Symlink, b"web/link", "/etc/passwd"),
            (EntryType::Symlink, b"web/link", "values.yaml"),
            (EntryType::Link, b"web/link", "web/Chart.yaml"),
            (EntryType::Fifo, b"web/fifo", ""),
            (EntryType::Char, b"web/null", ""),
            (EntryType::Block, b"web/disk", ""),
            (EntryType::GNUSparse, b"web/sparse", ""),
        ];
        for (kind, path, link) in cases {
            let refused = with(&[(kind, path, link, b"")]);
            let shown = String::from_utf8_lossy(path).into_owned();
            let error = refused.err().unwrap_or_else(|| panic!("{shown} was taken"));
            assert!(matches!(error, ChartError::Files(_)), "{shown}: {error}");
            assert!(!error.to_string().contains('\x1b'), "{error}");
        }
    }

    #[test]
    fn bombs_are_not_unpacked() {
        // Some 30 KiB that say they are 32 MiB, in files that each are small enough.
        let zeros = vec![0; 8 * 1024 * 1024];
        let bomb = with(&[
            (EntryType::Regular, b"web/a", "", &zeros),
            (EntryType::Regular, b"web/b", "", &zeros),
            (EntryType::Regular, b"web/c", "", &zeros),
        ]);
        assert!(bomb.unwrap_err().to_string().contains("200 times"), "by its ratio");
        let mut large = Vec::new();
        entry(&mut large, EntryType::Regular, b"web/Chart.yaml", "", CHART);
        let head = large.len();
        entry(&mut large, EntryType::Regular, b"web/a", "", b"");
        let mut header = Header::from_byte_slice(&large[head..head + 512]).clone();
        header.set_size(u64::from(u32::MAX));
        header.set_cksum();
        large[head..head + 512].copy_from_slice(header.as_bytes());
        let refused = ChartFolder::unpack(&std::env::temp_dir(), &packed(large)).unwrap_err();
        assert!(refused.to_string().contains("larger than"), "{refused}");
        let mut many = Vec::new();
        entry(&mut many, EntryType::Regular, b"web/Chart.yaml", "", CHART);
        for _ in 0..=ENTRIES_MAX {
            entry(&mut many, EntryType::Directory, b"web/a/", "", b"");
        }
        assert!(ChartFolder::unpack(&std::env::temp_dir(), &packed(many)).is_err());
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        for bytes in [&b""[..], b"<!doctype html>", &packed(vec![1; 5_000]), &packed(Vec::new())[..20]] {
            let refused = ChartFolder::unpack(&std::env::temp_dir(), bytes);
            assert!(matches!(refused, Err(ChartError::Files(_))), "{refused:?}");
        }
        let empty = ChartFolder::unpack(&std::env::temp_dir(), &packed(Vec::new())).unwrap_err();
        assert_eq!(empty.to_string(), "there is no Chart.yaml: this is no chart");
    }
}
