//! Fuzz target for answers of any text to any offer of compression. Nothing panics, a refused answer has an error text,
//! and an agreement is parsed equally after it was written.

#![no_main]

use arbitrary::Arbitrary;
use feedscope_core::decode::{ClientWindow, DeflateOffer, WindowBits, expect_no_extension};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: u8,
    client_max_window_bits: u8,
    /// Values of the headers, one in each line.
    answer: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let offer = DeflateOffer {
        server_no_context_takeover: input.server_no_context_takeover,
        client_no_context_takeover: input.client_no_context_takeover,
        server_max_window_bits: WindowBits::new(input.server_max_window_bits),
        client_max_window_bits: match (
            input.client_max_window_bits,
            WindowBits::new(input.client_max_window_bits),
        ) {
            (_, Some(bits)) => ClientWindow::AtMost(bits),
            (0, None) => ClientWindow::NotOffered,
            (_, None) => ClientWindow::Offered,
        },
    };
    match offer.agree(input.answer.lines()) {
        Ok(None) => assert_eq!(expect_no_extension(input.answer.lines()), Ok(())),
        Ok(Some(agreement)) => {
            let written = agreement.to_string();
            let read = DeflateOffer::default().agree([written.as_str()]);
            assert_eq!(read, Ok(Some(agreement)));
            assert!(expect_no_extension(input.answer.lines()).is_err());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Err(error) = expect_no_extension(input.answer.lines()) {
        assert!(!error.to_string().is_empty());
    }
});
