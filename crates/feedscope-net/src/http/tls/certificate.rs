//! Parsing of certificates for two purposes: to trust one that the user named, and to explain why another one was
//! refused.

use std::net::IpAddr;

use feedscope_core::connection::CertificateProblem;
use feedscope_core::time::Timestamp;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ExtendedKeyUsage;
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

/// Lengths in bits of RSA keys whose signatures can be verified.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Verifies the dates and the names of a certificate that the user trusts as it is.
pub(super) fn verify_named(
    der: &CertificateDer<'_>,
    server: &ServerName<'_>,
    now: UnixTime,
) -> Result<(), Error> {
    // This also refuses versions whose signatures could not be verified later.
    let parsed = ParsedCertificate::try_from(der)?;
    let certificate = read(der).ok_or(CertificateError::BadEncoding)?;
    let (not_before, not_after) = validity(&certificate);
    if now.as_secs() < not_before.as_secs() {
        let time = now;
        return Err(CertificateError::NotValidYetContext { time, not_before }.into());
    }
    if now.as_secs() > not_after.as_secs() {
        let time = now;
        return Err(CertificateError::ExpiredContext { time, not_after }.into());
    }
    // The library ignores the common name, which is accepted for a certificate that the user trusts.
    match verify_server_name(&parsed, server) {
        Err(_) if is_common_name(&certificate, server) => Ok(()),
        result => result,
    }
}

/// Returns the reason for which the first certificate of `chain` was refused: its kind, and a sentence about the
/// certificate.
pub(crate) fn why_refused(
    error: &CertificateError,
    chain: &[CertificateDer<'_>],
) -> (CertificateProblem, String) {
    let sentence = sentence(error, chain);
    let problem = match error {
        _ if sentence == SELF_SIGNED => CertificateProblem::Unknown,
        CertificateError::UnknownIssuer => CertificateProblem::Unknown,
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => CertificateProblem::Dates,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateProblem::Name
        }
        _ => CertificateProblem::Other,
    };
    (problem, sentence)
}

fn sentence(error: &CertificateError, chain: &[CertificateDer<'_>]) -> String {
    let chain: Vec<X509Certificate<'_>> = chain.iter().map_while(|der| read(der)).collect();
    let own = chain.first();
    match error {
        CertificateError::UnknownIssuer if own.is_some_and(is_self_signed) => {
            SELF_SIGNED.to_owned()
        }
        CertificateError::UnknownIssuer => "no authority known here has signed it".to_owned(),
        CertificateError::Expired => "it has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("it expired on {}", day(*not_after))
        }
        CertificateError::NotValidYet => "it is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("it is not valid before {}", day(*not_before))
        }
        CertificateError::Revoked => "it was revoked".to_owned(),
        CertificateError::NotValidForName => "it is made out to another name".to_owned(),
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => other_name(&expected.to_str(), presented, own),
        CertificateError::BadSignature => {
            unusable_key(&chain).unwrap_or_else(|| "its signature is wrong".to_owned())
        }
        CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id,
            ..
        } => unsupported_signature(signature_algorithm_id, &chain),
        CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            unusable_key(&chain)
                .unwrap_or_else(|| "its signature does not fit the key that made it".to_owned())
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            purpose(own)
        }
        CertificateError::BadEncoding => "it is damaged".to_owned(),
        CertificateError::UnhandledCriticalExtension => UNKNOWN_EXTENSION.to_owned(),
        CertificateError::Other(other) => by_name(&other.0.to_string(), own),
        other => other.to_string(),
    }
}

const SELF_SIGNED: &str = "it is self-signed and not among the trusted certificates";
const UNKNOWN_EXTENSION: &str = "it has a critical extension that is not supported";

/// Returns the sentence for an error for which the system's verifier provides only a name.
fn by_name(name: &str, own: Option<&X509Certificate<'_>>) -> String {
    match name {
        // `openssl req -x509` marks its certificates as an authority's by default.
        "CaUsedAsEndEntity" if own.is_some_and(is_self_signed) => SELF_SIGNED.to_owned(),
        "CaUsedAsEndEntity" => "it belongs to an authority, not to a server".to_owned(),
        "EndEntityUsedAsCa" => "a certificate in its chain may not sign others".to_owned(),
        "NameConstraintViolation" => "its authority may not sign for this name".to_owned(),
        "PathLenConstraintViolated" => {
            "its chain of authorities is longer than they allow".to_owned()
        }
        "UnsupportedCertVersion" => {
            "it is an X.509 certificate of version 1, and only version 3 is supported".to_owned()
        }
        "UnsupportedCriticalExtension" => UNKNOWN_EXTENSION.to_owned(),
        // The system's verifier uses these words for a purpose that does not match.
        "certificate had invalid extensions" => purpose(own),
        other => format!("it breaks a rule for certificates ({other})"),
    }
}

