//! Secrets from the keyring of the system, for `${keyring:NAME}`: on Linux the Secret Service, which GNOME's keyring,
//! `KWallet` and `KeePassXC` provide. Nothing is written to it.

/// Returns the secret of the entry with the service `feedscope` and the user `entry`, or a sentence that gives the
/// reason why there is none.
///
/// It waits for the user while the desktop asks for the password of a locked keyring, at most two minutes.
pub(crate) fn secret(entry: &str) -> Result<String, String> {
    platform::secret(entry)
        .map_err(|problem| format!("`${{keyring:{entry}}}` cannot be read: {problem}"))
}

#[cfg(target_os = "linux")]
mod platform {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use keyring_core::Error;
    use keyring_core::api::CredentialStoreApi as _;
    use secret_service::Error as ServiceError;
    use zbus_secret_service_keyring_store::Store;

    /// Value of the attribute `service` of all of Feedscope's entries.
    const SERVICE: &str = "feedscope";

    /// Time in which the keyring must answer, including the time in which the user types its password.
    const LIMIT: Duration = Duration::from_mins(2);

    pub(super) fn secret(entry: &str) -> Result<String, String> {
        let (answered, answer) = mpsc::sync_channel(1);
        let user = entry.to_owned();
        // A keyring that does not answer would block this thread for good.
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || answered.send(read(&user)))
            .map_err(|_error| "the system gives no further thread".to_owned())?;
        match answer.recv_timeout(LIMIT) {
            Ok(read) => read.map_err(|error| sentence(&error, entry)),
            Err(_) => Err("the keyring did not answer within two minutes".to_owned()),
        }
    }

    fn read(user: &str) -> Result<String, Error> {
        let store = Store::new()?;
        store.build(SERVICE, user, None)?.get_password()
    }

    /// Returns the reason as a sentence, with what the user can do about it.
    fn sentence(error: &Error, entry: &str) -> String {
        match error {
            Error::NoEntry => format!(
                "the keyring has no such entry; `secret-tool store --label 'Feedscope {entry}' service {SERVICE} \
                 username {entry}` creates it"
            ),
            Error::Ambiguous(entries) => format!(
                "the keyring has {} entries with the service `{SERVICE}` and the user `{entry}`; delete all but one",
                entries.len()
            ),
            Error::BadEncoding(_) => "the entry is not UTF-8 text".to_owned(),
            Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => {
                match cause.downcast_ref() {
                    Some(cause) => of_service(cause),
                    None => "the keyring failed without a reason that is known".to_owned(),
                }
            }
            _ => "the keyring refused the request".to_owned(),
        }
    }

    fn of_service(error: &ServiceError) -> String {
        match error {
            _ if is_without_session(error) => {
                "there is no D-Bus session here, as in a shell over SSH or in a service; use a variable of the \
                 environment there"
            }
            ServiceError::Locked | ServiceError::Prompt => {
                "the keyring is locked, and nobody gave its password; unlock it in the program for passwords of the \
                 desktop (Passwords and Keys, KWalletManager or KeePassXC) and try again, or use a variable of the \
                 environment where there is no desktop"
            }
            ServiceError::PromptDisconnected => {
                "the keyring ended while it asked for its password"
            }
            ServiceError::NoResult => {
                "the keyring has no default collection, or only one that ends with the session"
            }
            // The names of errors are part of the D-Bus specification, the texts are not.
            ServiceError::Zbus(_) | ServiceError::ZbusFdo(_)
                if error.to_string().contains("ServiceUnknown")
                    || error.to_string().contains("NameHasNoOwner") =>
            {
                "no program provides a keyring (org.freedesktop.secrets) in this session; GNOME's keyring, KWallet and \
                 KeePassXC do"
            }
            ServiceError::Zbus(_) | ServiceError::ZbusFdo(_) => {
                "the D-Bus session or the keyring behind it ended the request"
            }
            ServiceError::Crypto(_) | ServiceError::Zvariant(_) => {
                "the keyring sent an answer that cannot be read"
            }
            _ => "the keyring failed without a reason that is known",
        }
        .to_owned()
    }

    /// Returns true if no bus could be reached.
    fn is_without_session(error: &ServiceError) -> bool {
        matches!(
            error,
            ServiceError::Unavailable
                | ServiceError::Zbus(
                    zbus::Error::Address(_)
                        | zbus::Error::Connection(..)
                        | zbus::Error::InputOutput(_)
                )
        )
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn each_reason_has_a_sentence_of_its_own() {
            let of =
                |error: ServiceError| sentence(&Error::PlatformFailure(Box::new(error)), "desk");
            let sentences = [
                sentence(&Error::NoEntry, "desk"),
                sentence(&Error::Ambiguous(Vec::new()), "desk"),
                sentence(&Error::BadEncoding(Vec::new()), "desk"),
                of(ServiceError::Unavailable),
                of(ServiceError::Locked),
                of(ServiceError::NoResult),
            ];
            for (at, sentence) in sentences.iter().enumerate() {
                assert!(!sentences[..at].contains(sentence), "{sentence}");
                assert!(!sentence.contains("rror"), "{sentence}");
            }
            assert!(sentences[0].contains("secret-tool store"));
            assert_eq!(of(ServiceError::Prompt), of(ServiceError::Locked));
            assert!(of(ServiceError::Locked).contains("unlock it"));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    pub(super) fn secret(_entry: &str) -> Result<String, String> {
        Err(
            "Feedscope reads the keyring on Linux only; use a variable of the environment"
                .to_owned(),
        )
    }
}
