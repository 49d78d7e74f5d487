//! Button beside the advice on a failure, which carries the advice out.

use feedscope_core::connection::Advice;
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

/// Returns the button for an advice about this URL; `None` if nothing in the window can follow the advice.
pub(crate) fn of(advice: Advice, url: &Url) -> Option<Cure> {
    let is_encrypted = matches!(url.scheme(), "https" | "wss");
    let is_web_socket = matches!(url.scheme(), "ws" | "wss");
    let open = |scheme: &str, name| {
        let mut url = url.clone();
        url.set_scheme(scheme).ok().map(|()| Cure::Open(name, url))
    };
    let options = |field| Some(Cure::Options("Options…", field));
    match advice {
        Advice::AddCredentials => Some(Cure::Options("Add a header…", OptionField::Headers)),
        Advice::CorrectOption | Advice::CheckRequest => options(OptionField::Headers),
        Advice::TrustCertificate => options(OptionField::Certificates),
        Advice::ReplaceCertificate => options(OptionField::AnyCertificate),
        Advice::GiveClientCertificate => options(OptionField::ClientCertificate),
        Advice::CheckProxy | Advice::AddProxyCredentials => options(OptionField::Proxy),
        Advice::RaiseResponseTimeout => options(OptionField::ResponseTimeout),
        Advice::ReadLines => options(OptionField::Format),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_scheme_keeps_the_rest_of_the_url() {
        for (advice, from, to) in [
            (Advice::OpenAsHttp, "ws://h:1/a?b=c", "http://h:1/a?b=c"),
            (Advice::OpenAsHttp, "wss://h/a", "https://h/a"),
            (Advice::OpenAsWebSocket, "http://h/a", "ws://h/a"),
            (Advice::UseTls, "ws://h/a", "wss://h/a"),
            (Advice::LeaveTlsOut, "https://h:8443/", "http://h:8443/"),
        ] {
            let cure = of(advice, &Url::parse(from).unwrap());
            let Some(Cure::Open(name, url)) = cure else {
                panic!("{cure:?}");
            };
            assert_eq!(url.as_str(), to);
            assert!(name.ends_with(&format!("{}://", url.scheme())), "{name}");
        }
        let url = Url::parse("http://h/").unwrap();
        assert_eq!(of(Advice::Wait, &url), None);
    }
}
