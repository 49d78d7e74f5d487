//! Values of a connection that look like secrets, and the variables that take their place.

use feedscope_core::url_text::{is_secret_header, is_secret_name};
use url::Url;

use super::{OptionValue, SavedConnection};

/// Value that looks like a secret, with the variable in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedSecret {
    /// Place of the value, as the beginning of a sentence.
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

impl SavedConnection {
    /// Puts variables in place of the values that look like secrets: passwords, values of the query, headers and options
    /// whose names announce a secret. A value with a variable in it is none.
    pub fn replace_secrets(&mut self) -> Vec<ReplacedSecret> {
        let mut found = FoundSecrets::default();
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
                let variable = found.variable(&format!("The header {name}"), name, secret);
                *value = format!("{scheme}{variable}");
            }
        }
        for option in &mut self.options {
            match (option.name.as_str(), &mut option.value) {
                ("user", OptionValue::One(text)) if !has_variable(text) => {
                    if let Some((user, password)) = text.split_once(':') {
                        let variable = found.variable("The password", "PASSWORD", password);
                        *text = format!("{user}:{variable}");
                    }
                }
                // The URL of a proxy may contain a password.
                ("proxy", OptionValue::One(text)) => *text = found.in_url(text),
                _ => {}
            }
        }
        found.all
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
pub(crate) fn has_variable(text: &str) -> bool {
    text.replace("$${", "").contains("${")
}

/// Secrets that were found so far.
#[derive(Default)]
struct FoundSecrets {
    all: Vec<ReplacedSecret>,
}

impl FoundSecrets {
    /// Adds a secret. Returns the text of its variable, whose name no other value has.
    fn variable(&mut self, place: &str, name: &str, value: &str) -> String {
        let letter = |sign: char| match sign {
            sign if sign.is_ascii_alphanumeric() => sign.to_ascii_uppercase(),
            _ => '_',
        };
        let name: String = name.chars().map(letter).collect();
        let value = unescaped(value);
        let is_free = |variable: &str| {
            let mut all = self.all.iter();
            !all.any(|other| other.variable == variable && other.value != value)
        };
        let mut variable = name.clone();
        let mut number = 1;
        while !is_free(&variable) {
            number += 1;
            variable = format!("{name}_{number}");
        }
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
            let variable = self.variable("The password in the URL", "PASSWORD", written);
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
                ("PASSWORD", "p4ss"),
                ("TOKEN", "t0ken"),
                ("KEY", "k3y"),
                ("AUTHORIZATION", "ab${c"),
                ("COOKIE", "sid=1"),
                ("PASSWORD_2", "p w"),
                ("PASSWORD_3", "pr0xy"),
            ]
        );
        let written = format!("{connection:?}");
        for (_, value) in pairs {
            assert!(!written.contains(value), "{value}: {written}");
        }
        assert!(written.contains("Bearer ${AUTHORIZATION}"), "{written}");
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
}
