//! The documents of one YAML file, as kubectl would read them, each with the line it begins at.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::{DuplicateKeyPolicy, Error, ExternalMessageSource, Options, Spanned};

use super::error::{Exceeded, LoadError, Problem};
use crate::limits::Limits;

/// A document, or an item of a `List`.
#[derive(Debug, PartialEq)]
pub(super) struct Document {
    /// Line it begins at; the first is 1.
    pub(super) line: u32,
    pub(super) content: Content,
}

#[derive(Debug, PartialEq)]
pub(super) enum Content {
    /// A mapping; `items` of the mapping stand beside it, for they are documents of their own when it is a `List`.
    Mapping { fields: Map<String, Value>, items: Option<Vec<Document>> },
    /// Anything else.
    Other(Value),
}

/// All documents of a file; empty ones are skipped.
pub(super) fn parse(file: &str, bytes: &[u8], limits: &Limits) -> Result<Vec<Document>, LoadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| LoadError::Manifest {
        file: file.to_owned(),
        line: None,
        problem: Problem::NotText,
    })?;
    serde_saphyr::from_str_multiple_with_options::<Document, Vec<Document>>(text, options(limits))
        .map_err(|error| failed(file, &error, limits))
}

/// The documents of a file that is no manifest but says how manifests come about: strict, each of the same shape.
/// The words of an error hold nothing of the file.
pub fn read_documents<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    limits: &Limits,
) -> Result<Vec<T>, LoadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| LoadError::Manifest {
        file: file.to_owned(),
        line: None,
        problem: Problem::NotText,
    })?;
    serde_saphyr::from_str_multiple_with_options::<T, Vec<T>>(text, options(limits)).map_err(|error| {
        match shape(&error) {
            Some(words) => LoadError::Manifest {
                file: file.to_owned(),
                line: line(&error),
                problem: Problem::Yaml(words),
            },
            None => failed(file, &error, limits),
        }
    })
}

/// What is wrong with a shape; names are those of the shape, never those of the file.
fn shape(error: &Error) -> Option<String> {
    Some(match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => return shape(error),
        Error::SerdeUnknownField { expected, .. } => {
            format!("a key that is not known here; known are {}", expected.join(", "))
        }
        Error::SerdeMissingField { field, .. } => format!("{field} is missing"),
        Error::SerdeInvalidType { .. } | Error::SerdeInvalidValue { .. } | Error::Unexpected { .. } => {
            "a value is not of the type it must have here".to_owned()
        }
        _ => return None,
    })
}

/// YAML 1.1 as Kubernetes reads it: `yes` is true, `0644` is octal, `<<` merges; a key given twice is an error,
/// because nobody means both.
fn options(limits: &Limits) -> Options {
    serde_saphyr::options! {
        strict_booleans: false,
        legacy_octal_numbers: true,
        duplicate_keys: DuplicateKeyPolicy::Error,
        // A snippet would show content of the file in an error.
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: limits.nesting as usize,
            flow_nesting_limit: limits.nesting as usize,
            max_nodes: limits.file_nodes as usize,
            max_events: limits.file_nodes as usize * 2,
            max_documents: limits.documents as usize,
            max_aliases: limits.aliases as usize,
            max_anchors: limits.aliases as usize,
            max_merge_keys: limits.aliases as usize,
            max_recorded_anchor_events: limits.alias_nodes as usize,
            max_total_scalar_bytes: usize::try_from(limits.file_bytes).unwrap_or(usize::MAX),
            // One anchor used by all documents of a file is fine; the limits above hold.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: limits.alias_nodes as usize,
            max_replay_stack_depth: 16,
            max_alias_expansions_per_anchor: limits.aliases as usize,
        },
    }
}

fn failed(file: &str, error: &Error, limits: &Limits) -> LoadError {
    let line = line(error);
    match cause(error, limits) {
        Cause::Limit(exceeded) => LoadError::limit(exceeded, file),
        Cause::Problem(problem) => LoadError::Manifest { file: file.to_owned(), line, problem },
    }
}

fn line(error: &Error) -> Option<u32> {
    error.location().and_then(|location| u32::try_from(location.line()).ok()).filter(|line| *line > 0)
}

enum Cause {
    Limit(Exceeded),
    Problem(Problem),
}

