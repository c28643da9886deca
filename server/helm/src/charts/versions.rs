//! Versions and ranges of them, as Helm takes them: the rules of its library, Masterminds/semver 3.

use semver::{BuildMetadata, Prerelease, Version};

use super::error::{ChartError, shown};

/// Longer ranges are nobody's.
const LENGTH_MAX: usize = 256;

/// What somebody wishes of a chart's versions.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    written: String,
    /// Any of these, and of each all.
    ranges: Vec<Vec<Bound>>,
}

#[derive(Clone, Debug)]
struct Bound {
    operator: Operator,
    version: Version,
    /// How many of the three numbers were written; 0 for `*`.
    numbers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Greater,
    Less,
    AtLeast,
    AtMost,
    Tilde,
    Caret,
}

/// In an order in which none is the beginning of a later one.
const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::Unequal),
    (">=", Operator::AtLeast),
    ("=>", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("=<", Operator::AtMost),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

impl Wish {
    /// A version, or a range: `^1.2`, `~1.2`, `>=1 <2`, `1.x`, `1.2 - 1.4`, `!=`, with `||` for or and a comma or blank for
    /// and. Nothing means the newest release.
    pub(crate) fn parse(written: &str) -> Result<Self, ChartError> {
        let refused = |reason: String| ChartError::Version { written: shown(written), reason };
        if written.len() > LENGTH_MAX {
            return Err(refused(format!("it is longer than {LENGTH_MAX} characters")));
        }
        let text = if written.trim().is_empty() { "*" } else { written };
        let ranges = text.split("||").map(range).collect::<Result<_, _>>().map_err(refused)?;
        Ok(Self { written: written.trim().to_owned(), ranges })
    }

    /// The version itself, where one is written in full.
    pub(crate) fn exact(&self) -> Option<&str> {
        let numbers = self.written.strip_prefix('v').unwrap_or(&self.written);
        Version::parse(numbers).is_ok().then_some(self.written.as_str())
    }

    /// As written.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    /// Which of these is meant: what is written to the letter, else the highest that fits.
    pub(crate) fn choose<'a, Item>(
        &self,
        items: impl Iterator<Item = &'a Item> + Clone,
        version: impl Fn(&'a Item) -> &'a str,
    ) -> Option<&'a Item> {
        let literal = items.clone().find(|item| version(item) == self.written);
        literal.or_else(|| {
            items
                .filter_map(|item| Some((lenient(version(item))?, item)))
                .filter(|(version, _)| self.fits(version))
                // of equal ones the first, as Helm's sorting has it
                .reduce(|best, next| if next.0.cmp_precedence(&best.0).is_gt() { next } else { best })
                .map(|(_, item)| item)
        })
    }

    fn fits(&self, version: &Version) -> bool {
        self.ranges.iter().any(|bounds| {
            // Who writes a prerelease in one bound of a range wants them in it.
            let prereleases = bounds.iter().any(|bound| !bound.version.pre.is_empty());
            bounds.iter().all(|bound| bound.fits(version, prereleases))
        })
    }
}

impl Bound {
    fn fits(&self, version: &Version, prereleases: bool) -> bool {
        if !version.pre.is_empty() && !prereleases {
            return false;
        }
        let order = version.cmp_precedence(&self.version);
        let same = |numbers: usize| {
            let (one, other) = (numbers_of(version), numbers_of(&self.version));
            one[..numbers] == other[..numbers]
        };
        let partly = self.numbers < 3;
        match self.operator {
            Operator::Equal if partly => same(self.numbers),
            Operator::Unequal if partly => !same(self.numbers),
            Operator::Equal => order.is_eq(),
            Operator::Unequal => order.is_ne(),
            // `>1.2` means behind all of 1.2, `<=1.2` with all of it.
            Operator::Greater => order.is_gt() && !(partly && same(self.numbers)),
            Operator::AtMost => order.is_le() || (partly && same(self.numbers)),
            Operator::Less => order.is_lt(),
            Operator::AtLeast => order.is_ge(),
            // `~1` keeps one number, `~1.2` and `~1.2.3` keep two.
            Operator::Tilde => order.is_ge() && same(self.numbers.min(2)),
            Operator::Caret => order.is_ge() && same(self.caret()),
        }
    }

    /// How many numbers `^` keeps: up to the first that is not 0.
    fn caret(&self) -> usize {
        let kept = numbers_of(&self.version).iter().take_while(|number| **number == 0).count() + 1;
        kept.min(self.numbers)
    }
}

fn numbers_of(version: &Version) -> [u64; 3] {
    [version.major, version.minor, version.patch]
}

/// A version as charts have them: `v1.2.3`, `1.2`, `1`.
pub(crate) fn lenient(text: &str) -> Option<Version> {
    let (version, _) = partial(text)?;
    Some(version)
}

