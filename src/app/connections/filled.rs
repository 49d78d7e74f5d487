//! Connection with the values of the form that saves it, and the name that the form suggests.

use feedscope_core::url_text::parse_url;
use feedscope_files::connections::{OptionValue, SavedConnection, SavedOption};
use feedscope_ui::ConnectionForm;
use url::Url;

use super::saved::form_of;
use crate::cli::saved::COMMANDS;

/// Returns a connection with the values of a form.
pub(super) fn filled(
    base: SavedConnection,
    form: &ConnectionForm,
) -> Result<SavedConnection, String> {
    let name = form.name.trim();
    if name.is_empty() || name.contains("://") || COMMANDS.contains(&name) {
        return Err(match name {
            "" => "The connection needs a name.".to_owned(),
            name => format!("`{name}` cannot be the name of a connection."),
        });
    }
    let url = form.url.trim();
    if !url.contains("${")
        && let Err(problem) = parse_url(url)
    {
        return Err(problem.to_string());
    }
    // Empty lines separate headers for the eye.
    let mut headers = Vec::new();
    for line in form.headers.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("A header is written Name: value. `{line}` has no colon."))?;
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let before = form_of(&base);
    let mut options = base.options;
    let texts = |text: &str, sign: char| -> Vec<String> {
        let parts = text.split(sign).map(str::trim).filter(|it| !it.is_empty());
        parts.map(str::to_owned).collect()
    };
    let lists = [
        (
            "subprotocols",
            &before.subprotocols,
            &form.subprotocols,
            ',',
        ),
        (
            "send-on-connect",
            &before.send_on_connect,
            &form.send_on_connect,
            '\n',
        ),
    ];
    for (name, before, now, sign) in lists {
        if before == now {
            continue;
        }
        // Both forms of the name are the same option.
        let singular = name.trim_end_matches('s');
        options.retain(|option| option.name.trim_end_matches('s') != singular);
        let values = texts(now, sign);
        if !values.is_empty() {
            options.push(SavedOption {
                name: name.to_owned(),
                value: OptionValue::Many(values),
            });
        }
    }
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(SavedConnection {
        name: name.to_owned(),
        url: url.to_owned(),
        group: text(&form.group),
        filter: text(&form.filter),
        headers,
        options,
        ..base
    })
}

/// Returns a name for the saved connection of a feed that has none: its host, its port and the last part of its path, with a
/// number if that is needed to distinguish it.
pub(super) fn suggested_name(url: &Url, is_taken: impl Fn(&str) -> bool) -> String {
    let host = url.host_str().unwrap_or("feed").to_owned();
    let port = url.port().map(|port| port.to_string());
    let mut parts = url.path_segments().into_iter().flatten();
    let part = parts.rfind(|part| !part.is_empty()).map(str::to_owned);
    let parts = std::iter::once(host).chain(port).chain(part);
    let stem = parts.collect::<Vec<_>>().join("-");
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let mut names = std::iter::once(stem.clone()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or(stem)
}
