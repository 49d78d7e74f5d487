//! Button beside the advice on a failure, which carries the advice out.

use std::path::PathBuf;

use feedscope_core::connection::Advice;
use feedscope_core::feed::FeedSpec;
use url::Url;

use crate::options::OptionField;

/// Action that carries an advice out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cure {
    /// Opens the options at this field, with this text on the button.
    Options(&'static str, OptionField),
    /// Focuses the URL field.
    EditUrl,
    /// Connects to this URL, with this text on the button.
    Open(&'static str, Url),
}

impl Cure {
    /// Returns the text of the button.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Options(name, _) | Self::Open(name, _) => name,
            Self::EditUrl => "Edit the URL",
        }
    }
}

/// Returns the button for an advice about a feed that failed for this reason; `None` if nothing in the window can follow
/// the advice.
pub(crate) fn of(advice: Advice, spec: &FeedSpec, reason: &str) -> Option<Cure> {
    let url = &spec.url;
    let is_encrypted = matches!(url.scheme(), "https" | "wss");
    let is_web_socket = matches!(url.scheme(), "ws" | "wss");
    let open = |scheme: &str, name| {
        let mut url = url.clone();
        url.set_scheme(scheme).ok().map(|()| Cure::Open(name, url))
    };
    let options = |field| Some(Cure::Options("Options…", field));
    match advice {
        Advice::AddCredentials => Some(Cure::Options("Add a header…", OptionField::Headers)),
        Advice::CorrectOption => options(named_field(spec, reason)),
        Advice::CheckRequest => options(OptionField::Headers),
        Advice::TrustCertificate => options(OptionField::Certificates),
        Advice::ReplaceCertificate => options(OptionField::AnyCertificate),
        Advice::GiveClientCertificate => options(OptionField::ClientCertificate),
        Advice::CheckProxy | Advice::AddProxyCredentials => options(OptionField::Proxy),
        Advice::RaiseResponseTimeout => options(OptionField::ResponseTimeout),
        Advice::ChooseFormat => options(OptionField::Format),
        Advice::RaiseMaxMessage => options(OptionField::LongestMessage),
        Advice::CheckAddress
        | Advice::CheckPort
        | Advice::CheckPath
        | Advice::UseNameInCertificate => Some(Cure::EditUrl),
        Advice::OpenAsHttp if is_encrypted => open("https", "Open as https://"),
        Advice::OpenAsWebSocket if is_encrypted => open("wss", "Open as wss://"),
        Advice::OpenAsWebSocket => open("ws", "Open as ws://"),
        Advice::UseTls if is_web_socket => open("wss", "Open as wss://"),
        Advice::UseTls => open("https", "Open as https://"),
        Advice::LeaveTlsOut if is_web_socket => open("ws", "Open as ws://"),
        Advice::OpenAsHttp | Advice::LeaveTlsOut => open("http", "Open as http://"),
        Advice::OpenRedirectTarget
        | Advice::CheckMessages
        | Advice::CheckClock
        | Advice::SendShorterMessages
        | Advice::Wait
        | Advice::ReadServerLog => None,
    }
}

/// Returns the field of the option that a reason names.
fn named_field(spec: &FeedSpec, reason: &str) -> OptionField {
    let names = |path: &Option<PathBuf>| {
        let path = path.as_ref().map(|path| path.display().to_string());
        path.is_some_and(|path| reason.contains(&path))
    };
    let transport = &spec.transport;
    if names(&transport.ca_file)
        || reason.contains("trusted certificates")
        || reason.contains("file of authorities")
    {
        OptionField::Certificates
    } else if names(&transport.client_certificate)
        || names(&transport.client_key)
        || reason.contains("client certificate")
    {
        OptionField::ClientCertificate
    } else if transport.proxy.is_some() && reason.contains("proxy") {
        OptionField::Proxy
    } else {
        OptionField::Headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(url: &str) -> FeedSpec {
        FeedSpec::new(Url::parse(url).unwrap())
    }

    #[test]
    fn another_scheme_keeps_the_rest_of_the_url() {
        for (advice, from, to) in [
            (Advice::OpenAsHttp, "ws://h:1/a?b=c", "http://h:1/a?b=c"),
            (Advice::OpenAsHttp, "wss://h/a", "https://h/a"),
            (Advice::OpenAsWebSocket, "http://h/a", "ws://h/a"),
            (Advice::UseTls, "ws://h/a", "wss://h/a"),
            (Advice::LeaveTlsOut, "https://h:8443/", "http://h:8443/"),
        ] {
            let cure = of(advice, &spec(from), "");
            let Some(Cure::Open(name, url)) = cure else {
                panic!("{cure:?}");
            };
            assert_eq!(url.as_str(), to);
            assert!(name.ends_with(&format!("{}://", url.scheme())), "{name}");
        }
        assert_eq!(of(Advice::Wait, &spec("http://h/"), ""), None);
    }

    #[test]
    fn the_options_open_at_the_field_that_the_reason_names() {
        let mut spec = spec("https://h/");
        spec.transport.ca_file = Some("/etc/none.pem".into());
        spec.transport.client_certificate = Some("me.pem".into());
        for (reason, field) in [
            (
                "/etc/none.pem cannot be read (no such file)",
                OptionField::Certificates,
            ),
            (
                "there is no certificate (PEM) in the file of authorities",
                OptionField::Certificates,
            ),
            (
                "me.pem cannot be read (no such file)",
                OptionField::ClientCertificate,
            ),
            (
                "the client certificate and its key cannot be read (there is no private key)",
                OptionField::ClientCertificate,
            ),
            ("\"X-Ü\" is no name for a header", OptionField::Headers),
        ] {
            let cure = of(Advice::CorrectOption, &spec, reason);
            assert_eq!(cure, Some(Cure::Options("Options…", field)), "{reason}");
        }
    }
}