/// The bounds of one range.
fn range(text: &str) -> Result<Vec<Bound>, String> {
    if let Some((from, to)) = text.split_once(" - ") {
        let bounds = [(from, Operator::AtLeast), (to, Operator::AtMost)];
        return bounds.into_iter().map(|(text, operator)| bound(operator, text.trim())).collect();
    }
    let mut bounds = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let found = OPERATORS.iter().find_map(|(sign, operator)| Some((rest.strip_prefix(sign)?, *operator)));
        let (after, operator) = found.unwrap_or((rest, Operator::Equal));
        let after = after.trim_start();
        let end = after.find([' ', '\t', ',']).unwrap_or(after.len());
        bounds.push(bound(operator, &after[..end])?);
        rest = after[end..].trim_start_matches([' ', '\t', ',']);
    }
    if bounds.is_empty() { Err("a part of it is empty".to_owned()) } else { Ok(bounds) }
}

fn bound(operator: Operator, text: &str) -> Result<Bound, String> {
    let (version, numbers) = partial(text).ok_or_else(|| format!("{:?} is no version", shown(text)))?;
    Ok(Bound { operator, version, numbers })
}

/// A version of which numbers may be missing or be `x`, and how many there are.
fn partial(text: &str) -> Option<(Version, usize)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    if text.ends_with(['-', '+']) || text.contains("-+") {
        return None;
    }
    let (rest, build) = text.split_once('+').unwrap_or((text, ""));
    let (core, pre) = rest.split_once('-').unwrap_or((rest, ""));
    let mut numbers = [0; 3];
    let mut written = 0;
    let mut open = false;
    let parts: Vec<&str> = core.split('.').collect();
    if parts.len() > 3 {
        return None;
    }
    for part in parts {
        if matches!(part, "x" | "X" | "*") {
            open = true;
        } else if open {
            return None;
        } else {
            numbers[written] =
                part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
            written += 1;
        }
    }
    let version = Version {
        major: numbers[0],
        minor: numbers[1],
        patch: numbers[2],
        pre: Prerelease::new(pre).ok()?,
        build: BuildMetadata::new(build).ok()?,
    };
    Some((version, written))
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: [&str; 12] = [
        "0.1.0",
        "0.2.3",
        "0.2.9",
        "0.3.0",
        "1.0.0",
        "1.2.0",
        "1.2.5",
        "1.3.0-rc.1",
        "1.3.0",
        "2.0.0",
        "v2.1",
        "3.0.0-beta.2",
    ];

    fn chosen(wish: &str) -> Option<&'static str> {
        let wish = Wish::parse(wish).unwrap_or_else(|error| panic!("{error}"));
        wish.choose(THERE.iter(), |version| version).copied()
    }

    #[test]
    fn the_highest_version_that_fits_is_meant() {
        for (wish, version) in [
            ("", "v2.1"),
            ("*", "v2.1"),
            ("1.2.0", "1.2.0"),
            ("v1.2.0", "1.2.0"),
            ("=1.2.0", "1.2.0"),
            ("1.2", "1.2.5"),
            ("1.2.x", "1.2.5"),
            ("1", "1.3.0"),
            ("1.x", "1.3.0"),
            ("1.X.*", "1.3.0"),
            ("^1.2", "1.3.0"),
            ("^0.2.3", "0.2.9"),
            ("^0.2", "0.2.9"),
            ("^0", "0.3.0"),
            ("~1.2", "1.2.5"),
            ("~1.2.3", "1.2.5"),
            ("~1", "1.3.0"),
            ("~> 1.2", "1.2.5"),
            (">=1 <2", "1.3.0"),
            (">= 1, < 2", "1.3.0"),
            (">1.2 <2", "1.3.0"),
            ("<=1.2", "1.2.5"),
            ("<1.2", "1.0.0"),
            ("1.0 - 1.2", "1.2.5"),
            ("1.0.0 - 1.2.0", "1.2.0"),
            (">=1 <2 !=1.3.0", "1.2.5"),
            ("<0.2 || ~1.2", "1.2.5"),
            ("9 || 0.1.0", "0.1.0"),
            ("1.3.0-rc.1", "1.3.0-rc.1"),
            (">=1.3.0-0 <1.3.0", "1.3.0-rc.1"),
            (">0.0.0-0", "3.0.0-beta.2"),
            ("^3.0.0-beta", "3.0.0-beta.2"),
            ("v2.1", "v2.1"),
            ("2.1.0", "v2.1"),
        ] {
            assert_eq!(chosen(wish), Some(version), "{wish}");
        }
        for wish in ["3", ">2.1", "1.3.0-rc.2", "^0.0.3", ">=3.0.0", "!=x"] {
            assert_eq!(chosen(wish), None, "{wish}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for wish in ["latest", "1.2.3.4", "^", ">=", "1.x.3", "||", "1.0 -", "1 || ", "a b", "1.x-", "1-+2"] {
            let refused = Wish::parse(wish);
            assert!(matches!(refused, Err(ChartError::Version { .. })), "{wish}: {refused:?}");
        }
        assert!(Wish::parse(&"1 ".repeat(200)).is_err());
    }

    #[test]
    fn a_version_in_full_needs_nobody_to_ask() {
        for (wish, exact) in
            [("1.2.3", true), ("v1.2.3-rc.1+5", true), ("1.2", false), ("^1.2.3", false), ("", false)]
        {
            assert_eq!(Wish::parse(wish).is_ok_and(|wish| wish.exact().is_some()), exact, "{wish}");
        }
    }
}
