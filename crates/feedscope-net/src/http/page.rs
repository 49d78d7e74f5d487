//! Web pages in place of a feed: their titles, which name the error or the login that a proxy or a server shows.

/// Returns the title of a page in one line, or `None` if the text contains no whole title.
pub(super) fn title(page: &str) -> Option<String> {
    let start = find(page, "<title")?;
    let after = &page[start..];
    let text = &after[after.find('>')? + 1..];
    let text = &text[..find(text, "</title")?];
    let words: Vec<&str> = text.split_whitespace().collect();
    let title = decoded(&words.join(" "));
    (!title.is_empty()).then_some(title)
}

/// Finds a part of a tag, in upper or lower case.
fn find(page: &str, part: &str) -> Option<usize> {
    let part = part.as_bytes();
    let mut windows = page.as_bytes().windows(part.len());
    windows.position(|window| window.eq_ignore_ascii_case(part))
}

/// Replaces the character references that titles contain. An unknown one stays as it is written.
fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest[1..].split_once(';');
        let known = reference.and_then(|(name, after)| Some((character(name)?, after)));
        if let Some((character, after)) = known {
            decoded.push(character);
            rest = after;
        } else {
            decoded.push('&');
            rest = &rest[1..];
        }
    }
    decoded.push_str(rest);
    decoded
}

/// Returns the character that a reference stands for.
fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "middot" => '·',
        "hellip" => '…',
        "copy" => '©',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| !character.is_control())?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_text() {
        for (page, expected) in [
            ("<html><head><title>Sign in</title>", Some("Sign in")),
            (
                "<!DOCTYPE html>\n<TITLE lang=\"en\">\n 502 Bad\n   Gateway </TITLE>",
                Some("502 Bad Gateway"),
            ),
            (
                "<title>A &amp; B &#8211; &#x41;&nbsp;&lt;c&gt; &unknown; &</title>",
                Some("A & B – A <c> &unknown; &"),
            ),
            (
                "<title>&#0;&#27;x&#1114112;</title>",
                Some("&#0;&#27;x&#1114112;"),
            ),
            ("<title>not ended", None),
            ("<title></title>", None),
            ("<titl", None),
            ("", None),
        ] {
            assert_eq!(title(page).as_deref(), expected, "{page}");
        }
    }
}
