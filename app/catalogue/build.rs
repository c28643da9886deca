//! Turns the text files of both languages into one module of typed functions, one per key.
//!
//! The build fails on a key that one language lacks, on parameters that differ, and on a line it cannot read,
//! naming file and line.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// The parameter that a plural is chosen by; the only one that is a number.
const COUNT: &str = "count";

fn main() -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "cargo::rerun-if-changed=texts")?;
    let english = read(Path::new("texts/en.txt"))?;
    let chinese = read(Path::new("texts/zh-CN.txt"))?;
    let mut module = String::new();
    for (key, text) in &english {
        let Some(other) = chinese.get(key) else {
            return Err(format!("texts/zh-CN.txt lacks the key {key}").into());
        };
        same_parameters(key, text, other)?;
        function(&mut module, key, text, other)?;
    }
    if let Some(key) = chinese.keys().find(|key| !english.contains_key(*key)) {
        return Err(format!("texts/en.txt lacks the key {key}").into());
    }
    keys(&mut module, english.keys())?;
    let target = env::var("OUT_DIR")?;
    fs::write(Path::new(&target).join("text.rs"), module)?;
    Ok(())
}

/// One message of one language.
#[derive(Default)]
struct Message {
    /// For exactly one, where the language tells it apart.
    one: Option<String>,
    /// For everything else.
    other: String,
}

impl Message {
    /// In the order they first appear in.
    fn parameters(&self) -> Vec<String> {
        let mut names = Vec::new();
        for piece in self.other.split('{').skip(1) {
            let name = piece.split('}').next().unwrap_or_default().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// `key = text {parameter}`, `key.one = …` beside `key.other = …`, `# comment`.
fn read(path: &Path) -> Result<BTreeMap<String, Message>, Box<dyn Error>> {
    let mut messages: BTreeMap<String, Message> = BTreeMap::new();
    for (index, line) in fs::read_to_string(path)?.lines().enumerate() {
        let place = format!("{}:{}", path.display(), index + 1);
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, text) = line.split_once(" = ").ok_or_else(|| format!("{place}: not `key = text`"))?;
        let text = text.trim().to_owned();
        if let Some(key) = key.strip_suffix(".one") {
            messages.entry(key.to_owned()).or_default().one = Some(text);
            continue;
        }
        let key = key.strip_suffix(".other").unwrap_or(key);
        let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !key.bytes().all(good) {
            return Err(format!("{place}: a key is lower-case letters, digits and _: {key}").into());
        }
        let message = messages.entry(key.to_owned()).or_default();
        if !message.other.is_empty() {
            return Err(format!("{place}: the key {key} is there twice").into());
        }
        message.other = text;
    }
    match messages.iter().find(|(_, message)| message.other.is_empty()) {
        Some((key, _)) => Err(format!("{}: {key} lacks its text", path.display()).into()),
        None => Ok(messages),
    }
}

fn same_parameters(key: &str, english: &Message, chinese: &Message) -> Result<(), Box<dyn Error>> {
    let (mut first, mut second) = (english.parameters(), chinese.parameters());
    if english.one.is_some() && !first.contains(&COUNT.to_owned()) {
        return Err(format!("{key} is a plural without {{{COUNT}}}").into());
    }
    first.sort();
    second.sort();
    if first == second {
        Ok(())
    } else {
        Err(format!("{key} has other parameters in Chinese: {first:?} and {second:?}").into())
    }
}

fn function(
    module: &mut String,
    key: &str,
    english: &Message,
    chinese: &Message,
) -> Result<(), Box<dyn Error>> {
    let parameters = english.parameters();
    // A plain comment: the text is what the function gives, not a description of it.
    writeln!(module, "// {}", english.other.replace('\n', " "))?;
    if parameters.is_empty() {
        writeln!(module, "pub fn {key}(locale: Locale) -> &'static str {{")?;
        writeln!(module, "    match locale {{")?;
        arms(module, &format!("{:?}", english.other), &format!("{:?}", chinese.other))?;
    } else {
        let arguments: Vec<String> = parameters
            .iter()
            .map(|name| format!("{name}: {}", if name == COUNT { "u32" } else { "&str" }))
            .collect();
        writeln!(module, "pub fn {key}(locale: Locale, {}) -> String {{", arguments.join(", "))?;
        writeln!(module, "    match locale {{")?;
        if let Some(one) = &english.one {
            writeln!(module, "        Locale::English if {COUNT} == 1 => {},", filled(one))?;
        }
        arms(module, &filled(&english.other), &filled(&chinese.other))?;
    }
    writeln!(module, "    }}\n}}\n")?;
    Ok(())
}

/// One arm for both languages where they say the same.
fn arms(module: &mut String, english: &str, chinese: &str) -> Result<(), Box<dyn Error>> {
    if english == chinese {
        writeln!(module, "        Locale::English | Locale::Chinese => {english},")?;
    } else {
        writeln!(module, "        Locale::English => {english},")?;
        writeln!(module, "        Locale::Chinese => {chinese},")?;
    }
    Ok(())
}

fn filled(text: &str) -> String {
    if text.contains('{') { format!("format!({text:?})") } else { format!("{text:?}.to_owned()") }
}

fn keys<'a>(module: &mut String, keys: impl Iterator<Item = &'a String>) -> Result<(), Box<dyn Error>> {
    writeln!(module, "#[cfg(test)]\npub(crate) const KEYS: &[&str] = &[")?;
    for key in keys {
        writeln!(module, "    {key:?},")?;
    }
    writeln!(module, "];")?;
    Ok(())
}
