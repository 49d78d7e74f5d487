//! Division of bytes into pieces. It does not select the positions.

/// Returns the bytes in pieces that end at these positions, in any order, and at the end.
pub(crate) fn cut_at(bytes: &[u8], places: impl IntoIterator<Item = usize>) -> Vec<&[u8]> {
    let mut ends: Vec<_> = places.into_iter().collect();
    ends.push(bytes.len());
    ends.sort_unstable();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts
        .zip(&ends)
        .map(|(start, &end)| &bytes[start..end])
        .collect()
}
