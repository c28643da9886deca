//! Every server function with its fields, as the sources have them: an address does not tell what it takes.

use crate::hostile::sources;

/// One server function.
pub(super) struct Function {
    pub(super) name: String,
    /// By their names in a form, with their types.
    pub(super) fields: Vec<(String, String)>,
}

pub(super) fn all() -> Vec<Function> {
    let sources = sources();
    let mut functions = Vec::new();
    for (_, text) in sources.iter().filter(|(path, _)| path.to_string_lossy().contains("/server_fns/")) {
        for part in text.split("endpoint = \"").skip(1) {
            let (name, rest) = part.split_once('"').unwrap();
            let arguments = rest.split_once(&format!("fn {name}(")).unwrap().1;
            let arguments = arguments.split_once(") ->").unwrap().0.split(',').map(str::trim);
            let fields = arguments.filter(|argument| !argument.is_empty()).flat_map(|argument| {
                // An attribute may stand before it.
                let (name, kind) = argument.rsplit(']').next().unwrap().trim().split_once(": ").unwrap();
                fields(&sources, name, kind)
            });
            functions.push(Function { name: name.to_owned(), fields: fields.collect() });
        }
    }
    functions
}

/// What an argument is in a form.
fn fields(sources: &[(std::path::PathBuf, String)], name: &str, kind: &str) -> Vec<(String, String)> {
    match kind {
        "ConfigurationForm" => {
            let mut form = of_struct(sources, kind);
            form.retain(|(_, kind)| kind != "AccessFields");
            form.extend(of_struct(sources, "AccessFields"));
            form
        }
        "PageQuery" => {
            let query = of_struct(sources, kind).into_iter();
            query.map(|(field, kind)| (format!("{name}[{field}]"), kind)).collect()
        }
        _ => vec![(name.to_owned(), kind.to_owned())],
    }
}

fn of_struct(sources: &[(std::path::PathBuf, String)], name: &str) -> Vec<(String, String)> {
    let begins = format!("pub struct {name} {{");
    let body = sources.iter().find_map(|(_, text)| text.split_once(&begins)).unwrap().1;
    let lines = body.split_once("\n}").unwrap().0.lines();
    let fields =
        lines.filter_map(|line| line.trim().strip_prefix("pub ")?.trim_end_matches(',').split_once(": "));
    fields.map(|(field, kind)| (field.to_owned(), kind.to_owned())).collect()
}