fn read<'a>(der: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(certificate)
}

fn validity(certificate: &X509Certificate<'_>) -> (UnixTime, UnixTime) {
    let time = |seconds: i64| {
        // A date before 1970 is as good as 1970 here.
        let since = std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        UnixTime::since_unix_epoch(since)
    };
    let validity = certificate.validity();
    (
        time(validity.not_before.timestamp()),
        time(validity.not_after.timestamp()),
    )
}

/// Returns true if the certificate was signed with its own key. Equal names do not prove that, because many authorities
/// have the same name as the certificates that they sign.
fn is_self_signed(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
        && certificate.verify_signature(None).is_ok()
}

fn common_name<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a str> {
    certificate
        .subject()
        .iter_common_name()
        .next()?
        .as_str()
        .ok()
}

/// Returns true if the certificate has no alternative names and its common name is the server's.
fn is_common_name(certificate: &X509Certificate<'_>, server: &ServerName<'_>) -> bool {
    if has_alternative_names(certificate) {
        return false;
    }
    let Some(name) = common_name(certificate) else {
        return false;
    };
    match server {
        ServerName::DnsName(server) => {
            let server = server.as_ref();
            let under_wildcard = || {
                let domain = name.strip_prefix("*.")?;
                let (_, rest) = server.split_once('.')?;
                Some(rest.eq_ignore_ascii_case(domain))
            };
            server.eq_ignore_ascii_case(name) || under_wildcard() == Some(true)
        }
        ServerName::IpAddress(server) => name.parse() == Ok(IpAddr::from(*server)),
        _ => false,
    }
}

/// Returns true if the certificate has alternative names. An extension that cannot be parsed counts as present.
fn has_alternative_names(certificate: &X509Certificate<'_>) -> bool {
    !matches!(certificate.subject_alternative_name(), Ok(None))
}

fn other_name(expected: &str, presented: &[String], own: Option<&X509Certificate<'_>>) -> String {
    if let Some(own) = own
        && !has_alternative_names(own)
        && let Some(name) = common_name(own)
    {
        return format!(
            "it names {name} only as its common name, which no longer counts; it needs a subject alternative name"
        );
    }
    format!("it is made out to {}, not to {expected}", names(presented))
}

/// Returns the names in a certificate without the notation of the TLS library (`DnsName("a.example")`,
/// `IpAddress(127.0.0.1)`).
fn names(presented: &[String]) -> String {
    let bare = |name: &String| {
        let inside = name.split_once('(').map_or(name.as_str(), |(_, rest)| rest);
        inside.trim_end_matches(')').trim_matches('"').to_owned()
    };
    match presented.iter().map(bare).collect::<Vec<_>>() {
        names if names.is_empty() => "no name".to_owned(),
        names => names.join(" and "),
    }
}

/// Returns a sentence about the first key in the chain whose signatures cannot be verified; `None` if all can be
/// verified.
fn unusable_key(chain: &[X509Certificate<'_>]) -> Option<String> {
    chain.iter().enumerate().find_map(|(index, certificate)| {
        let why = key_problem(certificate)?;
        Some(match index {
            0 => format!("its key {why}"),
            _ => format!("the key of an authority in its chain {why}"),
        })
    })
}

/// Returns the reason for which signatures of this certificate's key cannot be verified, as the continuation of "its
/// key".
fn key_problem(certificate: &X509Certificate<'_>) -> Option<String> {
    let key = certificate.public_key();
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let digits: Vec<_> = rsa.modulus.iter().skip_while(|&&byte| byte == 0).collect();
            // The length of the key is the number of bits without leading zeros.
            let unused = digits.first().map_or(0, |byte| byte.leading_zeros());
            let bits = digits.len() * 8 - unused as usize;
            (!RSA_BITS.contains(&bits)).then(|| {
                let long = if bits < *RSA_BITS.start() {
                    "short"
                } else {
                    "long"
                };
                format!("has {bits} bits, which is too {long}: RSA needs 2048 to 8192")
            })
        }
        Ok(PublicKey::EC(_)) => {
            let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
            let name = match curve.to_id_string().as_str() {
                "1.2.840.10045.3.1.7" | "1.3.132.0.34" => return None,
                "1.3.132.0.35" => "P-521".to_owned(),
                "1.3.132.0.10" => "secp256k1".to_owned(),
                other => other.to_owned(),
            };
            Some(format!(
                "is on the curve {name}, which is not supported: P-256 and P-384 are"
            ))
        }
        Ok(PublicKey::DSA(_)) => Some("is a DSA key, which is not supported".to_owned()),
        _ => None,
    }
}

