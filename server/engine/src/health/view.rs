//! Reading fields of an object that may not be there.

use serde_json::Value;

/// An object, read by JSON pointers.
#[derive(Clone, Copy)]
pub(super) struct View<'object>(pub(super) &'object Value);

impl<'object> View<'object> {
    pub(super) fn number(self, pointer: &str) -> Option<i64> {
        self.0.pointer(pointer).and_then(Value::as_i64)
    }

    /// A number of `status`, which the API server leaves out when it is 0.
    pub(super) fn count(self, pointer: &str) -> i64 {
        self.number(pointer).unwrap_or(0)
    }

    pub(super) fn text(self, pointer: &str) -> Option<&'object str> {
        self.0.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(super) fn is_true(self, pointer: &str) -> bool {
        self.0.pointer(pointer).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn list(self, pointer: &str) -> impl Iterator<Item = View<'object>> {
        self.0.pointer(pointer).and_then(Value::as_array).into_iter().flatten().map(View)
    }

    /// A condition of `status.conditions` by its type.
    pub(super) fn condition(self, name: &str) -> Option<Condition<'object>> {
        let condition =
            self.list("/status/conditions").find(|condition| condition.text("/type") == Some(name))?;
        Some(Condition {
            status: condition.text("/status").unwrap_or("Unknown"),
            reason: condition.text("/reason").unwrap_or_default(),
            message: condition.text("/message").unwrap_or_default(),
        })
    }
}

/// An entry of `status.conditions`.
#[derive(Clone, Copy)]
pub(super) struct Condition<'object> {
    pub(super) status: &'object str,
    pub(super) reason: &'object str,
    message: &'object str,
}

impl Condition<'_> {
    pub(super) fn is_true(self) -> bool {
        self.status == "True"
    }

    pub(super) fn is_false(self) -> bool {
        self.status == "False"
    }

    /// What the condition says of itself.
    pub(super) fn words(self, otherwise: &str) -> String {
        let words = [self.message, self.reason, otherwise];
        words.into_iter().find(|words| !words.is_empty()).unwrap_or_default().to_owned()
    }
}
