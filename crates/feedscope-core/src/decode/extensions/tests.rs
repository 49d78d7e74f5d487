//! Tests of the agreement on the compression of messages.

use super::*;

fn bits(bits: u8) -> WindowBits {
    WindowBits::new(bits).unwrap()
}

fn all_offered() -> DeflateOffer {
    DeflateOffer {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: Some(bits(10)),
        client_max_window_bits: ClientWindow::AtMost(bits(12)),
    }
}

fn none_offered() -> DeflateOffer {
    DeflateOffer {
        client_max_window_bits: ClientWindow::NotOffered,
        ..DeflateOffer::default()
    }
}

fn agree(offer: DeflateOffer, answer: &str) -> Result<Option<DeflateAgreement>, ExtensionError> {
    offer.agree([answer])
}

/// Returns the agreement as text, or the sentence of the error.
fn outcome(offer: DeflateOffer, answer: &str) -> String {
    match agree(offer, answer) {
        Ok(Some(agreement)) => agreement.to_string(),
        Ok(None) => "nothing".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_offer_is_written_with_its_parameters() {
    for (offer, expected) in [
        (none_offered(), "permessage-deflate"),
        (
            DeflateOffer::default(),
            "permessage-deflate; client_max_window_bits",
        ),
        (
            all_offered(),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=10; client_max_window_bits=12",
        ),
    ] {
        assert_eq!(offer.to_string(), expected);
    }
}

#[test]
fn an_answer_that_fits_its_offer_is_agreed_on() {
    let complete = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                    server_max_window_bits=9; client_max_window_bits=8";
    for (offer, answer, expected) in [
        (none_offered(), "permessage-deflate", "permessage-deflate"),
        (
            DeflateOffer::default(),
            "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
            "permessage-deflate",
        ),
        (all_offered(), complete, complete),
        (DeflateOffer::default(), complete, complete),
        // RFC 7692 7.1.1.2, 7.1.2.1: a server may answer these without an offer.
        (
            none_offered(),
            "permessage-deflate; client_no_context_takeover; server_max_window_bits=8",
            "permessage-deflate; client_no_context_takeover; server_max_window_bits=8",
        ),
        // The client's announcement applies without an answer.
        (
            all_offered(),
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=10; client_max_window_bits=12",
        ),
        (
            DeflateOffer::default(),
            " permessage-deflate ; client_max_window_bits = \"11\"",
            "permessage-deflate; client_max_window_bits=11",
        ),
    ] {
        assert_eq!(outcome(offer, answer), expected, "{answer}");
    }
}

#[test]
fn every_window_is_read_and_written() {
    for size in 8..=15 {
        let answer = format!("permessage-deflate; server_max_window_bits={size}");
        let agreement = agree(none_offered(), &answer).unwrap().unwrap();
        assert_eq!(agreement.max_window_bits(Role::Server), bits(size));
        assert_eq!(agreement.max_window_bits(Role::Client), WindowBits::MAX);
    }
    assert_eq!(WindowBits::new(7), None);
    assert_eq!(WindowBits::new(16), None);
}

#[test]
fn a_server_may_decline() {
    assert_eq!(DeflateOffer::default().agree([]), Ok(None));
    assert_eq!(expect_no_extension([]), Ok(()));
}

#[test]
fn an_answer_that_does_not_fit_fails_and_says_why() {
    for (offer, answer, expected) in [
        (
            none_offered(),
            "",
            "Sec-WebSocket-Extensions cannot be read: \"\"",
        ),
        (
            none_offered(),
            "permessage-deflate;",
            "Sec-WebSocket-Extensions cannot be read: \"permessage-deflate;\"",
        ),
        (
            none_offered(),
            "x-webkit-deflate-frame",
            "the server chose the extension x-webkit-deflate-frame, which was not offered",
        ),
        (
            none_offered(),
            "permessage-deflate, permessage-bzip2",
            "the server chose the extension permessage-bzip2, which was not offered",
        ),
        (
            none_offered(),
            "Permessage-Deflate",
            "the server chose the extension Permessage-Deflate, which was not offered",
        ),
        (
            none_offered(),
            "permessage-deflate, permessage-deflate",
            "the server chose permessage-deflate more than once",
        ),
        (
            none_offered(),
            "permessage-deflate; window=15",
            "permessage-deflate has no parameter window",
        ),
        (
            none_offered(),
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            "permessage-deflate has the parameter client_no_context_takeover more than once",
        ),
        (
            none_offered(),
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
            "permessage-deflate has the parameter server_max_window_bits more than once",
        ),
        (
            none_offered(),
            "permessage-deflate; client_max_window_bits=15",
            "the server chose client_max_window_bits, which was not offered",
        ),
        (
            all_offered(),
            "permessage-deflate; server_max_window_bits=10",
            "the server chose permessage-deflate without server_no_context_takeover, which was part of the offer",
        ),
        (
            all_offered(),
            "permessage-deflate; server_no_context_takeover",
            "the server chose permessage-deflate without server_max_window_bits, which was part of the offer",
        ),
        (
            all_offered(),
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=11",
            "server_max_window_bits is 11, larger than the 10 that were offered",
        ),
        (
            all_offered(),
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits=13",
            "client_max_window_bits is 13, larger than the 12 that were offered",
        ),
        (
            none_offered(),
            "permessage-deflate; server_max_window_bits",
            "server_max_window_bits has no value",
        ),
        (
            DeflateOffer::default(),
            "permessage-deflate; client_max_window_bits",
            "client_max_window_bits has no value",
        ),
        (
            none_offered(),
            "permessage-deflate; server_no_context_takeover=true",
            "server_no_context_takeover has a value that it cannot have: \"true\"",
        ),
    ] {
        assert_eq!(outcome(offer, answer), expected, "{answer}");
    }
}

#[test]
fn a_window_is_a_number_from_8_to_15_without_leading_zeros() {
    for value in [
        "7",
        "16",
        "0",
        "08",
        "015",
        "+9",
        "-9",
        "9.0",
        "1e1",
        "x",
        "256",
        "999999999999",
    ] {
        let answer = format!("permessage-deflate; server_max_window_bits={value}");
        let error = ExtensionError::Value {
            parameter: "server_max_window_bits",
            value: value.to_owned(),
        };
        assert_eq!(agree(none_offered(), &answer), Err(error), "{value}");
    }
}

#[test]
fn several_headers_are_read_as_one() {
    let twice = ["permessage-deflate", "permessage-deflate"];
    assert_eq!(
        DeflateOffer::default().agree(twice),
        Err(ExtensionError::Repeated)
    );
    let chosen = expect_no_extension(["permessage-deflate"]);
    assert_eq!(
        chosen.unwrap_err().to_string(),
        "the server chose the extension permessage-deflate, which was not offered"
    );
}
