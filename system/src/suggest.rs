//! "Did you mean": the known word nearest to what was written.

/// The known word that the user most likely meant, if any is near enough.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A third of the word may be wrong: `devise` finds `device`, `ram` does not find `cpu`.
    let limit = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(written, word), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// "did you mean `x`?", or else the list of what is known.
pub(crate) fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    match nearest(written, known.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => {
            let all: Vec<&str> = known.into_iter().collect();
            match all.as_slice() {
                [] => "there are none to choose from".to_owned(),
                words => format!("one of: {}", words.join(", ")),
            }
        }
    }
}

/// Levenshtein distance, in characters, of lower-case text with `-` as `_`.
fn distance(a: &str, b: &str) -> usize {
    let normal = |c: char| {
        if c == '-' {
            '_'
        } else {
            c.to_ascii_lowercase()
        }
    };
    let b: Vec<char> = b.chars().map(normal).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().map(normal).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (above, cb) in row.iter_mut().skip(1).zip(&b) {
            let cost = (diagonal + usize::from(ca != *cb))
                .min(left + 1)
                .min(*above + 1);
            diagonal = std::mem::replace(above, cost);
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_near() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(nearest("devise", ["device", "cores"]), Some("device"));
        assert_eq!(
            nearest("non-secure", ["secure", "non_secure"]),
            Some("non_secure")
        );
        assert_eq!(nearest("ram", ["cpu", "image"]), None);
        assert_eq!(did_you_mean("x9", ["alpha", "beta"]), "one of: alpha, beta");
    }
}
