mod bombs;
mod documents;
mod files;
mod generated;
mod links;
mod yaml;

use super::*;
use crate::testing::MemoryTree;

/// One line per object, then one per warning.
fn listed(load: &Load) -> String {
    let objects = load.objects.iter().map(|object| {
        let ignored = if object.ignored { ", ignored" } else { "" };
        format!("{} ({} {}{ignored})\n", object.written_id(), object.api_version, object.place())
    });
    objects.chain(load.warnings.iter().map(|warning| format!("! {warning}\n"))).collect()
}

fn map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
}

fn failure(tree: &MemoryTree) -> String {
    tree.load().expect_err("the load fails").to_string()
}
