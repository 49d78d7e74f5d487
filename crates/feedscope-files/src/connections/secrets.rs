//! Values of a connection that look like secrets, and the variables that take their place.
//!
//! The name of a variable contains the server for which its value is, as in `AUTHORIZATION_API_EXAMPLE_COM`, so that a
//! value for one server is not taken for that of another.

use std::collections::BTreeMap;

use feedscope_core::url_text::{is_secret_header, is_secret_name, parse_url};
use url::Url;

use super::{OptionValue, SavedConnection};

/// Value that looks like a secret, with the variable in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedSecret {
    /// Place of the value within a sentence, such as `the header Authorization`.
    pub place: String,
    /// Name of the variable.
    pub variable: String,
    /// Value as it is sent.
    pub value: String,
}

impl ReplacedSecret {
    /// Writes the value in place of the variable.
    pub fn write_into(&self, connection: &mut SavedConnection) {
        let variable = format!("${{{}}}", self.variable);
        let value = escaped(&self.value);
        connection.url = connection.url.replace(&variable, &value);
        for (_, text) in &mut connection.headers {
            *text = text.replace(&variable, &value);
        }
        for option in &mut connection.options {
            if let OptionValue::One(text) = &mut option.value {
                *text = text.replace(&variable, &value);
            }
        }
    }
}

/// Variables that are in use, with their values where they are known. Another value gets another name.
#[derive(Clone, Default)]
pub struct UsedVariables {
    /// Values by the names of the variables; `None` for a value that is not known.
    values: BTreeMap<String, Option<String>>,
}

impl UsedVariables {
    /// Adds a variable that has this value, or one that is not known.
    pub fn add(&mut self, name: &str, value: Option<&str>) {
        let known = self.values.entry(name.to_owned());
        let known = known.or_insert_with(|| value.map(str::to_owned));
        // Two values for one name cannot be told from each other later.
        if known.as_deref() != value {
            *known = None;
        }
    }

