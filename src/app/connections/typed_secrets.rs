//! Secrets that the user typed into the form of a connection. They are found when it is saved, so that the form can ask.

use feedscope_files::connections::{ReplacedSecret, SavedConnection, UsedVariables};
use feedscope_ui::FoundSecret;

use crate::cli::saved::variables_of;

/// Connection of a form with variables in place of the secrets that the user typed.
pub(super) struct TypedSecrets {
    pub(super) with_variables: SavedConnection,
    pub(super) typed: Vec<ReplacedSecret>,
}

impl TypedSecrets {
    /// Finds the secrets in the connection of a form. What stands in the file already was decided before, and is not one of
    /// them. `of_pane` are the values that the form shows as variables.
    pub(super) fn of(
        connection: &SavedConnection,
        in_file: Option<&SavedConnection>,
        of_pane: &[ReplacedSecret],
        mut used: UsedVariables,
    ) -> Self {
        let variables = variables_of(connection);
        for secret in of_pane {
            if variables.contains(&secret.variable) {
                used.add(&secret.variable, Some(&secret.value));
            }
        }
        let mut with_variables = connection.clone();
        let found = with_variables.replace_secrets_among(&mut used);
        let in_file = in_file.map(|saved| saved.clone().replace_secrets());
        let in_file = in_file.unwrap_or_default();
        let (kept, typed): (Vec<_>, Vec<_>) = found.into_iter().partition(|secret| {
            let mut known = in_file.iter();
            known.any(|known| known.place == secret.place && known.value == secret.value)
        });
        for secret in kept {
            secret.write_into(&mut with_variables);
        }
        Self {
            with_variables,
            typed,
        }
    }
}

/// Returns a secret as the form shows it, without its value.
pub(super) fn found_secret(secret: &ReplacedSecret) -> FoundSecret {
    FoundSecret {
        place: secret.place.clone(),
        variable: secret.variable.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(headers: &[(&str, &str)]) -> SavedConnection {
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        SavedConnection {
            url: "https://a.test/?token=t0ken".to_owned(),
            headers: headers.iter().map(own).collect(),
            ..SavedConnection::default()
        }
    }

    #[test]
    fn what_stands_in_the_file_is_kept_and_what_was_typed_is_found() {
        let saved = connection(&[("X-Api-Key", "k")]);
        let form = connection(&[("X-Api-Key", "k"), ("Authorization", "Bearer s3cret")]);
        let found = TypedSecrets::of(&form, Some(&saved), &[], UsedVariables::default());
        let expected = [
            ("X-Api-Key", "k"),
            ("Authorization", "Bearer ${AUTHORIZATION_A_TEST}"),
        ];
        assert_eq!(found.with_variables, connection(&expected));
        assert_eq!(found.typed.len(), 1);
        assert_eq!(found.typed[0].value, "s3cret");
        // Another value at the same place is new.
        let changed = connection(&[("X-Api-Key", "other")]);
        let found = TypedSecrets::of(&changed, Some(&saved), &[], UsedVariables::default());
        assert_eq!(found.typed.len(), 1);
        assert_eq!(found.typed[0].place, "the header X-Api-Key");
    }

    #[test]
    fn a_typed_value_does_not_get_the_variable_of_another_value() {
        let of_pane = ReplacedSecret {
            place: "the header Authorization".to_owned(),
            variable: "AUTHORIZATION_A_TEST".to_owned(),
            value: "s3cret".to_owned(),
        };
        let form = connection(&[
            ("X-Copy", "${AUTHORIZATION_A_TEST}"),
            ("Authorization", "Bearer other"),
        ]);
        let saved = connection(&[]);
        let used = UsedVariables::default();
        let found = TypedSecrets::of(&form, Some(&saved), &[of_pane], used);
        assert_eq!(found.typed[0].variable, "AUTHORIZATION_A_TEST_2");
    }
}