/// Returns a sentence about a signature algorithm that is not supported. `algorithm` is its identifier in DER without
/// the sequence around it: the number, and any parameters.
fn unsupported_signature(algorithm: &[u8], chain: &[X509Certificate<'_>]) -> String {
    let Ok((_, number)) = Oid::from_der(algorithm) else {
        return "it is signed in a way that is not supported".to_owned();
    };
    let signed = chain
        .iter()
        .position(|certificate| certificate.signature_algorithm.algorithm == number);
    let what = match signed {
        Some(0) | None => "it",
        Some(_) => "a certificate in its chain",
    };
    let number = number.to_id_string();
    let outdated = match number.as_str() {
        "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.3.14.3.2.29" | "1.2.840.10040.4.3" => {
            Some("SHA-1")
        }
        "1.2.840.113549.1.1.4" => Some("MD5"),
        "1.2.840.113549.1.1.2" => Some("MD2"),
        _ => None,
    };
    if let Some(hash) = outdated {
        return format!("{what} is signed with {hash}, which is no longer accepted");
    }
    if let Some(why) = unusable_key(chain) {
        return why;
    }
    let name = match number.as_str() {
        "1.2.840.10045.4.3.4" => "ECDSA and SHA-512",
        "1.2.840.10045.4.3.1" => "ECDSA and SHA-224",
        "1.2.840.113549.1.1.14" => "RSA and SHA-224",
        "1.3.101.113" => "Ed448",
        other => {
            return format!("{what} is signed with the algorithm {other}, which is not supported");
        }
    };
    format!("{what} is signed with {name}, which is not supported")
}

/// Returns a sentence about the purposes of the certificate, none of which is a server's.
fn purpose(own: Option<&X509Certificate<'_>>) -> String {
    let usage = own.and_then(|own| own.extended_key_usage().ok().flatten());
    let Some(extension) = usage else {
        return "it is not made for servers".to_owned();
    };
    let ExtendedKeyUsage {
        client_auth,
        code_signing,
        email_protection,
        time_stamping,
        ocsp_signing,
        ..
    } = extension.value;
    let purposes: Vec<&str> = [
        (*client_auth, "clients"),
        (*code_signing, "the signing of code"),
        (*email_protection, "e-mail"),
        (*time_stamping, "time stamps"),
        (*ocsp_signing, "the status of certificates"),
    ]
    .into_iter()
    .filter_map(|(is_set, name)| is_set.then_some(name))
    .collect();
    if purposes.is_empty() {
        return "it is not made for servers".to_owned();
    }
    format!("it is made for {}, not for servers", purposes.join(" and "))
}

/// Returns the date in UTC.
fn day(time: UnixTime) -> String {
    let micros = i64::try_from(time.as_secs())
        .unwrap_or(i64::MAX)
        .saturating_mul(1_000_000);
    let written = Timestamp::from_micros(micros).to_rfc3339();
    String::from_utf8_lossy(&written[..10]).into_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::crypto;

    use super::*;

    /// Reads a certificate of `tests/certificates`.
    macro_rules! certificate {
        ($name:literal) => {
            CertificateDer::from_slice(include_bytes!(concat!(
                "../../../tests/certificates/",
                $name,
                ".der"
            )))
        };
    }

    /// Time at which all of them are valid.
    const NOW: UnixTime = at(1_800_000_000);

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
    }

    /// Returns the error of the verifier that most systems use.
    fn refused(der: &CertificateDer<'_>) -> CertificateError {
        let mut roots = RootCertStore::empty();
        roots.add(certificate!("authority")).unwrap();
        let provider = Arc::new(crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let server = ServerName::try_from("localhost").unwrap();
        let result = verifier
            .build()
            .unwrap()
            .verify_server_cert(der, &[], &server, &[], NOW);
        match result {
            Err(Error::InvalidCertificate(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refused_certificate_is_explained() {
        for (der, sentence) in [
            (
                certificate!("sha1"),
                "it is signed with SHA-1, which is no longer accepted",
            ),
            (
                certificate!("version-1"),
                "it is an X.509 certificate of version 1, and only version 3 is supported",
            ),
            (
                certificate!("clients"),
                "it is made for clients, not for servers",
            ),
            (
                certificate!("self-signed"),
                "it is self-signed and not among the trusted certificates",
            ),
            (
                certificate!("authority"),
                "it is self-signed and not among the trusted certificates",
            ),
        ] {
            let error = refused(&der);
            assert_eq!(why_refused(&error, &[der]).1, sentence, "{error:?}");
        }
    }

    #[test]
    fn the_kind_of_the_problem_decides_on_the_advice() {
        let time = NOW;
        for (error, problem) in [
            (CertificateError::UnknownIssuer, CertificateProblem::Unknown),
            (
                refused(&certificate!("authority")),
                CertificateProblem::Unknown,
            ),
            (
                CertificateError::ExpiredContext {
                    time,
                    not_after: time,
                },
                CertificateProblem::Dates,
            ),
            (CertificateError::NotValidForName, CertificateProblem::Name),
            (refused(&certificate!("sha1")), CertificateProblem::Other),
        ] {
            let chain = [certificate!("authority")];
            assert_eq!(why_refused(&error, &chain).0, problem, "{error:?}");
        }
    }

    #[test]
    fn a_key_whose_signatures_cannot_be_verified_is_described() {
        for (der, sentence) in [
            (
                certificate!("rsa-1024"),
                "its key has 1024 bits, which is too short: RSA needs 2048 to 8192",
            ),
            (
                certificate!("p-521"),
                "its key is on the curve P-521, which is not supported: P-256 and P-384 are",
            ),
            (
                certificate!("secp256k1"),
                "its key is on the curve secp256k1, which is not supported: P-256 and P-384 are",
            ),
            // This key is usable, so that the signature must be wrong.
            (certificate!("self-signed"), "its signature is wrong"),
        ] {
            // The authority's signature is valid. These errors occur when the server proves that it has the key.
            assert_eq!(
                why_refused(&CertificateError::BadSignature, &[der]).1,
                sentence
            );
        }
        let chain = [certificate!("self-signed"), certificate!("rsa-1024")];
        assert_eq!(
            why_refused(&CertificateError::BadSignature, &chain).1,
            "the key of an authority in its chain has 1024 bits, which is too short: RSA needs 2048 to 8192"
        );
    }

    #[test]
    fn a_common_name_that_does_not_count_is_named() {
        let error = CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("localhost").unwrap(),
            presented: vec![],
        };
        assert_eq!(
            why_refused(&error, &[certificate!("common-name")]).1,
            "it names localhost only as its common name, which no longer counts; it needs a subject alternative name"
        );
        assert_eq!(
            why_refused(&error, &[]).1,
            "it is made out to no name, not to localhost"
        );
    }

    fn named(der: &CertificateDer<'_>, server: &str, now: UnixTime) -> Result<(), String> {
        let server = ServerName::try_from(server).unwrap();
        verify_named(der, &server, now).map_err(|error| match error {
            Error::InvalidCertificate(error) => why_refused(&error, std::slice::from_ref(der)).1,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_named_certificate_is_trusted_for_its_names() {
        let own = certificate!("self-signed");
        for server in ["localhost", "a.feeds.test", "127.0.0.1"] {
            assert_eq!(named(&own, server, NOW), Ok(()), "{server}");
        }
        for server in ["feeds.test", "a.b.feeds.test", "127.0.0.2", "::1"] {
            let refused = named(&own, server, NOW).unwrap_err();
            assert!(
                refused.starts_with("it is made out to localhost"),
                "{refused}"
            );
        }
        // Without alternative names the common name counts, as in curl.
        let own = certificate!("common-name");
        assert_eq!(named(&own, "localhost", NOW), Ok(()));
        assert_eq!(named(&own, "LOCALHOST", NOW), Ok(()));
        assert!(named(&own, "a.localhost", NOW).is_err());
        assert!(named(&own, "127.0.0.1", NOW).is_err());
    }

    #[test]
    fn the_dates_of_a_named_certificate_count() {
        let own = certificate!("self-signed");
        let early = named(&own, "localhost", at(0)).unwrap_err();
        assert!(early.starts_with("it is not valid before 2026-"), "{early}");
        let late = named(&own, "localhost", at(10_000_000_000)).unwrap_err();
        assert!(late.starts_with("it expired on 2126-"), "{late}");
    }

    #[test]
    fn what_is_no_certificate_is_refused_without_a_panic() {
        for garbage in [&b""[..], b"x", b"\x30\x82\xff\xff"] {
            let garbage = CertificateDer::from_slice(garbage);
            let server = ServerName::try_from("localhost").unwrap();
            assert!(verify_named(&garbage, &server, NOW).is_err());
            let (problem, why) = why_refused(&CertificateError::BadEncoding, &[garbage]);
            assert_eq!(
                (problem, why.as_str()),
                (CertificateProblem::Other, "it is damaged")
            );
        }
    }
}
