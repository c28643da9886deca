//! Settings of the Helm operator.

mod options;
mod set;

pub use self::options::{ChartValue, HelmOptions};
pub use self::set::{NotSet, set};
use super::{DEFAULT_CHART_VERSION, HelmOperator};
use crate::violation::Rule;

/// The first chart version that Arc supports.
const CHART_VERSION_MIN: (u64, u64, u64) = (1, 2, 0);
/// Longest line of chart values in characters: a bound on what is parsed and stored.
const CHART_VALUES_MAX: usize = 8192;
/// Longest chart version in characters.
const CHART_VERSION_MAX_LENGTH: usize = 64;

/// A version such as `1.2.0` or `1.4.0-rc.1`, 1.2.0 or later; the default when empty.
pub(super) fn chart_version(text: &str) -> Result<String, Rule> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(DEFAULT_CHART_VERSION.to_owned());
    }
    if text.chars().count() > CHART_VERSION_MAX_LENGTH {
        return Err(Rule::TooLong { max: CHART_VERSION_MAX_LENGTH });
    }
    let (numbers, prerelease) = numbers(text).ok_or(Rule::ChartVersion)?;
    // A prerelease of 1.2.0 comes before it.
    if numbers < CHART_VERSION_MIN || (numbers == CHART_VERSION_MIN && prerelease) {
        return Err(Rule::ChartVersionTooOld { min: DEFAULT_CHART_VERSION.to_owned() });
    }
    Ok(text.to_owned())
}

/// Words of the form `--set key=value`, quotes allowed, each of a value that the operator's chart has; trimmed.
pub(super) fn chart_values(text: &str) -> Result<String, Rule> {
    let text = text.trim();
    if text.chars().count() > CHART_VALUES_MAX {
        return Err(Rule::TooLong { max: CHART_VALUES_MAX });
    }
    if text.chars().any(char::is_control) {
        return Err(Rule::ControlCharacter);
    }
    HelmOptions::parse(text)?;
    Ok(text.to_owned())
}

impl HelmOperator {
    /// What its chart values mean. They were valid when they were stored; what a later version does not know has no
    /// effect.
    pub fn options(&self) -> HelmOptions {
        HelmOptions::parse(&self.chart_values).unwrap_or_default()
    }
}

/// Major, minor and patch, and whether a prerelease follows; by the grammar of Semantic Versioning.
fn numbers(text: &str) -> Option<((u64, u64, u64), bool)> {
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (text, prerelease) = text.split_once('-').map_or((text, None), |(text, rest)| (text, Some(rest)));
    let identifier = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if [build, prerelease].into_iter().flatten().any(|part| !part.split('.').all(identifier)) {
        return None;
    }
    let mut numbers = text.split('.').map(number);
    let version = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some((version, prerelease.is_some()))
}

fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_version_is_1_2_0_or_later() {
        for good in ["1.2.0", "1.2.1-rc.1", "1.4.0", "2.0.0", "1.10.0+build.5", " 1.4.4 "] {
            assert_eq!(chart_version(good), Ok(good.trim().to_owned()));
        }
        for old in ["1.1.9", "0.9.0", "1.2.0-rc.1"] {
            assert_eq!(
                chart_version(old),
                Err(Rule::ChartVersionTooOld { min: "1.2.0".to_owned() }),
                "{old}"
            );
        }
        for bad in [
            "1.2",
            "v1.2.0",
            "1.2.0.0",
            "latest",
            "1.02.0",
            "1.2.0-",
            "1.2.x",
            "1.2.0+",
            "+1.2.0",
            "1.2.0-a b",
        ] {
            assert_eq!(chart_version(bad), Err(Rule::ChartVersion), "{bad}");
        }
        assert_eq!(chart_version(""), Ok("1.2.0".to_owned()));
    }

    #[test]
    fn chart_values_are_set_words() {
        for good in
            ["", "--set helm.versions=v3", "--set workers=2 --set 'allowNamespace=a b'", "--set=workers=2"]
        {
            assert_eq!(chart_values(good), Ok(good.to_owned()));
        }
        let refused = |text, word: &str| {
            assert_eq!(chart_values(text), Err(Rule::ChartValues { word: word.to_owned() }));
        };
        refused("helm.versions=v3", "helm.versions=v3");
        refused("--set-file a=/etc/passwd", "--set-file");
        refused("--set", "--set");
        refused("--set a", "a");
        refused("--set =b", "=b");
        refused("--set --values=x", "--values=x");
        assert_eq!(chart_values("--set 'a=b"), Err(Rule::ParameterQuote));
        assert_eq!(chart_values("--set a=b\n--set c=d"), Err(Rule::ControlCharacter));
    }
}