    /// Returns the name of a variable for a value: this name, with a number if the name is in use for another value. The
    /// name is in use from now on.
    pub fn name_for(&mut self, name: &str, value: &str) -> String {
        let is_free = |name: &str| match self.values.get(name) {
            None => true,
            Some(known) => known.as_deref() == Some(value),
        };
        let numbered = (2_u64..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let free = names.find(|name| is_free(name));
        let free = free.unwrap_or_else(|| name.to_owned());
        self.add(&free, Some(value));
        free
    }
}

/// Returns the name of a variable for the value of a header, an option or a part of a URL that is sent to the server of
/// this URL.
pub fn variable_name(name: &str, url: &str) -> String {
    let url = parse_url(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let port = url.as_ref().and_then(Url::port);
    let port = port.map(|port| port.to_string()).unwrap_or_default();
    let words = [name, host, port.as_str()].map(|text| {
        let words = text.split(|sign: char| !sign.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        words.join("_").to_ascii_uppercase()
    });
    let words: Vec<_> = words.into_iter().filter(|it| !it.is_empty()).collect();
    words.join("_")
}

impl SavedConnection {
    /// Puts variables in place of the values that look like secrets: passwords, values of the query, headers and options
    /// whose names announce a secret. A value with a variable in it is none.
    pub fn replace_secrets(&mut self) -> Vec<ReplacedSecret> {
        self.replace_secrets_among(&mut UsedVariables::default())
    }

    /// As [`replace_secrets`](Self::replace_secrets), with names that no other value has in `used`. The new variables are
    /// added to it.
    pub fn replace_secrets_among(&mut self, used: &mut UsedVariables) -> Vec<ReplacedSecret> {
        let mut found = FoundSecrets {
            used,
            server: self.url.clone(),
            all: Vec::new(),
        };
        self.url = found.in_url(&self.url);
        for (name, value) in &mut self.headers {
            if is_secret_header(name) && !has_variable(value) {
                // The name of the scheme is no secret.
                let (scheme, secret) = match value.split_once(' ') {
                    Some((scheme, secret))
                        if name.to_ascii_lowercase().ends_with("authorization") =>
                    {
                        (format!("{scheme} "), secret)
                    }
                    _ => (String::new(), value.as_str()),
                };
                let variable = found.variable(&format!("the header {name}"), name, secret);
                *value = format!("{scheme}{variable}");
            }
        }
        for option in &mut self.options {
            match (option.name.as_str(), &mut option.value) {
                ("user", OptionValue::One(text)) if !has_variable(text) => {
                    if let Some((user, password)) = text.split_once(':') {
                        let variable = found.variable("the password", "PASSWORD", password);
                        *text = format!("{user}:{variable}");
                    }
                }
                // The URL of a proxy may contain a password, which is for the proxy.
                ("proxy", OptionValue::One(text)) => {
                    let server = std::mem::replace(&mut found.server, text.clone());
                    *text = found.in_url(text);
                    found.server = server;
                }
                _ => {}
            }
        }
        found.all
    }

    /// Gives a variable another name, in the URL, the headers and the options.
    pub fn rename_variable(&mut self, name: &str, new: &str) {
        let (name, new) = (format!("${{{name}}}"), format!("${{{new}}}"));
        let rename = |text: &mut String| {
            if text.contains(&name) {
                *text = text.replace(&name, &new);
            }
        };
        rename(&mut self.url);
        self.headers.iter_mut().for_each(|(_, text)| rename(text));
        for option in &mut self.options {
            match &mut option.value {
                OptionValue::Flag(_) => {}
                OptionValue::One(text) => rename(text),
                OptionValue::Many(texts) => texts.iter_mut().for_each(rename),
            }
        }
    }
}

/// Returns a text in which `${` is no variable.
pub fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

/// Returns the text of a value without variables.
pub(crate) fn unescaped(text: &str) -> String {
    text.replace("$${", "${")
}

/// Returns true if a text contains a variable.
pub fn has_variable(text: &str) -> bool {
    text.replace("$${", "").contains("${")
}

/// Secrets that were found so far.
struct FoundSecrets<'a> {
    used: &'a mut UsedVariables,
    /// URL of the server to which the secrets are sent.
    server: String,
    all: Vec<ReplacedSecret>,
}

impl FoundSecrets<'_> {
    /// Adds a secret. Returns the text of its variable, whose name no other value has.
    fn variable(&mut self, place: &str, name: &str, value: &str) -> String {
        let value = unescaped(value);
        let name = variable_name(name, &self.server);
        let variable = self.used.name_for(&name, &value);
        let text = format!("${{{variable}}}");
        self.all.push(ReplacedSecret {
            place: place.to_owned(),
            variable,
            value,
        });
        text
    }

    /// Returns the URL with variables in place of its secrets.
    fn in_url(&mut self, text: &str) -> String {
        let mut shown = text.to_owned();
        // Only the positions of the parts matter, so that variables may stand in the text.
        let Ok(url) = Url::parse(text) else {
            return shown;
        };
        // The name of the user stays readable.
        if let Some(password) = url.password()
            && let Some((written, _)) = text.split_once('@')
            && let Some((before, written)) = written.rsplit_once(':')
            && !before.is_empty()
            && !has_variable(password)
            && !has_variable(written)
        {
            let variable = self.variable("the password in the URL", "PASSWORD", written);
            shown = shown.replacen(&format!(":{written}@"), &format!(":{variable}@"), 1);
        }
        let (_, query) = text.split_once('?').unwrap_or_default();
        let query = query.split('#').next().unwrap_or_default();
        for pair in query.split('&') {
            if let Some((name, value)) = pair.split_once('=')
                && !value.is_empty()
                && is_secret_name(name)
                && !has_variable(value)
            {
                let variable = self.variable(&format!("`{name}` in the URL"), name, value);
                shown = shown.replacen(pair, &format!("{name}={variable}"), 1);
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curl;

    #[test]
    fn secrets_of_a_line_become_variables_and_come_back() {
        let line = "curl 'https://u:p4ss@a.test/?token=t0ken&b=1&key=k3y' -H 'Authorization: Bearer ab${c' \
                    -H 'Cookie: sid=1' -H 'Accept: text/x' -u 'me:p w' -x http://x:pr0xy@b.test:1/";
        let imported = curl::parse(line).unwrap();
        let mut connection = imported.connection.clone();
        let secrets = connection.replace_secrets();
        let pairs: Vec<_> = secrets
            .iter()
            .map(|secret| (secret.variable.as_str(), secret.value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("PASSWORD_A_TEST", "p4ss"),
                ("TOKEN_A_TEST", "t0ken"),
                ("KEY_A_TEST", "k3y"),
                ("AUTHORIZATION_A_TEST", "ab${c"),
                ("COOKIE_A_TEST", "sid=1"),
                ("PASSWORD_A_TEST_2", "p w"),
                ("PASSWORD_B_TEST_1", "pr0xy"),
            ]
        );
        let written = format!("{connection:?}");
        for (_, value) in pairs {
            assert!(!written.contains(value), "{value}: {written}");
        }
        assert!(
            written.contains("Bearer ${AUTHORIZATION_A_TEST}"),
            "{written}"
        );
        for secret in &secrets {
            secret.write_into(&mut connection);
        }
        assert_eq!(connection, imported.connection);
    }

    #[test]
    fn a_value_with_a_variable_is_no_secret() {
        let mut connection = SavedConnection {
            url: "wss://a.test/?token=${T}".to_owned(),
            headers: vec![("X-Api-Key".to_owned(), "${K}".to_owned())],
            ..SavedConnection::default()
        };
        let before = connection.clone();
        assert!(connection.replace_secrets().is_empty());
        assert_eq!(connection, before);
    }

    #[test]
    fn the_name_of_a_variable_contains_its_server() {
        for (url, expected) in [
            ("https://api.example.com/x?y=z", "X_API_KEY_API_EXAMPLE_COM"),
            ("http://127.0.0.1:9171/a", "X_API_KEY_127_0_0_1_9171"),
            ("wss://[::1]:80/", "X_API_KEY_1_80"),
            ("https://u:${P}@a-b.test", "X_API_KEY_A_B_TEST"),
            ("", "X_API_KEY"),
        ] {
            assert_eq!(variable_name("X-Api-Key", url), expected, "{url}");
        }
    }

    #[test]
    fn another_value_for_the_same_server_has_another_name() {
        let connection = |token: &str| SavedConnection {
            url: "http://a.test/".to_owned(),
            headers: vec![("Authorization".to_owned(), format!("Bearer {token}"))],
            ..SavedConnection::default()
        };
        let mut used = UsedVariables::default();
        // A variable of a feed that is not connected has a value that nobody knows.
        used.add("AUTHORIZATION_A_TEST", None);
        let mut name = |token: &str| {
            let mut connection = connection(token);
            let replaced = connection.replace_secrets_among(&mut used);
            assert_eq!(replaced.len(), 1);
            let name = replaced[0].variable.clone();
            let header = format!("Bearer ${{{name}}}");
            assert_eq!(connection.headers[0].1, header);
            name
        };
        assert_eq!(name("one"), "AUTHORIZATION_A_TEST_2");
        assert_eq!(name("two"), "AUTHORIZATION_A_TEST_3");
        assert_eq!(name("one"), "AUTHORIZATION_A_TEST_2");
        let mut renamed = SavedConnection {
            url: "http://a.test/${A}?b=${A}${AB}".to_owned(),
            ..connection("${A}")
        };
        renamed.rename_variable("A", "A_2");
        assert_eq!(renamed.url, "http://a.test/${A_2}?b=${A_2}${AB}");
        assert_eq!(renamed.headers[0].1, "Bearer ${A_2}");
    }
}