/// Our own words for a parser's error: its messages may quote the file.
fn cause(error: &Error, limits: &Limits) -> Cause {
    let yaml = |words: &str| Cause::Problem(Problem::Yaml(words.to_owned()));
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => cause(error, limits),
        Error::Budget { breach, .. } => budget(breach, limits),
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            Cause::Limit(Exceeded::Aliases { allowed: limits.alias_nodes })
        }
        Error::ExternalMessage { source, .. } => match source.as_ref() {
            ExternalMessageSource::Parser(scan) => match scan.kind() {
                ErrorKind::RecursionLimitExceeded => {
                    Cause::Limit(Exceeded::Nesting { allowed: limits.nesting })
                }
                ErrorKind::UnexpectedCharacter { .. } => yaml("a character that cannot stand here"),
                ErrorKind::Custom(_) | ErrorKind::InputDecoding { .. } | ErrorKind::InputIo { .. } => {
                    yaml("invalid YAML")
                }
                // The parser's other words are fixed sentences.
                kind => yaml(&kind.to_string()),
            },
            _ => yaml("invalid YAML"),
        },
        Error::DuplicateMappingKey { .. } => yaml("a key is given twice in one mapping"),
        Error::NonFiniteFloat { .. } => yaml("infinity and not-a-number have no place in a manifest"),
        Error::UnknownAnchor { .. } => yaml("an alias without its anchor"),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => yaml("only mappings can be merged by <<"),
        Error::InvalidBinaryBase64 { .. } => yaml("a !!binary value is not base64"),
        Error::BinaryNotUtf8 { .. } => yaml("a !!binary value is not UTF-8 text"),
        Error::InvalidScalar { .. } => yaml("a value does not fit its tag"),
        Error::NullIntoString { .. } | Error::SerdeInvalidType { .. } => yaml("a key must be text"),
        Error::RecursiveReferencesRequireWeakTypes { .. } => yaml("an anchor that holds itself"),
        Error::Eof { .. } => yaml("the file ends too early"),
        Error::IndentationError { .. } => yaml("wrong indentation"),
        _ => yaml("invalid YAML"),
    }
}

fn budget(breach: &BudgetBreach, limits: &Limits) -> Cause {
    Cause::Limit(match breach {
        BudgetBreach::Depth { .. } => Exceeded::Nesting { allowed: limits.nesting },
        BudgetBreach::Documents { .. } => Exceeded::Documents { allowed: limits.documents },
        BudgetBreach::Aliases { .. } | BudgetBreach::Anchors { .. } | BudgetBreach::MergeKeys { .. } => {
            Exceeded::Aliases { allowed: limits.aliases }
        }
        BudgetBreach::RecordedAnchorEvents { .. } | BudgetBreach::RecordedAnchorBytes { .. } => {
            Exceeded::Aliases { allowed: limits.alias_nodes }
        }
        BudgetBreach::ScalarBytes { .. } => Exceeded::FileBytes { allowed: limits.file_bytes },
        BudgetBreach::SequenceUnbalanced => {
            return Cause::Problem(Problem::Yaml("a bracket without its counterpart".to_owned()));
        }
        _ => Exceeded::FileNodes { allowed: limits.file_nodes },
    })
}

// === reading with lines ===

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        let line = u32::try_from(spanned.referenced.line()).unwrap_or(u32::MAX);
        Ok(Self { line, content: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

/// A scalar is what `serde_json` makes of it.
macro_rules! scalars {
    ($make:path) => {
        fn visit_bool<E>(self, scalar: bool) -> Result<Self::Value, E> {
            Ok($make(scalar.into()))
        }

        fn visit_i64<E>(self, scalar: i64) -> Result<Self::Value, E> {
            Ok($make(scalar.into()))
        }

        fn visit_u64<E>(self, scalar: u64) -> Result<Self::Value, E> {
            Ok($make(scalar.into()))
        }

        fn visit_f64<E>(self, scalar: f64) -> Result<Self::Value, E> {
            Ok($make(scalar.into()))
        }

        fn visit_str<E>(self, scalar: &str) -> Result<Self::Value, E> {
            Ok($make(scalar.into()))
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($make(Value::Null))
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok($make(Value::Null))
        }
    };
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    scalars!(Content::Other);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a document")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Content, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(sequence)).map(Content::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Content, A::Error> {
        let (mut fields, mut items) = (Map::new(), None);
        while let Some(key) = mapping.next_key::<String>()? {
            if key == "items" {
                match mapping.next_value()? {
                    Items::Documents(documents) => items = Some(documents),
                    Items::Other(value) => {
                        fields.insert(key, value);
                    }
                }
            } else {
                fields.insert(key, mapping.next_value()?);
            }
        }
        Ok(Content::Mapping { fields, items })
    }
}

/// Value of a field named `items`.
enum Items {
    Documents(Vec<Document>),
    Other(Value),
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items;

    scalars!(Items::Other);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Items, A::Error> {
        let mut documents = Vec::new();
        while let Some(document) = sequence.next_element()? {
            documents.push(document);
        }
        Ok(Items::Documents(documents))
    }

    fn visit_map<A: MapAccess<'de>>(self, mapping: A) -> Result<Items, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(mapping)).map(Items::Other)
    }
}

impl From<Document> for Value {
    fn from(document: Document) -> Self {
        match document.content {
            Content::Mapping { mut fields, items } => {
                if let Some(items) = items {
                    fields.insert("items".to_owned(), items.into_iter().map(Self::from).collect());
                }
                Self::Object(fields)
            }
            Content::Other(value) => value,
        }
    }
}
